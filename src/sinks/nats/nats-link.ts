/**
 * Publishes disclosures to a stream of NATS JetStream, on `disclosures.{recipient}.{report}`.
 *
 * The message id is the disclosure's own, so that the server leaves out what comes again within the stream's duplicate
 * window. Delivered means that the stream has acknowledged.
 */

import { jetstream, JetStreamApiError, JetStreamError, type JetStreamClient } from '@nats-io/jetstream'
import { connect, errors, type NatsConnection, type TlsOptions } from '@nats-io/transport-node'
import type { Disclosure } from '../../model/disclosure.js'
import type { CurtilageError } from '../../model/errors.js'
import type { NatsPlace } from '../../model/sink-settings.js'
import type { Refusal } from '../../outbox/sink.js'
import { addressOf, LEAST_TLS, type Address } from '../remote/address.js'
import { readCredential } from '../remote/credential.js'
import { HeldSockets } from '../remote/held-sockets.js'
import type { Link } from '../remote/link-sink.js'
import type { Troubles } from '../remote/trouble.js'
import { within } from '../remote/within.js'

/** Of message id and expected stream, and what the protocol adds. */
const HEADER_BYTES = 1024
/** Error codes of JetStream. */
const MESSAGE_TOO_LARGE = 10054
const OTHER_STREAM = 10060
const NO_STREAM = 10059

export async function openNatsLink (place: NatsPlace, recipient: string, troubles: Troubles, signal: AbortSignal): Promise<NatsLink> {
  const options = await optionsOf(place, await addressOf(place, troubles), troubles)
  const held = new HeldSockets()
  signal.addEventListener('abort', () => { held.cut() }, { once: true })
  const connection = await held.run(async () => await connect(options))
  const link = new NatsLink(connection, place, recipient, troubles, held)
  if (signal.aborted) link.cut()
  return link
}

export class NatsLink implements Link {
  readonly #connection: NatsConnection
  readonly #stream: JetStreamClient
  readonly #place: NatsPlace
  readonly #recipient: string
  readonly #troubles: Troubles
  readonly #held: HeldSockets

  constructor (connection: NatsConnection, place: NatsPlace, recipient: string, troubles: Troubles, held: HeldSockets) {
    this.#held = held
    this.#connection = connection
    this.#stream = jetstream(connection)
    this.#place = place
    this.#recipient = recipient
    this.#troubles = troubles
  }

  get usable (): boolean {
    return !this.#connection.isClosed()
  }

  async send (batch: readonly Disclosure[], signal: AbortSignal): Promise<Refusal[]> {
    const maxBytes = (this.#connection.info?.max_payload ?? Infinity) - HEADER_BYTES
    const publishing = Promise.all(batch.map(async (disclosure, index) => await this.#publish(disclosure, index, maxBytes)))
    const refusals = await within(signal, this.#place.timeoutMs, () => this.#troubles.timedOut(), async () => await publishing)
    return refusals.flatMap(refusal => refusal ?? [])
  }

  cut (): void {
    this.#held.cut()
    this.#connection.close().catch(() => {})
  }

  async #publish ({ id, report, bytes }: Disclosure, index: number, maxBytes: number): Promise<Refusal | undefined> {
    if (bytes.byteLength > maxBytes) return { index, reason: 'too-large' }
    const { stream, timeoutMs } = this.#place
    try {
      await this.#stream.publish(`disclosures.${this.#recipient}.${report}`, bytes, { msgID: id, expect: { streamName: stream }, timeout: timeoutMs })
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === MESSAGE_TOO_LARGE) return { index, reason: 'too-large' }
      throw error
    }
  }
}

async function optionsOf ({ userName, passwordFile, tokenFile, timeoutMs }: NatsPlace, { host, port, tls }: Address, troubles: Troubles): Promise<Parameters<typeof connect>[0]> {
  const pass = passwordFile === undefined ? undefined : await readCredential(passwordFile, troubles)
  const token = tokenFile === undefined ? undefined : await readCredential(tokenFile, troubles)
  return {
    servers: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    // null: not encrypted, where undefined would leave it to the server. More of the options reach node than the type says;
    // without the host the certificate of an address would be held against `localhost`
    tls: tls === undefined ? null : { ...tls, host, minVersion: LEAST_TLS } as TlsOptions,
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: timeoutMs,
    ...(userName !== undefined && { user: userName }),
    ...(pass !== undefined && { pass }),
    ...(token !== undefined && { token })
  }
}

export function explainNats (troubles: Troubles, stream: string): (error: unknown) => CurtilageError {
  return error => {
    if (error instanceof errors.AuthorizationError || error instanceof errors.PermissionViolationError || error instanceof errors.UserAuthenticationExpiredError) return troubles.login()
    // what a publish that no stream takes is told; the class is not exported
    if ((error as Error | undefined)?.name === 'JetStreamNotEnabled') return troubles.target(`its server has no stream ${stream} that takes disclosures.>, or no JetStream`)
    if (error instanceof JetStreamApiError) {
      if (error.code === OTHER_STREAM || error.code === NO_STREAM) return troubles.target(`the stream that takes disclosures.> is not ${stream}`)
      return troubles.answer(`the error ${error.code}`)
    }
    if (error instanceof JetStreamError) return troubles.answer('an answer that cannot be read')
    if (error instanceof errors.TimeoutError) return troubles.timedOut()
    return troubles.unreachable(error)
  }
}
