/** Devices: `curtilage device`. */

import { z } from 'zod'
import { errorOf } from '../../model/errors.js'
import type { Device } from '../../model/registry.js'
import { importDevices } from '../../registry/import-devices.js'
import { id, IMPORT_BYTES, imported, lines, page } from '../id-schemas.js'
import { answers, nothing, type Api } from '../route.js'
import type { Services } from '../services.js'

const params = z.strictObject({ device: id })
const password = z.string().max(256)
const certificateOnly = z.literal(true).optional().describe('Nobody gets a password: the device connects with a client certificate that names it.')
const shown = z.object({ device: z.string(), account: z.string(), addedMs: z.int(), addresses: z.int().describe('How many of its addresses are known, as fingerprints.') })
const withPassword = z.object({ device: z.string(), account: z.string(), password: z.string().optional().describe('Where one was made. Shown once.') })

const EITHER = 'a password, or certificateOnly, not both'

export function deviceRoutes (api: Api, { core }: Services): void {
  const { devices } = core.registry

  api.get('/v1/devices', {
    config: { access: 'read', audit: 'device.list' },
    schema: {
      summary: 'Devices of one account or of all, page by page',
      querystring: page.extend({ account: id.optional() }),
      response: answers(200, z.object({ devices: z.array(shown) }))
    }
  }, async ({ query: { account, after, limit } }) => ({
    devices: devices.page(account, after, limit).flatMap(device => devices.get(device) ?? []).map(show)
  }))

  api.post('/v1/devices', {
    config: { access: 'write', audit: 'device.add' },
    schema: {
      summary: 'Register a device',
      body: z.strictObject({ account: id, device: id, password: password.optional(), certificateOnly, mac: z.string().max(64).optional() }).refine(isEither, EITHER),
      response: answers(201, withPassword)
    }
  }, async ({ body: { account, device, password, certificateOnly, mac } }, reply) => {
    const added = await devices.add({ account, device, ...(password !== undefined && { password }), ...(mac !== undefined && { mac }) })
    return await reply.code(201).send({ account, device, ...((password ?? certificateOnly) === undefined && { password: added.password }) })
  })

  api.post('/v1/devices/:device/rotate', {
    config: { access: 'write', audit: 'device.rotate' },
    schema: {
      summary: 'A new password for a device',
      description: 'The one before is void, and connections made with it end.',
      params,
      body: z.strictObject({ password: password.optional(), certificateOnly }).refine(isEither, EITHER),
      response: answers(200, withPassword)
    }
  }, async ({ params: { device }, body: { password, certificateOnly } }) => {
    const rotated = await devices.rotate(device, password)
    return { account: devices.get(device)?.account ?? '', device, ...((password ?? certificateOnly) === undefined && { password: rotated.password }) }
  })

  api.delete('/v1/devices/:device', {
    config: { access: 'write', audit: 'device.remove' },
    schema: { summary: 'Take a device out of the registry', params, response: nothing }
  }, async ({ params: { device } }, reply) => {
    await devices.remove(device)
    return await reply.code(204).send()
  })

  api.post('/v1/devices/import', {
    bodyLimit: IMPORT_BYTES,
    config: { access: 'write', audit: 'device.import' },
    schema: {
      summary: 'Register many devices',
      description: 'Lines {"account","device","password?","mac?"}. Good lines go in, bad ones are listed.',
      body: lines,
      response: answers(200, imported.extend({ passwords: z.array(withPassword.required()).describe('Those that were made. Shown once.') }))
    }
  }, async ({ body, audited }) => {
    const passwords: { account: string, device: string, password: string }[] = []
    const result = await importDevices(devices, body.lines, {
      onPassword: (device, password) => passwords.push({ account: known(device).account, device, password })
    })
    audited.count = result.imported
    return { ...result, problems: [...result.problems], passwords }
  })

  function known (device: string): Device {
    const found = devices.get(device)
    if (found === undefined) throw errorOf('device-unknown')
    return found
  }
}

function isEither ({ password, certificateOnly }: { password?: string | undefined, certificateOnly?: true | undefined }): boolean {
  return password === undefined || certificateOnly === undefined
}

function show ({ device, account, addedMs, addresses }: Device) {
  return { device, account, addedMs, addresses: addresses.length }
}
