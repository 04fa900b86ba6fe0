/** One of thousands of devices: connects, may report once, stays. As little as that takes, so that ten thousand fit into a process. */

import { connect, type Socket } from 'node:net'
import { generate } from 'mqtt-packet'

const CONNACK = 2
const PUBACK = 4
const RETRY_MS = 1_000

export interface Member {
  readonly host: string
  readonly port: number
  readonly device: string
  readonly password: string
  readonly topic: string
}

export class CrowdMember {
  readonly #connect: Buffer
  readonly #report: Buffer
  readonly #member: Member
  #socket: Socket | undefined
  #rest: Buffer = Buffer.alloc(0)
  #served: (() => void) | undefined
  #reports = false
  /** Connections that ended before it was served. */
  failures = 0

  constructor (member: Member) {
    const { device, password, topic } = member
    this.#member = member
    this.#connect = generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: device, keepalive: 300, username: device, password: Buffer.from(password) })
    this.#report = generate({ cmd: 'publish', topic, payload: '{"emeter":{"get_realtime":{"power":10}}}', qos: 1, messageId: 1, dup: false, retain: false })
  }

  /** Resolves when CONNACK is in, or with `reports` when its first report is answered. Tries until then. */
  async join (reports: boolean): Promise<void> {
    this.#reports = reports
    await new Promise<void>(resolve => {
      this.#served = resolve
      this.#open()
    })
  }

  get isConnected (): boolean {
    return this.#socket !== undefined && this.#served === undefined
  }

  /** As if its network were gone. */
  cut (): void {
    this.#socket?.resetAndDestroy()
    this.#socket = undefined
  }

  #open (): void {
    const { host, port } = this.#member
    const socket = this.#socket = connect({ host, port, noDelay: true })
    this.#rest = Buffer.alloc(0)
    socket.on('data', chunk => this.#take(socket, chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#ended(socket))
    socket.write(this.#connect)
  }

  #ended (socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    if (this.#served === undefined) return
    this.failures++
    setTimeout(() => this.#open(), RETRY_MS * (0.5 + Math.random()))
  }

  /** Only packets of four bytes come to it. */
  #take (socket: Socket, chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (; this.#rest.length >= 4; this.#rest = this.#rest.subarray(4)) {
      const type = this.#rest[0]! >> 4
      if (type === CONNACK && this.#rest[3] !== 0) socket.destroy()
      else if (type === CONNACK && this.#reports) socket.write(this.#report)
      else if (type === (this.#reports ? PUBACK : CONNACK)) this.#settle()
    }
  }

  #settle (): void {
    const served = this.#served
    this.#served = undefined
    served?.()
  }
}
