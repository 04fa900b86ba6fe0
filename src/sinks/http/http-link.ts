/**
 * Posts batches to an HTTP server, a disclosure a line (NDJSON).
 *
 * | status | meaning |
 * |---|---|
 * | 2xx | all have arrived |
 * | 413 | too large: in halves; a single one is refused as `too-large` |
 * | 400, 422 | in halves, so that one bad disclosure holds up nobody; a single one is refused as `http-STATUS` |
 * | 401, 403 | trouble: not let in |
 * | any other, redirects among them | trouble; `Retry-After` is honored |
 */

import { Client } from 'undici'
import type { HttpPlace } from '../../model/sink-settings.js'
import type { Disclosure } from '../../model/disclosure.js'
import type { CurtilageError } from '../../model/errors.js'
import type { Refusal } from '../../outbox/sink.js'
import { addressOf, type Address } from '../remote/address.js'
import { readCredential, readCredentials } from '../remote/credential.js'
import type { Link } from '../remote/link-sink.js'
import { slicesOf } from '../remote/slices.js'
import { openSocket, type OpenSocket } from '../remote/socket.js'
import type { Troubles } from '../remote/trouble.js'
import { within } from '../remote/within.js'
import { readRetryAfter } from './retry-after.js'
import { readKey, requestId, signatureHeaders } from './signature.js'

const LINE_FEED = Buffer.from('\n')
/** Of an answer's body; it is thrown away. */
const MAX_ANSWER_BYTES = 64 * 1024

interface Credentials {
  readonly keys: readonly Buffer[]
  readonly token: string | undefined
}

/** Rejects with `sink-credential`. Connects with the first request only. */
export async function openHttpLink (place: HttpPlace, troubles: Troubles, nowMs: () => number): Promise<HttpLink> {
  const { secretFile, tokenFile } = place
  const keys = secretFile === undefined ? [] : (await readCredentials(secretFile, troubles)).map(readKey)
  if (!keys.every(key => key !== undefined)) throw troubles.credential(`${secretFile} holds a line that is not 24 to 64 bytes in base64`)
  const token = tokenFile === undefined ? undefined : await readCredential(tokenFile, troubles)
  return new HttpLink(place, await addressOf(place, troubles), { keys, token }, troubles, nowMs)
}

export class HttpLink implements Link {
  readonly usable = true
  readonly #place: HttpPlace
  readonly #credentials: Credentials
  readonly #troubles: Troubles
  readonly #nowMs: () => number
  readonly #client: Client
  readonly #closing = new AbortController()
  #socket: OpenSocket | undefined

  constructor (place: HttpPlace, address: Address, credentials: Credentials, troubles: Troubles, nowMs: () => number) {
    this.#place = place
    this.#credentials = credentials
    this.#troubles = troubles
    this.#nowMs = nowMs
    this.#client = new Client(new URL(place.url).origin, {
      connect: (_options, callback) => {
        openSocket(address, this.#closing.signal).then(opened => {
          this.#socket = opened
          callback(null, opened.stream)
        }, (error: Error) => { callback(error, null) })
      },
      // times are kept here, for connection and answer together
      headersTimeout: 0,
      bodyTimeout: 0
    })
  }

  async send (batch: readonly Disclosure[], signal: AbortSignal): Promise<Refusal[]> {
    const refusals: Refusal[] = []
    for (const { start, disclosures } of slicesOf(batch, this.#place.maxBodyBytes)) await this.#deliver(disclosures, start, refusals, signal)
    return refusals
  }

  cut (): void {
    this.#closing.abort()
    this.#socket?.cut()
    this.#client.destroy().catch(() => {})
  }

  async #deliver (disclosures: readonly Disclosure[], start: number, refusals: Refusal[], signal: AbortSignal): Promise<void> {
    const reason = await this.#post(disclosures, signal)
    if (reason === undefined) return
    if (disclosures.length === 1) {
      refusals.push({ index: start, reason })
      return
    }
    const half = Math.ceil(disclosures.length / 2)
    await this.#deliver(disclosures.slice(0, half), start, refusals, signal)
    await this.#deliver(disclosures.slice(half), start + half, refusals, signal)
  }

  /** Resolves to why they are refused for good, at least one of them; undefined: they have arrived. */
  async #post (disclosures: readonly Disclosure[], signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted()
    const { timeoutMs } = this.#place
    // the signal stays with us: on an abort the link is cut, which sends less than the client's own way to end a request
    const { statusCode, headers, body } = await within(signal, timeoutMs, () => this.#troubles.timedOut(), async () => await this.#request(disclosures))
    await within(signal, timeoutMs, () => this.#troubles.timedOut(), async () => await body.dump({ limit: MAX_ANSWER_BYTES })).catch(() => { this.#socket?.cut() })
    return this.#meaningOf(statusCode, readRetryAfter(headers['retry-after'], this.#nowMs()))
  }

  async #request (disclosures: readonly Disclosure[]): ReturnType<Client['request']> {
    const { pathname, search } = new URL(this.#place.url)
    const { keys, token } = this.#credentials
    const body = Buffer.concat(disclosures.flatMap(({ bytes }) => [bytes, LINE_FEED]))
    const id = requestId(disclosures.map(disclosure => disclosure.id))
    return await this.#client.request({
      method: 'POST',
      path: `${pathname}${search}`,
      headers: {
        'content-type': 'application/x-ndjson',
        'user-agent': 'curtilage',
        'idempotency-key': id,
        ...signatureHeaders(id, this.#nowMs(), body, keys),
        ...(token !== undefined && { authorization: `Bearer ${token}` })
      },
      body
    })
  }

  #meaningOf (status: number, retryAfterMs: number | undefined): string | undefined {
    if (status >= 200 && status < 300) return undefined
    switch (status) {
      case 413: return 'too-large'
      case 400:
      case 422: return `http-${status}`
      case 401:
      case 403: throw this.#troubles.login()
      default: throw this.#troubles.answer(status < 400 ? `a redirect (status ${status}), which is not followed,` : `status ${status}`, retryAfterMs)
    }
  }
}

export function explainHttp (troubles: Troubles): (error: unknown) => CurtilageError {
  return error => troubles.unreachable(error)
}
