/** An MQTT 3.1.1 client that does nothing by itself: no pings, no acknowledgements, no state of its own. */

import { connect as connectTcp, type Socket } from 'node:net'
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet'

export type Command = Packet['cmd']
export type PacketOf<C extends Command> = Extract<Packet, { cmd: C }>

export class RawClient {
  /** Every packet that came, in order. */
  readonly received: Packet[] = []
  readonly #socket: Socket
  readonly #watchers = new Set<() => void>()
  #taken = 0

  constructor (url: string) {
    const { hostname, port } = new URL(url)
    const parsing = parser()
    parsing.on('packet', packet => { this.received.push(packet) })
    this.#socket = connectTcp(Number(port), hostname)
    // a reset is as good an end as any other
    this.#socket.on('error', () => {})
    this.#socket.on('data', chunk => { parsing.parse(chunk); this.#changed() })
    this.#socket.on('close', () => { this.#changed() })
  }

  get isClosed (): boolean {
    return this.#socket.closed
  }

  send (packet: Packet): this {
    return this.sendBytes(generate(packet))
  }

  sendBytes (bytes: Uint8Array): this {
    this.#socket.write(bytes)
    return this
  }

  /** CONNECT; resolves to what is answered, or to undefined where the connection is closed instead. */
  async connect (fields: Partial<IConnectPacket> = {}): Promise<PacketOf<'connack'> | undefined> {
    this.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'raw', keepalive: 0, ...fields })
    return await this.next('connack')
  }

  async subscribe (...subscriptions: readonly { topic: string, qos: 0 | 1 | 2 }[]): Promise<readonly unknown[] | undefined> {
    this.send({ cmd: 'subscribe', messageId: 100, subscriptions: [...subscriptions] })
    return (await this.next('suback'))?.granted
  }

  /** The first packet of that kind not taken yet, however late; undefined where the connection ends first. */
  async next<C extends Command> (cmd: C): Promise<PacketOf<C> | undefined> {
    for (;;) {
      const at = this.received.findIndex((packet, i) => i >= this.#taken && packet.cmd === cmd)
      if (at >= 0) {
        this.#taken = at + 1
        return this.received[at] as PacketOf<C>
      }
      if (this.isClosed) return undefined
      await this.#change()
    }
  }

  /** Everything the gateway sent before it answers a ping: what has not come by then was not on its way. */
  async settle (): Promise<void> {
    this.send({ cmd: 'pingreq' })
    await this.next('pingresp')
  }

  published (): PacketOf<'publish'>[] {
    return this.received.filter(({ cmd }) => cmd === 'publish') as PacketOf<'publish'>[]
  }

  async closed (): Promise<void> {
    while (!this.isClosed) await this.#change()
  }

  /** In good order: DISCONNECT first. */
  async disconnect (): Promise<void> {
    this.send({ cmd: 'disconnect' })
    await this.closed()
  }

  /** As a device that lost its power. */
  drop (): void {
    this.#socket.destroy()
  }

  #change (): Promise<void> {
    return new Promise(resolve => this.#watchers.add(resolve))
  }

  #changed (): void {
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    for (const watcher of watchers) watcher()
  }
}
