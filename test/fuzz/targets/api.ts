/**
 * The API: whatever a request holds, the answer is one of those that the API promises, and a problem never quotes it.
 *
 * An input is a request as text: `METHOD path`, headers a line each, an empty line, the body.
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApi } from '../../../src/console/api.js'
import { openCore } from '../../../src/core.js'
import { ERRORS } from '../../../src/model/errors.js'
import { byteMutators } from '../mutate-bytes.js'
import { mutateJson } from '../mutate-json.js'
import type { Mutator } from '../mutate-bytes.js'
import type { Opened, Target } from '../target.js'

/** Whatever an answer may not quote. */
const MARK = 'zqMarkqz'
const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'HEAD'] as const
const TOKEN = 'operator'
/** Where they say what is not so, the server of Node answers, not the API. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'expect', 'connection'])

export const api: Target = {
  name: 'api',
  sources: /\/src\/(console|registry|consent)\//,
  mutators: [...byteMutators([MARK, `"${MARK}"`, '"account":', '"device":', '"purpose":"marketing"', '"state":"granted"', '"regime":"opt-in"', '"lines":[', '"expires":', '/v1/accounts/', '/consents', '?at=', '&limit=', '&after=', '%2f', '%00', '%ff', '..', '\nx-forwarded-for: ', '\ncontent-length: 0', 'PATCH', 'DELETE']), inBody(mutateJson), inBody(mutateJson)],
  maxBytes: 4096,
  open: openApi
}

async function openApi (): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'curtilage-fuzz-'))
  const core = await openCore({ config: resolve('config'), data: join(folder, 'data') }, 'command')
  await core.registry.accounts.add({ account: 'A', regime: 'opt-in' })
  await core.registry.devices.add({ account: 'A', device: 'D', password: 'a password of more than twenty characters' })
  const instance = buildApi({ core, operator: TOKEN })
  return {
    attempt: async input => { await attempt(instance, input) },
    close: async () => {
      await instance.close()
      await core.close()
      rmSync(folder, { recursive: true })
    }
  }
}

async function attempt (instance: FastifyInstance, input: Uint8Array): Promise<void> {
  const { method, url, headers, body } = requestIn(input)
  const { statusCode, headers: answered, body: text } = await instance.inject({ method, url, headers: { ...headers, host: '127.0.0.1', authorization: `Bearer ${TOKEN}` }, ...(body !== '' && { payload: body }) })
  if (statusCode < 400) return
  assert.match(String(answered['content-type']), /^application\/problem\+json/, `status ${statusCode}`)
  const problem = JSON.parse(method === 'HEAD' ? '{}' : text) as { code?: string, status?: number }
  assert(problem.code === undefined || Object.hasOwn(ERRORS, problem.code), 'a code that no page knows')
  assert(statusCode < 500 || ['gateway-absent', 'store-write'].includes(problem.code ?? ''), `${statusCode} ${problem.code}`)
  assert(!text.includes(MARK), 'the answer quotes the request')
}

function requestIn (input: Uint8Array): { method: typeof METHODS[number], url: string, headers: Record<string, string>, body: string } {
  const [head = '', ...rest] = Buffer.from(input).toString('utf8').split('\n\n')
  const [first = '', ...lines] = head.split('\n')
  const [method = '', path = ''] = first.split(' ')
  // what no HTTP parser would hand on is not tried here
  const url = `/${path.replace(/^\/+/, '').replace(/[^\x21-\x7e]/g, '%C3%A9')}`
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w-]{1,40}): ([\x20-\x7e]*)$/.exec(line) ?? []
    if (name !== '' && !FRAMING.has(name.toLowerCase())) headers[name.toLowerCase()] = value
  }
  return { method: METHODS.find(known => known === method) ?? 'POST', url, headers, body: rest.join('\n\n') }
}

function inBody (mutate: Mutator): Mutator {
  return (input, other, random) => {
    const [at, otherAt] = [input, other].map(bytes => Buffer.from(bytes).indexOf('\n\n') + 2) as [number, number]
    return at < 2 ? input : Buffer.concat([input.subarray(0, at), mutate(input.subarray(at), other.subarray(otherAt), random)])
  }
}
