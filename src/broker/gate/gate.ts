/**
 * The gate: a duplex between socket and broker that lets whole, well-formed packets in, one bounded share at a time, and
 * never lets the broker wait for a socket.
 *
 *     socket ─▶ cutter ─▶ check ─▶ bounds ─▶ broker        held: after CONNECT until CONNACK, with too much in flight
 *     socket ◀── way out ◀── follower ◀── broker           seen: CONNACK, PUBACK, PUBREC
 *
 * Nothing is dropped for a bound on what comes in: reading stops, and TCP tells the client to wait.
 */

import { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Identity } from '../../model/registry.js'
import type { Allowance } from './allowance.js'
import { checkPacket } from './check-packet.js'
import type { GateKeeper } from './gate-keeper.js'
import type { GateReason } from './gate-reason.js'
import { InFlight } from './in-flight.js'
import { PacketCutter } from './packet-cutter.js'
import { PacketFollower } from './packet-follower.js'
import { CONNACK, CONNECT, isAnswer, PUBACK, PUBLISH, PUBREC } from './packet-type.js'
import { WayOut } from './way-out.js'

/** Packets that go to the broker in one step. */
const MAX_PACKETS_A_STEP = 16
/** What a socket may bring while its gate waits for its turn. */
const MAX_AHEAD_BYTES = 64 * 1024
const QOS = 0x06
const CONNECT_HEADER = CONNECT << 4
/** CONNACK 1: unacceptable protocol level [MQTT-3.1.2-2]. */
const WRONG_LEVEL = Buffer.from([0x20, 2, 0, 1])

/** `connack`: CONNECT is with the broker. `ending`: the last word has been said. */
type State = 'connect' | 'connack' | 'open' | 'ending'

export class Gate extends Duplex {
  readonly openedMs = performance.now()
  readonly #socket: Duplex
  readonly #keeper: GateKeeper
  readonly #cutter: PacketCutter
  readonly #follower = new PacketFollower()
  readonly #wayOut: WayOut
  readonly #inFlight: InFlight
  #state: State = 'connect'
  /** The broker reads. */
  #wanted = false
  /** The next packet is whole, and has to wait. */
  #held = false
  /** The client has said all that it will say; `passed` once the broker was told. */
  #ended: 'no' | 'said' | 'passed' = 'no'
  /** Something had no room to be sent. */
  #crowded = false
  #accountedBytes = 0
  #allowance: Allowance | undefined

