/**
 * The gate: a duplex between socket and broker that lets whole, well-formed packets in, one bounded share at a time, and
 * never lets the broker wait for a socket.
 *
 *     socket ─▶ cutter ─▶ bounds ─▶ check ─┬▶ broker       held: after CONNECT until CONNACK, with too much in flight
 *                                          └▶ lane         reports of a device's own
 *     socket ◀── way out ◀─┬─ follower ◀── broker          seen: CONNACK, PUBACK, PUBREC
 *                          └─ PUBACKs ◀─── lane
 *
 * A connection's reports go by one of the two at a time: the next one by the other waits until all before it are answered, so
 * that reports and answers keep the order of the packets.
 *
 * Nothing is dropped for a bound on what comes in: reading stops, and TCP tells the client to wait.
 */

import { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Identity } from '../../model/registry.js'
import type { Session } from '../session.js'
import type { Allowance } from './allowance.js'
import { checkPacket } from './check-packet.js'
import type { GateKeeper } from './gate-keeper.js'
import type { GateReason } from './gate-reason.js'
import { InFlight } from './in-flight.js'
import { Lane, type LaneGate } from './lane.js'
import type { LaneTopic } from './lane-topic.js'
import { PacketCutter } from './packet-cutter.js'
import { PacketFollower } from './packet-follower.js'
import { CONNACK, CONNECT, isAnswer, PUBACK, PUBLISH, PUBREC } from './packet-type.js'
import { WayOut } from './way-out.js'

/** Packets that go to the broker in one step. */
const MAX_PACKETS_A_STEP = 16
/**
 * What the lane takes of one connection in a turn of the event loop, as time and as content: the outbox, the recipients and
 * an app that is shown it have several times as much to do with it afterwards, while all others wait.
 */
const MAX_MS_A_TURN = 0.05
const MAX_BYTES_A_TURN = 256 * 1024
/** What a socket may bring while its gate waits for its turn. */
const MAX_AHEAD_BYTES = 64 * 1024
const QOS = 0x06
const CONNECT_HEADER = CONNECT << 4
/** CONNACK 1: unacceptable protocol level [MQTT-3.1.2-2]. */
const WRONG_LEVEL = Buffer.from([0x20, 2, 0, 1])

/** `connack`: CONNECT is with the broker. `ending`: the last word has been said. */
type State = 'connect' | 'connack' | 'open' | 'ending'

export class Gate extends Duplex implements LaneGate {
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
  /** Of a device, once it has authenticated. */
  #session: Session | undefined
  #lane: Lane | undefined
  #answered: (() => void) | undefined
  #turn = 0
  #turnMs = 0
  #turnBytes = 0
  /** Reports that the broker has. */
  #withBroker = 0

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
  know (identity: Identity, session: Session): void {
    if (this.destroyed || this.isKnown) return
    if (identity.kind === 'device') this.#session = session
    this.#allowance = this.#keeper.allowanceOf(identity)
    this.#account(true)
  }

  /** From the hook `authorizePublish`: the content of a PUBLISH is let go. At QoS 0 nothing else tells so. */
  settled (qos: 0 | 1 | 2, payloadBytes: number): void {
    this.#inFlight.emptied(payloadBytes)
    if (qos === 0) this.#leftBroker()
    this.#wakeIfHalfFree()
  }

