/** One report on the lane: what the pipeline takes, and who waits for its end. */

import type { Carried } from '../door.js'
import type { Lane } from './lane.js'
import type { LaneTopic } from './lane-topic.js'

export class LaneReport implements Carried {
  readonly account: string
  readonly device: string
  readonly topicTail: string
  readonly surroundings: readonly string[]
  readonly payload: Buffer
  readonly receivedMs = Date.now()
  /** On the clock of `performance.now`. */
  readonly startedMs: number
  readonly qos: 0 | 1
  readonly dup: boolean
  readonly packetId: number | undefined
  next: LaneReport | undefined
  end: 'final' | 'failed' | undefined
  readonly #lane: Lane

  constructor (lane: Lane, account: string, device: string, { topicTail, surroundings }: LaneTopic, payload: Buffer, dup: boolean, packetId: number, nowMs: number) {
    this.#lane = lane
    this.account = account
    this.device = device
    this.topicTail = topicTail
    this.surroundings = surroundings
    this.payload = payload
    this.startedMs = nowMs
    this.qos = packetId === 0 ? 0 : 1
    this.dup = dup
    this.packetId = packetId === 0 ? undefined : packetId
  }

  /** An answer that comes after the time was up is too late. */
  final (mayBeShown: boolean): void {
    if (this.end !== undefined) return
    this.end = 'final'
    this.#lane.final(this, mayBeShown)
  }

  failed (): void {
    if (this.end !== undefined) return
    this.end = 'failed'
    this.#lane.failed(this)
  }
}
