/** Which device sends which report next, in virtual time: a binary heap of due acts. Its order depends on the seed alone. */

import type { SimulatedDevice } from './device.js'
import { Random } from './random.js'
import { firstDelayMs, nextDelayMs, type Act } from './repertoire.js'

export interface Due {
  readonly atMs: number
  readonly device: SimulatedDevice
  readonly act: Act
}

interface Entry extends Due {
  readonly random: Random
}

export class Agenda {
  private readonly heap: Entry[] = []
  private virtualMs = 0

  /** All acts of a device, from the present virtual time on; `soon` brings the first of each into the first seconds. */
  add (device: SimulatedDevice, soon = false): void {
    const random = new Random(`${device.identity.home.seed}/agenda/${device.identity.deviceId}`)
    for (const act of device.acts) {
      const own = random.fork(act.report)
      this.push({ atMs: this.virtualMs + firstDelayMs(act.cadence, own, soon), device, act, random: own })
    }
  }

  /** Virtual time of the next act; infinity where no device was added. */
  get nextMs (): number {
    return this.heap[0]?.atMs ?? Infinity
  }

  /** Takes the next act and puts its successor on the agenda. */
  take (): Due | undefined {
    const first = this.heap[0]
    if (first === undefined) return undefined
    this.virtualMs = first.atMs
    this.heap[0] = { ...first, atMs: first.atMs + nextDelayMs(first.act.cadence, first.random) }
    this.sink(0)
    return first
  }

  private push (entry: Entry): void {
    this.heap.push(entry)
    let at = this.heap.length - 1
    while (at > 0 && this.less(at, (at - 1) >> 1)) {
      this.swap(at, (at - 1) >> 1)
      at = (at - 1) >> 1
    }
  }

  private sink (at: number): void {
    for (;;) {
      const left = 2 * at + 1
      const least = [left, left + 1].filter(child => child < this.heap.length).reduce((best, child) => this.less(child, best) ? child : best, at)
      if (least === at) return
      this.swap(at, least)
      at = least
    }
  }

  private less (a: number, b: number): boolean {
    return (this.heap[a]?.atMs ?? Infinity) < (this.heap[b]?.atMs ?? Infinity)
  }

  private swap (a: number, b: number): void {
    const [left, right] = [this.heap[a], this.heap[b]]
    if (left === undefined || right === undefined) return
    this.heap[a] = right
    this.heap[b] = left
  }
}
