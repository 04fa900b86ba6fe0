/** What the gates of one broker share: limits, the bound on memory, turns, allowances, and one timer for all deadlines. */

import type { Duplex } from 'node:stream'
import type { Client, PublishPacket } from 'aedes'
import type { Identity } from '../../model/registry.js'
import { sessionOf } from '../session.js'
import { Allowances, type Allowance } from './allowance.js'
import { BufferBudget } from './buffer-budget.js'
import { Gate, gateOf } from './gate.js'
import type { GateReason } from './gate-reason.js'
import type { Lane, LaneDoor, LaneKeeper } from './lane.js'
import { Rounds } from './rounds.js'

export interface GateLimits {
  readonly maxPacketBytes: number
  readonly maxConnectBytes: number
  /** PUBLISH packets of one connection. */
  readonly maxInFlight: number
  readonly maxReportsPerSecond: number
  readonly maxUnsentBytes: number
  readonly maxBufferedBytes: number
  /** From the connection to its CONNACK. */
  readonly authenticateTimeoutMs: number
  /** Without progress, while something waits to be sent. */
  readonly drainTimeoutMs: number
  /** From a report to its end. */
  readonly stageTimeoutMs: number
}

type Answer = (error?: Error | null) => void

const LEAST_SWEEP_MS = 10
const LONGEST_SWEEP_MS = 500
const REFILL_MS = 10

export class GateKeeper implements LaneKeeper {
  readonly limits: GateLimits
  readonly lane: LaneDoor
  readonly onRefused: (reason: GateReason) => void
  readonly rounds = new Rounds()
  readonly #budget: BufferBudget
  readonly #allowances: Allowances
  /** Without CONNACK yet, the oldest first. */
  readonly #awaiting = new Set<Gate>()
  /** They look again soon. */
  readonly #slowed = new Set<Gate>()
  /** With reports on the lane. */
  readonly #busy = new Set<Lane>()
  /** With answers to write. */
  #answering: Lane[] = []
  /** Payloads on their path. */
  #contentBytes = 0
  readonly #sweepMs: number
  #sweeping: NodeJS.Timeout | undefined

  constructor (limits: GateLimits, lane: LaneDoor, onRefused: (reason: GateReason) => void) {
    this.limits = limits
    this.lane = lane
    this.onRefused = onRefused
    this.#budget = new BufferBudget(limits.maxBufferedBytes)
    this.#allowances = new Allowances(limits.maxReportsPerSecond)
    this.#sweepMs = Math.min(LONGEST_SWEEP_MS, Math.max(LEAST_SWEEP_MS, Math.min(limits.authenticateTimeoutMs, limits.drainTimeoutMs, limits.stageTimeoutMs) / 4))
  }

  /** The gate in front of a new connection. */
  open (socket: Duplex): Gate {
    const gate = new Gate(socket, this)
    this.#awaiting.add(gate)
    this.#watch()
    return gate
  }

  /** CONNACK is out. */
  admitted (gate: Gate): void {
    this.#awaiting.delete(gate)
  }

  allowanceOf (identity: Identity): Allowance {
    this.#watch()
    return this.#allowances.join(nameOf(identity), performance.now())
  }

  holds (gate: Gate, bytes: number): void {
    if (bytes > 0) this.#watch()
    this.#budget.holds(gate, bytes, gate.isKnown)
  }

  /** All connections together have as much on its path as memory has room for. */
  get isFull (): boolean {
    return this.#contentBytes >= this.limits.maxBufferedBytes
  }

  /** From the hook `authenticate`. */
  know (client: Client): void {
    const session = sessionOf(client)
    if (session?.identity !== undefined) gateOf(client)?.know(session.identity, session)
  }

  /** From the hook `authorizePublish`: a PUBLISH is on its path until the answer, which is passed on to `done`. */
  carry (client: Client | null, { qos, payload }: PublishPacket, done: Answer): Answer {
    const { length } = payload
    this.#contentBytes += length
    return error => {
      this.#contentBytes -= length
      done(error)
      gateOf(client)?.settled(qos, length)
    }
  }

  carries (bytes: number): void {
    this.#contentBytes += bytes
  }

  busy (lane: Lane, isBusy: boolean): void {
    if (isBusy) {
      this.#busy.add(lane)
      this.#watch()
    } else this.#busy.delete(lane)
  }

  answerSoon (lane: Lane): void {
    if (this.#answering.push(lane) === 1) queueMicrotask(this.#answer)
  }

  readonly #answer = (): void => {
    const lanes = this.#answering
    this.#answering = []
    for (const lane of lanes) lane.writeAnswers()
  }

  /** Wakes the gate a little later. */
  slow (gate: Gate): void {
    if (this.#slowed.size === 0) setTimeout(() => this.#wakeSlowed(), REFILL_MS)
    this.#slowed.add(gate)
  }

  forget (gate: Gate): void {
    this.#awaiting.delete(gate)
    this.rounds.leave(gate)
    this.#budget.holds(gate, 0, gate.isKnown)
  }

  #wakeSlowed (): void {
    const gates = [...this.#slowed]
    this.#slowed.clear()
    for (const gate of gates) gate.wake()
  }

  #watch (): void {
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#sweepMs).unref()
  }

  #sweep (): void {
    const nowMs = performance.now()
    for (const gate of this.#awaiting) {
      if (nowMs - gate.openedMs < this.limits.authenticateTimeoutMs) break
      gate.refuse('connect-timeout')
    }
    const holders = [...this.#budget.holders()] as Gate[]
    for (const gate of holders) {
      if (gate.stuckMs(nowMs) > this.limits.drainTimeoutMs) gate.refuse('slow-consumer')
    }
    for (const lane of this.#busy) lane.expire(nowMs - this.limits.stageTimeoutMs)
    this.#allowances.sweep(nowMs)
    if (this.#awaiting.size === 0 && this.#busy.size === 0 && holders.length === 0 && this.#allowances.size === 0) {
      clearInterval(this.#sweeping)
      this.#sweeping = undefined
    }
  }
}

function nameOf (identity: Identity): string {
  switch (identity.kind) {
    case 'device': return `device ${identity.device}`
    case 'app': return `app ${identity.account}`
    case 'recipient': return `recipient ${identity.recipient}`
  }
}
