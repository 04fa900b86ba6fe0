/**
 * Devices and one subscriber on raw sockets, in one process: prepared frames out, frames counted in.
 *
 * At QoS 1 each connection keeps a number of reports unacknowledged, and sends anew when half of them are answered. At QoS 0
 * all together keep a number under way to the subscriber, since brokers that are sent more than they can relay keep it all,
 * and some end of it.
 */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connectFrame, FrameReader, subscribeFrame, type Login, type Ring } from './frames.js'

const PUBLISH = 3
const PUBACK = 4
/** Frames in one write at QoS 0: devices send one report at a time. */
const STRETCH = 1
/** Nothing came for so long: what is under way is lost. */
const LOST_MS = 2_000
/** Reports of one connection in one go, where nothing but the load's own speed bounds it. */
const FLOOD = 8

async function opened (port: number, login: Login): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(connectFrame(login))
  const [connack] = await once(socket, 'data') as [Buffer]
  if (connack.length !== 4 || connack[3] !== 0) throw new Error(`refused: ${connack.toString('hex')}`)
  return socket
}

/** One device's connection. */
export class Sender {
  sent = 0
  acknowledged = 0
  onAcknowledged: (count: number) => void = () => {}
  readonly #socket: Socket
  readonly #ring: Ring
  #at = 0
  #inFlight = 0
  #window = 0
  #rest = 0

  private constructor (socket: Socket, ring: Ring) {
    this.#socket = socket
    this.#ring = ring
    socket.on('data', chunk => this.#read(chunk))
  }

  static async open (port: number, login: Login, ring: Ring): Promise<Sender> {
    return new Sender(await opened(port, login), ring)
  }

  /** Keeps `window` reports in flight, until `stop`. */
  keep (window: number): void {
    this.#window = window
    this.#fill()
  }

  /** So many reports now. */
  send (count: number): void {
    for (let left = count; left > 0;) left -= this.#write(left)
  }

  stop (): void {
    this.#window = 0
  }

  get inFlight (): number {
    return this.#inFlight
  }

  /** More would only be kept in memory. */
  get isFull (): boolean {
    return this.#socket.writableNeedDrain
  }

  close (): void {
    this.#socket.destroy()
  }

  #fill (): void {
    // by halves: a write for each PUBACK would make the load the limit where a broker writes each by itself
    if (this.#inFlight <= this.#window / 2) this.send(this.#window - this.#inFlight)
  }

  /** As many as there are before the ring begins anew. */
  #write (most: number): number {
    const { bytes, offsets } = this.#ring
    const count = Math.min(most, offsets.length - 1 - this.#at)
    const from = offsets[this.#at]!
    this.#at += count
    this.#socket.write(bytes.subarray(from, offsets[this.#at]))
    if (this.#at === offsets.length - 1) this.#at = 0
    this.sent += count
    this.#inFlight += count
    return count
  }

  /** Nothing but PUBACKs comes to a device here, four bytes each; they may be cut anywhere. */
  #read (chunk: Buffer): void {
    this.#rest += chunk.length
    const count = this.#rest >> 2
    this.#rest &= 3
    if (chunk[0]! >> 4 !== PUBACK && this.#rest === 0) throw new Error('no PUBACK')
    this.acknowledged += count
    this.#inFlight -= count
    this.onAcknowledged(count)
    if (this.#window > 0) this.#fill()
  }
}

/** The one subscriber. Acknowledges what asks for it, in one write for each chunk. */
export class Receiver {
  received = 0
  bytes = 0
  onPayload: ((payload: Buffer) => void) | undefined
  onReceived: (count: number) => void = () => {}
  readonly #socket: Socket
  readonly #reader = new FrameReader()

  private constructor (socket: Socket) {
    this.#socket = socket
  }

  static async open (port: number, login: Login, topic: string, qos: 0 | 1): Promise<Receiver> {
    const receiver = new Receiver(await opened(port, login))
    const subscribed = once(receiver.#socket, 'data')
    receiver.#socket.write(subscribeFrame(topic, qos))
    await subscribed
    receiver.#socket.on('data', chunk => receiver.#read(chunk))
    return receiver
  }

  close (): void {
    this.#socket.destroy()
  }

  #read (chunk: Buffer): void {
    const acks: number[] = []
    const before = this.received
    this.#reader.read(chunk, (first, bytes, from, to) => {
      if (first >> 4 !== PUBLISH) return
      const wantsAck = (first & 6) !== 0
      const payloadAt = from + 2 + bytes.readUInt16BE(from) + (wantsAck ? 2 : 0)
      this.received++
      this.bytes += to - payloadAt
      if (wantsAck) acks.push(PUBACK << 4, 2, bytes[payloadAt - 2]!, bytes[payloadAt - 1]!)
      this.onPayload?.(bytes.subarray(payloadAt, to))
    })
    if (acks.length > 0) this.#socket.write(Buffer.from(acks))
    this.onReceived(this.received - before)
  }
}

/** At QoS 0: as many reports are sent as arrive. */
export class Loop {
  #underWay = 0
  #credit = 0
  #next = 0
  readonly #senders: readonly Sender[]
  readonly #receiver: Receiver
  readonly #most: number
  readonly #timer: NodeJS.Timeout

  constructor (senders: readonly Sender[], receiver: Receiver, windowEach: number) {
    this.#senders = senders
    this.#receiver = receiver
    this.#most = Math.max(STRETCH, senders.length * windowEach)
    this.#credit = this.#most
    receiver.onReceived = count => {
      this.#underWay -= count
      this.#credit += count
      this.#spend()
    }
    let last = -1
    this.#timer = setInterval(() => {
      if (receiver.received === last && this.#underWay > 0) this.#startAgain()
      last = receiver.received
    }, LOST_MS)
    this.#spend()
  }

  stop (): void {
    clearInterval(this.#timer)
    this.#receiver.onReceived = () => {}
  }

  #startAgain (): void {
    this.#underWay = 0
    this.#credit = this.#most
    this.#spend()
  }

  #spend (): void {
    for (; this.#credit >= STRETCH; this.#credit -= STRETCH) {
      this.#senders[this.#next]!.send(STRETCH)
      this.#next = (this.#next + 1) % this.#senders.length
      this.#underWay += STRETCH
    }
  }
}

/** As much as the connections take, one report in each write: how fast the load itself is. */
export class Flood {
  readonly #senders: readonly Sender[]
  #stopped = false

  constructor (senders: readonly Sender[]) {
    this.#senders = senders
    this.#turn()
  }

  stop (): void {
    this.#stopped = true
  }

  #turn (): void {
    if (this.#stopped) return
    for (const sender of this.#senders) {
      for (let left = FLOOD; left > 0 && !sender.isFull; left--) sender.send(1)
    }
    setImmediate(() => this.#turn())
  }
}
