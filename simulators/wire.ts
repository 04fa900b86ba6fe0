/**
 * MQTT 3.1.1 packets by hand (OASIS MQTT 3.1.1, sections 2 and 3), for devices that do what a decent client library will not.
 *
 * A packet: one byte of type and flags, its length in 1–4 bytes of seven bits, lowest first, then the body.
 */

import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsOptions } from './connection.js'

export interface Greeting {
  readonly clientId: string
  readonly username: string
  readonly password: string
  readonly clean?: boolean
  /** 4 is MQTT 3.1.1, 5 is MQTT 5. */
  readonly protocolLevel?: number
  readonly will?: { readonly topic: string, readonly payload: Buffer }
}

export interface Publication {
  readonly topic: string
  readonly payload: Buffer
  readonly packetId: number
  readonly retain?: boolean
  readonly duplicate?: boolean
}

const CONNACK = 2
const PUBACK = 4
const PATIENCE_MS = 20_000

/** One raw connection. Every wait ends: with the answer, with the connection, or after twenty seconds. */
export class Wire {
  private readonly socket: Socket
  private received = Buffer.alloc(0)
  private readonly packets: Buffer[] = []
  private opened = false
  private closed = false
  private wake: () => void = () => {}

  constructor (url: string, tls: TlsOptions = {}) {
    const { protocol, hostname, port } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    if (protocol === 'mqtts:') this.socket = connectTls({ host, port: Number(port || 8883), ...tls })
    else if (protocol === 'mqtt:') this.socket = connectTcp({ host, port: Number(port || 1883) })
    else throw new TypeError('raw packets go over mqtt: or mqtts: only')
    this.socket.once('connect', () => { this.opened = true })
    this.socket.on('data', bytes => this.take(bytes))
    this.socket.on('error', () => {})
    this.socket.on('close', () => { this.closed = true; this.wake() })
  }

  /** The CONNACK's return code, or undefined where none came. */
  async greet (greeting: Greeting): Promise<number | undefined> {
    this.socket.write(encodeConnect(greeting))
    return (await this.next(packet => packet[0] === CONNACK << 4))?.[3]
  }

  /** Whether the PUBACK came. */
  async publish (publication: Publication): Promise<boolean> {
    this.socket.write(encodePublish(publication))
    const acknowledged = await this.next(packet => packet[0] === PUBACK << 4 && packet.readUInt16BE(2) === publication.packetId)
    return acknowledged !== undefined
  }

  /** The SUBACK's return code, or undefined where none came. */
  async subscribe (filter: string): Promise<number | undefined> {
    this.socket.write(frame(0x82, Buffer.concat([uint16(1), text(filter), Buffer.of(1)])))
    return (await this.next(packet => packet[0] === 0x90))?.at(-1)
  }

  /** Whether there was a connection and the other side ended it. */
  get isClosed (): boolean {
    return this.opened && this.closed
  }

  /** Goes without a word, so that a will comes due. */
  drop (): void {
    this.socket.destroy()
  }

  private take (bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes])
    for (let length = packetLength(this.received); length !== undefined && length <= this.received.length; length = packetLength(this.received)) {
      this.packets.push(this.received.subarray(0, length))
      this.received = this.received.subarray(length)
    }
    this.wake()
  }

  private async next (wanted: (packet: Buffer) => boolean): Promise<Buffer | undefined> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const at = this.packets.findIndex(wanted)
      if (at >= 0) return this.packets.splice(at, 1)[0]
      const leftMs = deadline - performance.now()
      if (this.closed || leftMs <= 0) return undefined
      await this.change(leftMs)
    }
  }

  private change (atMostMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, atMostMs)
      this.wake = () => { clearTimeout(timer); resolve() }
    })
  }
}

export function encodeConnect ({ clientId, username, password, clean = true, protocolLevel = 4, will }: Greeting): Buffer {
  const flags = 0b1100_0000 | (clean ? 0b10 : 0) | (will ? 0b0000_1100 : 0)
  const willParts = will ? [text(will.topic), uint16(will.payload.length), will.payload] : []
  const properties = protocolLevel === 5 ? [Buffer.of(0)] : []
  return frame(0x10, Buffer.concat([text('MQTT'), Buffer.of(protocolLevel, flags), uint16(60), ...properties, text(clientId), ...willParts, text(username), text(password)]))
}

export function encodePublish ({ topic, payload, packetId, retain = false, duplicate = false }: Publication): Buffer {
  return frame(0x32 | (duplicate ? 0b1000 : 0) | (retain ? 1 : 0), Buffer.concat([text(topic), uint16(packetId), payload]))
}

function frame (head: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let rest = body.length; length.length === 0 || rest > 0; rest >>= 7) length.push((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
  return Buffer.concat([Buffer.of(head, ...length), body])
}

/** Length of the first packet, head included; undefined while its length has not arrived. */
function packetLength (bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    length += (byte & 0x7F) << (7 * (at - 1))
    if (byte < 0x80) return length + at + 1
  }
  return undefined
}

function text (value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint16(bytes.length), bytes])
}

function uint16 (value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
