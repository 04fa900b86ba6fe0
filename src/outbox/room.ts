/**
 * Whether there is room for an append: in entries and in bytes, in all and for each recipient.
 *
 * One recipient may take a share of the whole and no more, so that reports which do not concern it are taken when its own
 * line is full. Reports that do concern it are not: a report is acknowledged whole or not at all.
 */

import { OutboxFull } from './outbox-full.js'

export interface Bounds {
  readonly maxEntries: number
  readonly maxBytes: number
  /** Of both, for one recipient; above 0, at most 1. */
  readonly maxShare: number
}

export interface Taking {
  readonly entries: number
  readonly bytes: number
}

const UNITS = { entries: ['disclosures', 'limits.maxOutboxEntries'], bytes: ['bytes', 'limits.maxOutboxBytes'] } as const

export class Room {
  readonly #bounds: Bounds
  readonly #heldBy: (recipient: string) => Taking
  readonly #recipients: () => Iterable<string>
  /** By appends under way. */
  readonly #reserved = new Map<string, Taking>()

  constructor (bounds: Bounds, recipients: () => Iterable<string>, heldBy: (recipient: string) => Taking) {
    this.#bounds = bounds
    this.#recipients = recipients
    this.#heldBy = heldBy
  }

  /** Reserves the room until the function returned is called. Throws OutboxFull. */
  reserve (wanted: ReadonlyMap<string, Taking>): () => void {
    for (const unit of ['entries', 'bytes'] as const) this.#check(wanted, unit)
    this.#change(wanted, 1)
    return () => { this.#change(wanted, -1) }
  }

  #check (wanted: ReadonlyMap<string, Taking>, unit: keyof Taking): void {
    const whole = unit === 'entries' ? this.#bounds.maxEntries : this.#bounds.maxBytes
    const share = Math.floor(whole * this.#bounds.maxShare)
    let total = 0
    for (const recipient of new Set([...this.#recipients(), ...this.#reserved.keys(), ...wanted.keys()])) {
      const taken = this.#taken(recipient)[unit]
      const more = wanted.get(recipient)?.[unit] ?? 0
      if (more > 0 && taken + more > share) throw full(recipient, taken, share, whole, unit)
      total += taken + more
    }
    if (total > whole) throw this.#fullOf(unit, whole)
  }

  #fullOf (unit: keyof Taking, whole: number): OutboxFull {
    const [most = ''] = [...this.#recipients()].sort((a, b) => this.#taken(b)[unit] - this.#taken(a)[unit])
    return full(most, this.#taken(most)[unit], whole, whole, unit)
  }

  #taken (recipient: string): Taking {
    const held = this.#heldBy(recipient)
    const reserved = this.#reserved.get(recipient)
    return reserved === undefined ? held : { entries: held.entries + reserved.entries, bytes: held.bytes + reserved.bytes }
  }

  #change (wanted: ReadonlyMap<string, Taking>, sign: 1 | -1): void {
    for (const [recipient, { entries, bytes }] of wanted) {
      const before = this.#reserved.get(recipient) ?? { entries: 0, bytes: 0 }
      const after = { entries: before.entries + sign * entries, bytes: before.bytes + sign * bytes }
      if (after.entries === 0) this.#reserved.delete(recipient)
      else this.#reserved.set(recipient, after)
    }
  }
}

function full (recipient: string, taken: number, mayTake: number, whole: number, unit: keyof Taking): OutboxFull {
  const [things, limit] = UNITS[unit]
  const bound = mayTake === whole ? `the outbox has room for ${whole}` : `one recipient may take ${mayTake} of ${whole}`
  return new OutboxFull(recipient, `no room in the outbox: ${recipient} takes ${taken} ${things}, ${bound}; see why it takes none, or raise ${limit}`)
}
