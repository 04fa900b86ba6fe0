/**
 * Which packets of a device have been appended before: two rings of 128 places for each device, one of packets that came for
 * the first time, one of those that came again and were not known.
 *
 * ```
 * key    ['seen', device, place]                                      place 0–127, or 128–255 for those that came again
 * value  [fingerprint, atMs, ordinal, packet id, redelivered 0 or 1]  ordinal counts up; place = ordinal mod 128 in its ring
 * ```
 * A record is overwritten by the device's 128th after it or by a later one, so an append writes one small value and removes
 * none. Two rings, since a device of a bad network sends mostly again, and what tells how it numbers would be gone. Before,
 * both kinds shared the first ring.
 *
 * A packet that comes again cannot be told from a new one with the same packet id and payload whose first sending was lost.
 * So a record is relied upon only where the device has shown that it does not use its packet ids again soon: among those that
 * came for the first time, of the last day, there are eight under eight different ids, and no id came so twice. Then a match
 * among the last 64 packets, within an hour, is the same packet.
 */

import { setImmediate } from 'node:timers/promises'
import type { Database, Key } from 'lmdb'
import type { RedeliveryKey } from './contract.js'
import { transactDurably } from './durably.js'
import { readRange, readValue } from './read-value.js'

/** Of one ring. */
const PLACES = 128
/** A match counts among the last of this many. */
const RELIED_UPON = 64
/** A device that goes round fewer packet ids than this is never relied upon. */
const LEAST_IDS = 8
const KEPT_MS = 3_600_000
/** Older ones tell nothing any more and go. */
const REMEMBERED_MS = 86_400_000
const STRIDE = 1000
/** After every key that begins with `seen`. */
const AFTER_SEEN = ['seeo']
/** Next ordinals held in memory; the rest are read again from the ring. */
const MAX_ORDINALS = 50_000
const MAX_RENEWED = 50_000

export type Seen = [fingerprint: string, atMs: number, ordinal: number, packetId?: number, redelivered?: 0 | 1]

/** As the journal spells it. */
export type SeenRow = readonly [device: string, place: number, value: Seen]

/** A row that only the journal holds. */
export interface HeldSeen {
  readonly key: ['seen', device: string, place: number]
  /** Number of its record. */
  readonly record: number
  readonly value: Seen
}

export class Redeliveries {
  /** By device, then by place; an earlier one of the same place is void. */
  readonly #held = new Map<string, Map<number, HeldSeen>>()
  readonly #database: Database<unknown, Key>
  readonly #nextOrdinals = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<unknown>>()
  /** Packets that came anew under an identity used before and were not appended (yet): older records speak of other reports. */
  readonly #renewed = new Set<string>()

  constructor (database: Database<unknown, Key>) {
    this.#database = database
  }

