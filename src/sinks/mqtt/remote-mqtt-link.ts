/**
 * Publishes disclosures to another broker at QoS 1, on `disclosures/{recipient}/{report}`.
 *
 * Delivered means that broker's PUBACK. MQTT 5 by default, for its PUBACK can also say no, or that nobody is subscribed; a
 * broker of MQTT 3.1.1 acknowledges what it throws away. Each connection has a clean session and a name of its own, and is
 * not made again, so that no packet is ever sent a second time by the client.
 */

import { randomBytes } from 'node:crypto'
import { ErrorWithReasonCode, MqttClient, type IConnackPacket } from 'mqtt'
import { lettersOf } from '../../letters.js'
import type { Disclosure } from '../../model/disclosure.js'
import { errorOf, type CurtilageError } from '../../model/errors.js'
import type { RemoteMqttPlace } from '../../model/sink-settings.js'
import type { Refusal } from '../../outbox/sink.js'
import { addressOf } from '../remote/address.js'
import { readCredential } from '../remote/credential.js'
import type { Link } from '../remote/link-sink.js'
import { openSocket, type OpenSocket } from '../remote/socket.js'
import type { Troubles } from '../remote/trouble.js'
import { within } from '../remote/within.js'

/** Awaiting their PUBACK at one time, unless the broker allows less. */
const MAX_IN_FLIGHT = 64
/** Topic, packet id and properties. */
const HEADER_BYTES = 512
/** Reason codes of MQTT 5, section 2.4. */
const NO_MATCHING_SUBSCRIBERS = 0x10
const REFUSED_FOR_GOOD: ReadonlyMap<number, string> = new Map([[0x90, 'mqtt-topic-name-invalid'], [0x95, 'too-large'], [0x99, 'mqtt-payload-format-invalid']])
/** Of CONNACK in 3.1.1 (4, 5) and of both packets in 5: bad user name or password, not authorized. */
const LOGIN = new Set([4, 5, 0x86, 0x87])

interface Limits {
  readonly maxInFlight: number
  readonly maxBytes: number
}

export async function openRemoteMqttLink (place: RemoteMqttPlace, recipient: string, troubles: Troubles, signal: AbortSignal): Promise<RemoteMqttLink> {
  const address = await addressOf(place, troubles)
  const password = place.passwordFile === undefined ? undefined : await readCredential(place.passwordFile, troubles)
  const socket = await openSocket(address, signal)
  const client = clientOver(socket, place, password)
  // what it tells is told by `close` as well, or by the packet that fails
  client.on('error', () => {})
  const limits = await connected(client, socket, signal)
  return new RemoteMqttLink(client, socket, limits, { timeoutMs: place.timeoutMs, recipient, troubles })
}

interface LinkOptions {
  readonly timeoutMs: number
  readonly recipient: string
  readonly troubles: Troubles
}

export class RemoteMqttLink implements Link {
  readonly #client: MqttClient
  readonly #socket: OpenSocket
  readonly #limits: Limits
  readonly #options: LinkOptions
  /** Rejects when the connection ends. */
  readonly #ended: Promise<never>
  #unheard = false

  constructor (client: MqttClient, socket: OpenSocket, limits: Limits, options: LinkOptions) {
    this.#client = client
    this.#socket = socket
    this.#limits = limits
    this.#options = options
    this.#ended = new Promise((_resolve, reject) => {
      client.once('close', () => { reject(options.troubles.unreachable()) })
    })
    this.#ended.catch(() => {})
    client.on('packetreceive', packet => {
      if (packet.cmd === 'puback' && packet.reasonCode === NO_MATCHING_SUBSCRIBERS) this.#unheard = true
    })
  }

  get usable (): boolean {
    return this.#client.connected
  }

  async send (batch: readonly Disclosure[], signal: AbortSignal): Promise<Refusal[]> {
    const { timeoutMs, troubles } = this.#options
    return await within(signal, timeoutMs, () => troubles.timedOut(), async until => {
      const refusals = await Promise.race([this.#publishAll(batch, until), this.#ended])
      if (this.#unheard) throw errorOf('recipient-not-connected')
      return refusals
    })
  }

  cut (): void {
    this.#socket.cut()
    this.#client.end(true)
  }

  /** In order, so many at a time. */
  async #publishAll (batch: readonly Disclosure[], signal: AbortSignal): Promise<Refusal[]> {
    const refusals: Refusal[] = []
    const queue = batch.entries()
    const worker = async (): Promise<void> => {
      for (const [index, disclosure] of queue) {
        signal.throwIfAborted()
        const reason = await this.#publish(disclosure)
        if (reason !== undefined) refusals.push({ index, reason })
      }
    }
    await Promise.all(Array.from({ length: this.#limits.maxInFlight }, worker))
    return refusals
  }

  /** Resolves at its PUBACK; to a reason, where the broker refuses it for good. */
  async #publish ({ report, bytes }: Disclosure): Promise<string | undefined> {
    if (bytes.byteLength + HEADER_BYTES > this.#limits.maxBytes) return 'too-large'
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return await new Promise((resolve, reject) => {
      this.#client.publish(`disclosures/${this.#options.recipient}/${report}`, payload, { qos: 1 }, error => {
        const reason = REFUSED_FOR_GOOD.get(reasonCodeOf(error) ?? 0)
        if (error == null || reason !== undefined) resolve(reason)
        else reject(error)
      })
    })
  }
}

/** No reconnecting, no queue and no stored session: a client lives as long as its connection. */
function clientOver ({ stream }: OpenSocket, { userName, protocolVersion }: RemoteMqttPlace, password: string | undefined): MqttClient {
  return new MqttClient(() => stream, {
    protocolVersion,
    clientId: `curtilage-${lettersOf(randomBytes(8))}`,
    clean: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    keepalive: 60,
    ...(userName !== undefined && { username: userName }),
    ...(password !== undefined && { password })
  })
}

async function connected (client: MqttClient, socket: OpenSocket, signal: AbortSignal): Promise<Limits> {
  const cut = (): void => { socket.cut(); client.end(true) }
  signal.addEventListener('abort', cut, { once: true })
  try {
    const { properties } = await new Promise<IConnackPacket>((resolve, reject) => {
      client.once('connect', resolve).once('error', reject).once('close', () => { reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })) })
    })
    return { maxInFlight: Math.min(MAX_IN_FLIGHT, properties?.receiveMaximum ?? MAX_IN_FLIGHT), maxBytes: properties?.maximumPacketSize ?? Infinity }
  } catch (error) {
    cut()
    throw error
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

export function explainMqtt (troubles: Troubles): (error: unknown) => CurtilageError {
  return error => {
    const code = reasonCodeOf(error)
    if (code === undefined) return troubles.unreachable(error)
    return LOGIN.has(code) ? troubles.login() : troubles.answer(`the reason code 0x${code.toString(16)}`)
  }
}

function reasonCodeOf (error: unknown): number | undefined {
  return error instanceof ErrorWithReasonCode ? error.code : undefined
}
