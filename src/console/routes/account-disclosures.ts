/** What was disclosed of an account, and its devices: for the console, `curtilage account disclosed`. */

import { z } from 'zod'
import { errorOf } from '../../model/errors.js'
import { accountParams, name, page } from '../id-schemas.js'
import { outboxOf } from '../outbox-of.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const day = z.iso.date().describe('A day in UTC, such as 2027-01-31.')
const counts = z.record(z.string(), z.int())

const disclosed = z.object({
  keptMs: z.int().describe('For how long counts are kept: limits.countRetention.'),
  days: z.array(z.object({
    recipient: z.string(),
    day: z.string(),
    disclosures: z.int(),
    reports: counts.describe('How many of each report.'),
    categories: counts.describe('How many held each category.')
  })).describe('By recipient, then by day; days without a disclosure are left out.')
})

const devices = z.object({ devices: z.array(z.object({ device: z.string(), addedMs: z.int(), hasKnownAddress: z.boolean().describe('A keyed fingerprint of an address of it is held.') })) })

export function accountDisclosureRoutes (api: Api, services: Services): void {
  const { core } = services
  const { accounts, devices: registered } = core.registry

  api.get('/v1/accounts/:account/disclosures', {
    config: { access: 'own-read', audit: 'account.disclosures' },
    schema: {
      summary: 'What was delivered of an account: counts by recipient, day, report and category',
      params: accountParams,
      querystring: z.strictObject({
        recipient: name.optional(),
        since: day.optional().describe('The first day; absent: all that is kept.'),
        until: day.optional().describe('The last day.')
      }),
      response: answers(200, disclosed)
    }
  }, async ({ params: { account }, query: { recipient, since = '', until = '9999' } }) => {
    demandKnown(account)
    // what arrived is counted then
    await outboxOf(services).checkpoint()
    const days = [...core.counts.of(account)].filter(one => (recipient === undefined || one.recipient === recipient) && one.day >= since && one.day <= until)
    return {
      keptMs: core.configuration.gateway.limits.countRetentionMs,
      days: days.map(({ recipient, day, reports, categories }) => ({ recipient, day, disclosures: Object.values(reports).reduce((sum, count) => sum + count, 0), reports: { ...reports }, categories: { ...categories } }))
    }
  })

  api.get('/v1/accounts/:account/devices', {
    config: { access: 'own-read', audit: 'device.list' },
    schema: { summary: 'Devices of an account, page by page', params: accountParams, querystring: page, response: answers(200, devices) }
  }, async ({ params: { account }, query: { after, limit } }) => {
    demandKnown(account)
    return {
      devices: registered.page(account, after, limit).flatMap(device => registered.get(device) ?? []).map(({ device, addedMs, addresses }) => ({ device, addedMs, hasKnownAddress: addresses.length > 0 }))
    }
  })

  function demandKnown (account: string): void {
    if (accounts.show(account) === undefined) throw errorOf('account-unknown')
  }
}