  /** From the lane: PUBACKs. */
  acknowledge (bytes: Buffer): void {
    if (!this.destroyed && this.#state !== 'ending') this.#lead(bytes)
  }

  /** From the lane. */
  freed (): void {
    this.#wakeIfHalfFree()
  }

  get isBetweenPackets (): boolean {
    return this.#follower.isBetween
  }

  /** From a recipient's queue: whole packets. False where they have to wait; `room` is emitted then. */
  deliver (bytes: Buffer): boolean {
    if (this.destroyed || this.#state === 'ending' || !this.isBetweenPackets) {
      this.#crowded = true
      return false
    }
    this.#lead(bytes)
    return true
  }

  /** PUBACKs go there instead of to the broker, which sends this connection nothing that asks for one. */
  takeAnswers (answered: () => void): void {
    this.#answered = answered
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
  step (): boolean | 'next-turn' {
    if (this.destroyed || this.#state === 'ending') return false
    const cutter = this.#cutter
    if (this.#state === 'connect' && cutter.waitingBytes > 0 && cutter.first !== CONNECT_HEADER) return this.#stop('unexpected-packet')
    this.#held = false
    let whole = cutter.peek()
    let nowMs = performance.now()
    let hasHadItsTurn = this.#hasHadItsTurn()
    for (let count = 0; whole === true && count < MAX_PACKETS_A_STEP && !hasHadItsTurn; count++) {
      const topic = this.#laneTopic()
      this.#held = topic === undefined ? !this.#mayPass(nowMs) : !this.#mayTake(topic, nowMs)
      if (this.#held) break
      if (topic === undefined) {
        const reason = this.#judge()
        if (reason !== undefined) return this.#stop(reason)
        if (this.#answered !== undefined && cutter.first >> 4 === PUBACK) this.#takeAnswer(this.#answered)
        else this.#pass()
      } else {
        const startedMs = nowMs
        this.#takeReport(topic, startedMs)
        if (this.destroyed) return false
        nowMs = performance.now()
        this.#turnMs += nowMs - startedMs
        hasHadItsTurn = this.#hasHadItsTurn()
      }
      whole = cutter.peek()
    }
    if (typeof whole === 'string') return this.#stop(whole)
    this.#handOn(whole)
    if (!whole || this.#held) return false
    return hasHadItsTurn ? 'next-turn' : true
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

  #mayPass (nowMs: number): boolean {
    if (!this.#wanted || this.#state === 'connack' || !this.#hasRoom) return false
    if (this.#cutter.first >> 4 !== PUBLISH) return this.#mayAsk(nowMs)
    return this.#lane?.isIdle !== false && this.#mayPublish(this.#payloadBytes(), nowMs)
  }

  /** All that is no report. */
  #mayAsk (nowMs: number): boolean {
    const { first, packetBytes } = this.#cutter
    if (this.#allowance?.takeOther(isAnswer(first >> 4) ? 'answer' : packetBytes, nowMs) !== false) return true
    this.#keeper.slow(this)
    return false
  }

  #mayPublish (payloadBytes: number, nowMs: number): boolean {
    if (!this.#inFlight.hasRoomFor(payloadBytes)) return false
    if ((this.#inFlight.isEmpty || !this.#keeper.isFull) && this.#allowance?.take(nowMs) !== false) return true
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
    if (type === PUBLISH) {
      this.#inFlight.began(this.#payloadBytes())
      this.#withBroker++
    }
    this.#cutter.accept()
  }

  /** Undefined: the packet that comes next is nothing for the lane. */
  #laneTopic (): LaneTopic | undefined {
    const { bytes, first, body, packetEnd } = this.#cutter
    if (first >> 4 !== PUBLISH || this.#state !== 'open' || this.#session === undefined || !this.#keeper.lane.isOpen()) return
    this.#lane ??= this.#openLane(this.#session)
    return this.#lane?.topicOf(bytes, first, body, packetEnd)
  }

  #hasHadItsTurn (): boolean {
    const { turn } = this.#keeper.rounds
    if (turn !== this.#turn) this.#turnMs = this.#turnBytes = 0
    this.#turn = turn
    return this.#turnMs > MAX_MS_A_TURN || this.#turnBytes > MAX_BYTES_A_TURN
  }

  #openLane ({ identity, remoteAddress, clientId, userName }: Session): Lane | undefined {
    if (identity?.kind === 'device') return new Lane({ identity, remoteAddress, clientId, userName }, this.#keeper, this.#inFlight, this)
  }

  #mayTake (topic: LaneTopic, nowMs: number): boolean {
    return this.#withBroker === 0 && this.#hasRoom && this.#mayPublish(this.#payloadBytes(topic), nowMs)
  }

  #takeReport (topic: LaneTopic, nowMs: number): void {
    const { bytes, first, body, packetEnd } = this.#cutter
    if (this.#cutter.hasAccepted) this.#push()
    this.#cutter.skip()
    this.#keepAlive()
    this.#turnBytes += packetEnd - body
    this.#lane?.take(topic, bytes, first, body, packetEnd, nowMs)
  }

  #takeAnswer (answered: () => void): void {
    if (this.#cutter.hasAccepted) this.#push()
    this.#cutter.skip()
    this.#keepAlive()
    answered()
  }

  /** aedes starts this timer anew at each packet that it sees. */
  #keepAlive (): void {
    const { client } = this as { client?: { _keepaliveInterval: number, _keepaliveTimer: NodeJS.Timeout | null } }
    if (client !== undefined && client._keepaliveInterval > 0) client._keepaliveTimer?.refresh()
  }

  #handOn (isMoreWhole: boolean): void {
    this.#push()
    if (this.#ended === 'said' && !isMoreWhole) {
      this.#ended = 'passed'
      this.push(null)
    }
    this.#account()
    if (this.#held || this.#state === 'connack') this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #push (): void {
    const packets = this.#cutter.take()
    if (packets !== undefined) this.#wanted = this.push(packets)
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
    this.#lead(bytes)
    // an answer counts though nobody is there to read it: what was said before the end is heard
    this.#follower.feed(bytes, this.#seen)
    this.#lane?.writeAnswers()
  }

  #lead (bytes: Buffer): void {
    if (this.unsentBytes >= this.#keeper.limits.maxUnsentBytes) return this.refuse('slow-consumer')
    this.#wayOut.write(bytes)
    if (!this.#hasRoom) this.#crowded = true
    this.#account()
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
      this.#leftBroker()
      this.#wakeIfHalfFree()
    }
    // a CONNACK with another code is the broker's last word
    if (type !== CONNACK || lastByte !== 0) return
    this.#state = 'open'
    this.#keeper.admitted(this)
    this.wake()
  }

  #leftBroker (): void {
    this.#inFlight.ended()
    this.#withBroker = Math.max(0, this.#withBroker - 1)
  }

  #wakeIfHalfFree (): void {
    if (this.#held && this.#inFlight.isHalfFree) this.wake()
  }

  /** Of the PUBLISH that comes next; 0 where it is cut short, which its check finds. */
  #payloadBytes (topic?: LaneTopic): number {
    const { bytes, first, body, packetEnd } = this.#cutter
    if (topic !== undefined) return packetEnd - body - 2 - topic.length - ((first & QOS) > 0 ? 2 : 0)
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
