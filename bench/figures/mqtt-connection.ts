/** An MQTT 3.1.1 connection of the smallest kind: a socket, packets out, packets in. Thousands of them fit into a process. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, parser as createParser, type Packet } from 'mqtt-packet'

export interface Credentials {
  readonly userName: string
  readonly password: string
  readonly clientId: string
}

export class MqttConnection {
  readonly socket: Socket
  onPacket: (packet: Packet) => void = () => {}
  onClose: () => void = () => {}

  private constructor (socket: Socket) {
    this.socket = socket
    const parser = createParser()
    parser.on('packet', packet => this.onPacket(packet))
    parser.on('error', () => socket.destroy())
    socket.on('data', chunk => { parser.parse(chunk) })
    socket.on('error', () => {})
    socket.on('close', () => this.onClose())
  }

  /** Resolves at CONNACK 0; rejects where the answer is another, or none. */
  static async open (url: URL, { userName, password, clientId }: Credentials): Promise<MqttConnection> {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    const connection = new MqttConnection(socket)
    const answered = new Promise<Packet>((resolve, reject) => {
      connection.onPacket = resolve
      connection.onClose = () => reject(new Error('closed before CONNACK'))
    })
    connection.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 0, username: userName, password: Buffer.from(password) })
    const connack = await answered
    if (connack.cmd === 'connack' && connack.returnCode === 0) return connection
    socket.destroy()
    throw new Error('refused')
  }

  send (packet: Packet): boolean {
    return this.socket.write(generate(packet))
  }

  publish (topic: string, payload: Buffer | string, messageId: number, dup = false): boolean {
    return this.send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup, retain: false })
  }

  /** Ends it without a DISCONNECT, as a device does that lost its power. */
  async cut (): Promise<void> {
    if (this.socket.closed) return
    this.socket.resetAndDestroy()
    await once(this.socket, 'close')
  }
}
