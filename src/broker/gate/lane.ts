/**
 * The lane: how reports of one device's connection get past the broker, straight into the pipeline.
 *
 *     gate ─▶ lane ─▶ pipeline ─▶ final ─▶ PUBACKs, in the order of the packets, those of one turn in one write
 *
 * It takes PUBLISH at QoS 0 and 1, not retained, on a topic that this very device may report on; `publishRight` says so, as it
 * does for the hook. Everything else is the broker's business.
 */

import type { Identity } from '../../model/registry.js'
import { publishRight } from '../topics.js'
import type { Carried } from '../door.js'
import { checkPacket } from './check-packet.js'
import type { InFlight } from './in-flight.js'
import { LaneReport } from './lane-report.js'
import { LaneTopic } from './lane-topic.js'

/** What reports on the lane go to. */
export interface LaneDoor {
  /** False while somebody else wants to be asked about every packet. */
  isOpen (): boolean
  /** Answers a report exactly once. */
  take (report: Carried): void
  /** To its account's own app. */
  show (report: Carried): void
  /** Transient trouble at QoS 0. */
  dropped (): void
}

/** What lanes share. */
export interface LaneKeeper {
  readonly lane: LaneDoor
  /** Content of a report is on its path, or, where `bytes` is negative, let go. */
  carries (bytes: number): void
  /** The first report of a lane is under way, or none is any more: that is when `expire` need not be called. */
  busy (lane: Lane, isBusy: boolean): void
  /** Has `writeAnswers` called behind all that become final in this turn. */
  answerSoon (lane: Lane): void
}

/** The gate that the lane begins at. */
export interface LaneGate {
  /** What the broker writes has no packet half written: another one may follow. */
  readonly isBetweenPackets: boolean
  acknowledge (bytes: Buffer): void
  /** Transient trouble: the connection closes, unanswered. */
  destroy (): void
  /** Reports were dealt with. */
  freed (): void
}

/** Who sends, and what is known of the connection; searched for addresses. */
export interface LaneSource {
  readonly identity: Identity & { readonly kind: 'device' }
  readonly remoteAddress: string
  readonly clientId: string
  readonly userName: string
}

/** Topics that are remembered; a device has few. */
const MAX_TOPICS = 64
/** Deeper ones are left to the broker, which has a bound of its own. */
const MAX_LEVELS = 8
const RETAIN = 0x01
const QOS = 0x06
const QOS_1 = 0x02
const DUP = 0x08
const PUBACK_HEADER = 0x4002
const PUBACK_BYTES = 4

export class Lane {
  readonly #source: LaneSource
  readonly #keeper: LaneKeeper
  readonly #inFlight: InFlight
  readonly #gate: LaneGate
  readonly #topics: LaneTopic[] = []
  /** In the order of their packets. */
  #oldest: LaneReport | undefined
  #newest: LaneReport | undefined
  /** Packet ids to be acknowledged. */
  #answers: number[] = []
  #isAnswering = false

  constructor (source: LaneSource, keeper: LaneKeeper, inFlight: InFlight, gate: LaneGate) {
    this.#source = source
    this.#keeper = keeper
    this.#inFlight = inFlight
    this.#gate = gate
  }

  get isIdle (): boolean {
    return this.#oldest === undefined
  }

  /** The topic of a whole PUBLISH that may go by the lane; undefined where the broker has to see the packet, or a check to refuse it. */
  topicOf (bytes: Buffer, first: number, body: number, end: number): LaneTopic | undefined {
    const qos = first & QOS
    if ((first & RETAIN) !== 0 || qos > QOS_1 || (qos === 0 && (first & DUP) !== 0) || body + 2 > end) return
    const topicEnd = body + 2 + bytes.readUInt16BE(body)
    if (topicEnd > end) return
    if (qos === QOS_1 && (topicEnd + 2 > end || bytes.readUInt16BE(topicEnd) === 0)) return
    for (const topic of this.#topics) if (topic.is(bytes, body + 2, topicEnd)) return topic
    return checkPacket(bytes, first, body, end) === undefined ? this.#learn(bytes, body + 2, topicEnd) : undefined
  }

  /** Takes a PUBLISH whose topic `topicOf` told. */
  take (topic: LaneTopic, bytes: Buffer, first: number, body: number, end: number, nowMs: number): void {
    const { account, device } = this.#source.identity
    const idAt = body + 2 + topic.length
    const hasId = (first & QOS) !== 0
    const payload = bytes.subarray(hasId ? idAt + 2 : idAt, end)
    const report = new LaneReport(this, account, device, topic, payload, (first & DUP) !== 0, hasId ? bytes.readUInt16BE(idAt) : 0, nowMs)
    this.#inFlight.began(payload.length)
    this.#keeper.carries(payload.length)
    if (this.#newest === undefined) {
      this.#oldest = report
      this.#keeper.busy(this, true)
    } else this.#newest.next = report
    this.#newest = report
    this.#keeper.lane.take(report)
  }

  /** Remembers a topic that is well-formed, if the device may report on it. */
  #learn (bytes: Buffer, from: number, to: number): LaneTopic | undefined {
    const { identity, remoteAddress, clientId, userName } = this.#source
    const text = bytes.toString('utf8', from, to)
    const right = publishRight(identity, text, false)
    if (right.kind !== 'report' || text.split('/').length > MAX_LEVELS) return
    const topic = new LaneTopic(bytes.subarray(from, to), right.topicTail, [remoteAddress, clientId, userName, right.topicTail])
    if (this.#topics.length >= MAX_TOPICS) this.#topics.shift()
    this.#topics.push(topic)
    return topic
  }

  /** A report is final, and acknowledged when all before it are. */
  final (report: LaneReport, mayBeShown: boolean): void {
    if (mayBeShown) this.#keeper.lane.show(report)
    this.#settle(report)
  }

  failed (report: LaneReport): void {
    if (report.qos === 0) this.#keeper.lane.dropped()
    else this.#gate.destroy()
    this.#settle(report)
  }

  /** Those that began before have taken too long. */
  expire (beforeMs: number): void {
    for (let report = this.#oldest; report !== undefined && report.startedMs < beforeMs; report = report.next) report.failed()
  }

  /** From the keeper; and from the gate, behind what the broker wrote. */
  writeAnswers (): void {
    const { length } = this.#answers
    if (!this.#isAnswering || !this.#gate.isBetweenPackets) return
    this.#isAnswering = false
    const bytes = Buffer.allocUnsafe(length * PUBACK_BYTES)
    for (let i = 0; i < length; i++) {
      bytes.writeUInt16BE(PUBACK_HEADER, i * PUBACK_BYTES)
      bytes.writeUInt16BE(this.#answers[i] ?? 0, i * PUBACK_BYTES + 2)
    }
    this.#answers = []
    this.#gate.acknowledge(bytes)
  }

  /** Those at the head of the line that have their end leave it. */
  #settle ({ payload }: LaneReport): void {
    this.#keeper.carries(-payload.length)
    this.#inFlight.emptied(payload.length)
    let count = 0
    for (let report = this.#oldest; report?.end !== undefined; report = report.next) {
      if (report.end === 'final' && report.packetId !== undefined) this.#answers.push(report.packetId)
      this.#oldest = report.next
      count++
    }
    if (count === 0) return
    if (this.#oldest === undefined) {
      this.#newest = undefined
      this.#keeper.busy(this, false)
    }
    if (this.#answers.length > 0 && !this.#isAnswering) {
      this.#isAnswering = true
      this.#keeper.answerSoon(this)
    }
    this.#inFlight.ended(count)
    this.#gate.freed()
  }
}
