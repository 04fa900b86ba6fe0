/**
 * How every command that works on data does it: through the API, so that there is one way in.
 *
 * Where a gateway runs on the data folder, its API is asked over HTTP with the token of `DATA/ops.token` (or of
 * `CURTILAGE_TOKEN`). Where none runs, the command takes the folder's lock, opens the store and asks the same API in this
 * process.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { CurtilageError, ERRORS, type ErrorCode } from '../model/errors.js'
import { lettersOf } from '../letters.js'
import { readLock, type LockHolder } from '../store/lock.js'
import { dataFolderOf } from './data-folder.js'
import type { DataOptions } from './options.js'
import { note } from './terminal.js'

const START_PATIENCE_MS = 5_000

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface ApiClient {
  /** A gateway runs on the folder. */
  readonly running: boolean
  /** The answer's body. Throws a CurtilageError with the code of the problem that the API tells. */
  call<T> (method: Method, path: string, body?: object): Promise<T>
  close (): Promise<void>
}

export interface OpenOptions {
  /** Make the data folder where there is none; only a command that adds something does. */
  readonly create: boolean
}

/** Opens the API of a data folder for the time of `work`. */
export async function withApi<T> (options: DataOptions, { create }: OpenOptions, work: (api: ApiClient) => Promise<T>): Promise<T> {
  const data = await dataFolderOf(options)
  const api = await runningApi(data) ?? await ownApi(options.config, data, create)
  try {
    return await work(api)
  } finally {
    await api.close()
  }
}

/** The API of the gateway that runs on the folder; undefined where none does. @throws CurtilageError api-unreachable */
export async function runningApi (data: string): Promise<ApiClient | undefined> {
  const deadline = performance.now() + START_PATIENCE_MS
  for (let holder = readLock(data); holder?.role === 'gateway'; holder = readLock(data)) {
    if (holder.http !== undefined) return remote(holder.http, tokenOf(data))
    if (performance.now() > deadline) throw noApi(holder)
    await wait(50)
  }
}

/** A path whose parts are put in safely. */
export function path (parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent))
}

/** With what is given of the query. */
export function withQuery (route: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => value === undefined ? [] : [[key, String(value)] as [string, string]])
  return pairs.length === 0 ? route : `${route}?${new URLSearchParams(pairs).toString()}`
}

function remote (url: string, token: string): ApiClient {
  return {
    running: true,
    call: async (method, path, body) => {
      const response = await reach(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) })
      })
      return answerOf(response.status, await response.text())
    },
    close: async () => {}
  }
}

async function reach (url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch {
    throw new CurtilageError('api-unreachable', 'a gateway has the data folder, and its API does not answer: try again, or stop it')
  }
}

async function ownApi (config: string, data: string, create: boolean): Promise<ApiClient> {
  if (!create && !existsSync(join(data, 'store'))) throw new CurtilageError('store-missing', `no data in ${data}: start the gateway once, add an account, or name another folder with --data`)
  const [{ openCore }, { buildApi }] = await Promise.all([import('../core.js'), import('../console/api.js')])
  const core = await openCore({ config, data }, 'command')
  if (core.migrated !== undefined) note(`the store was brought from format ${core.migrated.from} to ${core.migrated.to}; the old one is in ${join(data, core.migrated.copy)}`)
  const operator = lettersOf(randomBytes(32))
  const api = buildApi({ core, operator })
  return {
    running: false,
    call: async (method, url, body) => {
      const { statusCode, payload } = await api.inject({ method, url, headers: { authorization: `Bearer ${operator}` }, ...(body !== undefined && { payload: body }) })
      return answerOf(statusCode, payload)
    },
    close: async () => {
      await api.close()
      await core.close()
    }
  }
}

function answerOf<T> (status: number, text: string): T {
  const body = text === '' ? undefined : parseJson(text)
  if (status < 400) return body as T
  const { code, detail } = body as { code?: unknown, detail?: unknown } ?? {}
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) throw new CurtilageError('api-unreachable', `what answers at the address of the API is no gateway (status ${status})`)
  if (code === 'token-missing') throw new CurtilageError('token-missing', 'the API does not take this token: give a token of an ops role in CURTILAGE_TOKEN')
  throw new CurtilageError(code as ErrorCode, String(detail))
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tokenOf (data: string): string {
  const given = process.env.CURTILAGE_TOKEN
  if (given !== undefined && given !== '') return given
  try {
    return readFileSync(join(data, 'ops.token'), 'utf8').trim()
  } catch {
    throw new CurtilageError('token-missing', `${join(data, 'ops.token')} cannot be read: give a token in CURTILAGE_TOKEN`)
  }
}

function noApi ({ pid }: LockHolder): CurtilageError {
  return new CurtilageError('api-unreachable', `a gateway (process ${pid}) has the data folder and offers no API: stop it first`)
}
