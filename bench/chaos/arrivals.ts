/** What one recipient got: every disclosure looked at once, for what was planted and for copies that differ. */

import { createHash } from 'node:crypto'
import { deviceOf } from './fleet.js'
import { plantedIn } from './planted.js'

export class Arrivals {
  /** By the number of its report: the id under which it came. */
  readonly #ids = new Map<number, string>()
  /** By id: what it held. */
  readonly #contents = new Map<string, string>()
  /** Copies under the id of the first, and like it byte for byte. */
  copies = 0
  /** Copies under another id, or of other bytes. */
  readonly strangeCopies: string[] = []
  readonly leaks: string[] = []
  /** Lines by the device of their report, copies included. */
  readonly #lines = new Map<number, number>()

  /** Disclosures, each counted once. */
  get size (): number {
    return this.#ids.size
  }

  has (number: number): boolean {
    return this.#ids.has(number)
  }

  /** How many lines came of these devices, copies included. */
  linesOf (devices: readonly number[]): number {
    return devices.reduce((sum, device) => sum + (this.#lines.get(device) ?? 0), 0)
  }

  take (line: Buffer): void {
    this.leaks.push(...plantedIn(line))
    const { id, data } = JSON.parse(line.toString()) as { id: string, data: { emeter: { get_realtime: { power: number } } } }
    const { power: number } = data.emeter.get_realtime
    const device = deviceOf(number)
    this.#lines.set(device, (this.#lines.get(device) ?? 0) + 1)
    const known = this.#ids.get(number)
    const content = createHash('sha256').update(line).digest('base64')
    if (known === undefined) this.#ids.set(number, id)
    else if (known !== id) this.strangeCopies.push(`report ${number} under two ids`)
    const first = this.#contents.get(id)
    if (first === undefined) this.#contents.set(id, content)
    else if (first !== content) this.strangeCopies.push(`report ${number} with other bytes`)
    else this.copies++
  }

  /** Those of the numbers that have not come. */
  missing (numbers: Iterable<number>): number[] {
    return [...numbers].filter(number => !this.#ids.has(number))
  }
}