  /** The append under way under the same key, if there is one. */
  underWay (key: RedeliveryKey): Promise<unknown> | undefined {
    return identities(key).map(name => this.#underWay.get(name)).find(append => append !== undefined)
  }

  /** Marks an append as under way until it settles. */
  follow (key: RedeliveryKey, append: Promise<unknown>): void {
    const name = identity(key)
    if (!key.redelivered) this.#renew(name)
    this.#underWay.set(name, append)
    const forget = (): void => { if (this.#underWay.get(name) === append) this.#underWay.delete(name) }
    append.then(() => {
      this.#renewed.delete(name)
      forget()
    }, forget)
  }

  /** The packet has been appended before, beyond doubt. */
  has (key: RedeliveryKey, nowMs: number): boolean {
    const { device, fingerprint, earlier = [] } = key
    if (identities(key).some(name => this.#renewed.has(name))) return false
    const ring = this.#ring(device)
    const last = ring.reduce((last, [, , ordinal]) => Math.max(last, ordinal), 0)
    const isKnown = ring.some(([seen, atMs, ordinal]) =>
      (seen === fingerprint || earlier.includes(seen)) && ordinal > last - RELIED_UPON && Math.abs(nowMs - atMs) <= KEPT_MS)
    return isKnown && numbersSlowly(ring)
  }

  /** To be called inside the append's own transaction. */
  record (key: RedeliveryKey, nowMs: number): void {
    const [device, place, value] = this.row(key, nowMs)
    this.#database.put(['seen', device, place], value)
  }

  /** Takes a place in the ring: for the journal, then `hold` when it stands there. */
  row ({ device, fingerprint, packetId, redelivered }: RedeliveryKey, nowMs: number): SeenRow {
    const ordinal = this.#takeOrdinal(device)
    return [device, (redelivered ? PLACES : 0) + ordinal % PLACES, [fingerprint, nowMs, ordinal, packetId, redelivered ? 1 : 0]]
  }

  hold ([device, place, value]: SeenRow, record: number): void {
    const ring = this.#held.get(device) ?? new Map<number, HeldSeen>()
    this.#held.set(device, ring.set(place, { key: ['seen', device, place], record, value }))
  }

  /** Of records up to that one. */
  heldThrough (record: number): HeldSeen[] {
    return [...this.#held.values()].flatMap(ring => [...ring.values()].filter(row => row.record <= record))
  }

  /** The database holds them. */
  dropHeld (record: number): void {
    for (const [device, ring] of this.#held) {
      for (const [place, row] of ring) if (row.record <= record) ring.delete(place)
      if (ring.size === 0) this.#held.delete(device)
    }
  }

  async forget (device: string): Promise<void> {
    await this.#database.batch(() => {
      for (let place = 0; place < 2 * PLACES; place++) this.#database.remove(['seen', device, place])
    })
  }

  /** Records older than can matter, by strides; resolves to their number. */
  async forgetOld (nowMs: number): Promise<number> {
    let forgotten = 0
    let start: Key = ['seen']
    for (;;) {
      const stride = [...readRange(this.#database, { start, end: AFTER_SEEN, limit: STRIDE })]
      const isOld = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && nowMs - Number((value as Seen)[1]) <= REMEMBERED_MS)
      const old = stride.filter(({ value }) => isOld(value)).map(({ key }) => key)
      // asked again within the transaction: an append may have taken the place
      if (old.length > 0) await transactDurably(this.#database, () => { for (const key of old) if (isOld(readValue(this.#database, key))) this.#database.removeSync(key) })
      forgotten += old.length
      const last = stride.at(-1)
      if (last === undefined || stride.length < STRIDE) return forgotten
      start = [...last.key as Key[], 0] as Key
      await setImmediate()
    }
  }

  #renew (name: string): void {
    this.#renewed.add(name)
    if (this.#renewed.size <= MAX_RENEWED) return
    // asked only then: the first of a set that lost many others is far to find
    const oldest = this.#renewed.values().next().value
    if (oldest !== undefined) this.#renewed.delete(oldest)
  }

  #takeOrdinal (device: string): number {
    const ordinal = this.#nextOrdinals.get(device) ?? this.#ring(device).reduce((next, [, , ordinal]) => Math.max(next, ordinal + 1), 0)
    this.#nextOrdinals.delete(device)
    this.#nextOrdinals.set(device, ordinal + 1)
    const longestQuiet = this.#nextOrdinals.size > MAX_ORDINALS ? this.#nextOrdinals.keys().next().value : undefined
    if (longestQuiet !== undefined) this.#nextOrdinals.delete(longestQuiet)
    return ordinal
  }

  #ring (device: string): Seen[] {
    const held = this.#held.get(device)
    const range = readRange(this.#database, { start: ['seen', device, 0], end: ['seen', device, 2 * PLACES] })
    const stored = [...range].filter(({ key }) => held?.has((key as HeldSeen['key'])[2]) !== true).map(({ value }) => value as Seen).filter(Array.isArray)
    return held === undefined ? stored : [...stored, ...[...held.values()].map(({ value }) => value)]
  }
}

/** The device goes through its packet ids so slowly that among what came for the first time one id is one packet. */
function numbersSlowly (ring: readonly Seen[]): boolean {
  const ids = ring.flatMap(([, , , packetId, redelivered]) => packetId === undefined || redelivered === 1 ? [] : [packetId])
  return ids.length >= LEAST_IDS && new Set(ids).size === ids.length
}

function identities ({ device, fingerprint, earlier = [] }: RedeliveryKey): string[] {
  return [fingerprint, ...earlier].map(one => identity({ device, fingerprint: one }))
}

function identity ({ device, fingerprint }: Pick<RedeliveryKey, 'device' | 'fingerprint'>): string {
  return `${device} ${fingerprint}`
}