  constructor (socket: Duplex, keeper: GateKeeper) {
    super({ writableHighWaterMark: Number.MAX_SAFE_INTEGER })
    this.#socket = socket
    this.#keeper = keeper
    this.#cutter = new PacketCutter(keeper.limits)
    this.#inFlight = new InFlight(keeper.limits)
    this.#wayOut = new WayOut(socket, () => this.#sent())
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk))
    socket.on('end', () => this.#clientEnded())
    socket.on('error', () => { if (this.#ended === 'no') this.destroy() })
    socket.on('close', () => this.#socketClosed())
  }

  get socket (): Duplex {
    return this.#socket
  }

  get remoteAddress (): string | undefined {
    return (this.#socket as Duplex & { remoteAddress?: string }).remoteAddress
  }

  /** It has authenticated. */
  get isKnown (): boolean {
    return this.#allowance !== undefined
  }

  /** So much more may be sent, and a packet. Where not, what can wait elsewhere does; `room` is emitted when half of the bound is free. */
  hasRoomFor (bytes: number): boolean {
    return this.unsentBytes + bytes < this.#keeper.limits.maxUnsentBytes / 2
  }

  get #hasRoom (): boolean {
    return this.hasRoomFor(0)
  }

  /** What waits to be sent to the client. */
  get unsentBytes (): number {
    return this.#wayOut.unsentBytes
  }

  /** From the hook `authenticate`. */
  know (identity: Identity): void {
    if (this.destroyed || this.isKnown) return
    this.#allowance = this.#keeper.allowanceOf(identity)
    this.#account(true)
  }

  /** From the hook `authorizePublish`: the content of a PUBLISH is let go. At QoS 0 nothing else tells so. */
  settled (qos: 0 | 1 | 2, payloadBytes: number): void {
    this.#inFlight.emptied(payloadBytes)
    if (qos === 0) this.#inFlight.ended()
    this.#wakeIfHalfFree()
  }

  /** Something that the gate waited for may be there. */
  wake (): void {
    if (!this.destroyed) this.#keeper.rounds.enter(this)
  }

  /** Closes the connection and counts why. */
  refuse (reason: GateReason): void {
    if (this.destroyed) return
    this.#keeper.onRefused(reason)
    this.destroy()
  }

  evict (): void {
    this.refuse('buffers-full')
  }

  /** For how long nothing of what waits to be sent has left. */
  stuckMs (nowMs: number): number {
    return this.unsentBytes === 0 ? 0 : nowMs - this.#wayOut.progressMs
  }

  /** Hands on what may go now, a few packets at most. */
  step (): boolean {
    if (this.destroyed || this.#state === 'ending') return false
    const cutter = this.#cutter
    if (this.#state === 'connect' && cutter.waitingBytes > 0 && cutter.first !== CONNECT_HEADER) return this.#stop('unexpected-packet')
    this.#held = false
    let whole = cutter.peek()
    for (let count = 0; whole === true && count < MAX_PACKETS_A_STEP; count++) {
      this.#held = !this.#mayPass()
      if (this.#held) break
      const reason = this.#judge()
      if (reason !== undefined) return this.#stop(reason)
      // a lane for reports would branch off here: the packet is whole and checked, the connection known
      this.#pass()
      whole = cutter.peek()
    }
    if (typeof whole === 'string') return this.#stop(whole)
    this.#handOn(whole)
    return whole && !this.#held
  }

  override _read (): void {
    this.#wanted = true
    if (this.#held) this.wake()
  }

  override _write (chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk)
    done()
  }

  override _writev (chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
  }

  override _destroy (_error: Error | null, done: (error?: Error | null) => void): void {
    this.#keeper.forget(this)
    if (this.#allowance !== undefined) this.#allowance.users--
    this.#cutter.clear()
    this.#wayOut.clear()
    this.#socket.destroy()
    done(null)
  }

  #arrived (chunk: Buffer): void {
    if (this.destroyed || this.#state === 'ending') return
    this.#cutter.feed(chunk)
    this.#account()
    if (!this.#held) this.wake()
    if (this.#cutter.waitingBytes >= MAX_AHEAD_BYTES && this.#cutter.peek() !== false) this.#socket.pause()
  }

  /** What was said before is heard first. */
  #clientEnded (): void {
    this.#ended = 'said'
    if (!this.#held) this.wake()
  }

  /** After an end in good order the broker closes, when it has read everything. */
  #socketClosed (): void {
    this.#wayOut.clear()
    if (this.#ended === 'no') this.destroy()
    else if (this.#held) this.wake()
  }

  #mayPass (): boolean {
    if (!this.#wanted || this.#state === 'connack' || !this.#hasRoom) return false
    return this.#cutter.first >> 4 === PUBLISH ? this.#mayPublish() : this.#mayAsk()
  }

  /** All that is no report. */
  #mayAsk (): boolean {
    const { first, packetBytes } = this.#cutter
    if (this.#allowance?.takeOther(isAnswer(first >> 4) ? 'answer' : packetBytes, performance.now()) !== false) return true
    this.#keeper.slow(this)
    return false
  }

  #mayPublish (): boolean {
    if (!this.#inFlight.hasRoomFor(this.#payloadBytes())) return false
    if ((this.#inFlight.isEmpty || !this.#keeper.isFull) && this.#allowance?.take(performance.now()) !== false) return true
    this.#keeper.slow(this)
    return false
  }

  /** [MQTT-3.1.0-1] CONNECT comes first, [MQTT-3.1.0-2] and once. */
  #judge (): GateReason | undefined {
    const { bytes, first, body, packetEnd } = this.#cutter
    if (first >> 4 === CONNECT && this.#state !== 'connect') return 'unexpected-packet'
    return checkPacket(bytes, first, body, packetEnd)
  }

  #pass (): void {
    const type = this.#cutter.first >> 4
    if (type === CONNECT) this.#state = 'connack'
    if (type === PUBLISH) this.#inFlight.began(this.#payloadBytes())
    this.#cutter.accept()
  }

  #handOn (isMoreWhole: boolean): void {
    const packets = this.#cutter.take()
    if (packets !== undefined) this.#wanted = this.push(packets)
    if (this.#ended === 'said' && !isMoreWhole) {
      this.#ended = 'passed'
      this.push(null)
    }
    this.#account()
    if (this.#held || this.#state === 'connack') this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #stop (reason: GateReason): false {
    if (reason !== 'protocol-version') {
      this.refuse(reason)
      return false
    }
    this.#keeper.onRefused(reason)
    this.#state = 'ending'
    this.#socket.end(WRONG_LEVEL, () => this.destroy())
    // what is left unread would reset the connection, and the answer with it
    this.#socket.resume()
    return false
  }

  #send (bytes: Buffer): void {
    if (this.#state === 'ending') return
    if (this.unsentBytes >= this.#keeper.limits.maxUnsentBytes) return this.refuse('slow-consumer')
    this.#wayOut.write(bytes)
    if (!this.#hasRoom) this.#crowded = true
    this.#account()
    // an answer counts though nobody is there to read it: what was said before the end is heard
    this.#follower.feed(bytes, this.#seen)
  }

  #sent (): void {
    this.#account()
    if (!this.#crowded || !this.#hasRoom) return
    this.#crowded = false
    this.emit('room')
    if (this.#held) this.wake()
  }

  readonly #seen = (type: number, lastByte: number): void => {
    if (type === PUBACK || type === PUBREC) {
      this.#inFlight.ended()
      this.#wakeIfHalfFree()
    }
    // a CONNACK with another code is the broker's last word
    if (type !== CONNACK || lastByte !== 0) return
    this.#state = 'open'
    this.#keeper.admitted(this)
    this.wake()
  }

  #wakeIfHalfFree (): void {
    if (this.#held && this.#inFlight.isHalfFree) this.wake()
  }

  /** Of the PUBLISH that comes next; 0 where it is cut short, which its check finds. */
  #payloadBytes (): number {
    const { bytes, first, body, packetEnd } = this.#cutter
    if (body + 2 > packetEnd) return 0
    return Math.max(0, packetEnd - body - 2 - bytes.readUInt16BE(body) - ((first & QOS) > 0 ? 2 : 0))
  }

  #account (evenIfEqual = false): void {
    const bytes = this.destroyed ? 0 : this.#cutter.heldBytes + this.unsentBytes
    if (bytes === this.#accountedBytes && !evenIfEqual) return
    this.#accountedBytes = bytes
    this.#keeper.holds(this, bytes)
  }
}

/** Undefined where the broker was given a connection past the gate. */
export function gateOf (client: Client | null): Gate | undefined {
  return client?.conn instanceof Gate ? client.conn : undefined
}
