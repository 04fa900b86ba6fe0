/**
 * What a person should look at, counted by kind and reason in slots of time: in memory, of the last day, in names alone.
 *
 * Metrics keep it for longer, where somebody collects them.
 */

import type { GatewayEvent } from '../../model/events.js'

export const SLOT_MS = 5 * 60_000
export const KEPT_MS = 24 * 3_600_000
const MAX_WORDS = 1_000

export type AlarmKind =
  | 'guard-alarm' | 'quarantined' | 'refused' | 'dead-lettered' | 'delivery-trouble' | 'outbox-full'
  | 'dropped' | 'data-gone' | 'certificate-refused' | 'retention-trouble'

export interface AlarmWords {
  readonly kind: AlarmKind
  readonly reason?: string
  readonly recipient?: string
}

export type AlarmCount = AlarmWords & { readonly count: number }

export interface AlarmSlot {
  /** Its start, epoch milliseconds. */
  readonly atMs: number
  readonly counts: AlarmCount[]
}

export class AlarmHistory {
  readonly sinceMs: number
  readonly #now: () => number
  /** By start. */
  readonly #slots = new Map<number, Map<string, AlarmWords & { count: number }>>()

  constructor (now: () => number) {
    this.#now = now
    this.sinceMs = now()
  }

  readonly observe = (event: GatewayEvent): void => {
    const alarm = alarmOf(event)
    if (alarm === undefined) return
    const { count, ...words } = alarm
    const slot = this.#slot()
    const key = JSON.stringify(words)
    const known = slot.get(key)
    if (known !== undefined) known.count += count
    // words come from the policy and from catalogues, so that this is never reached
    else if (slot.size < MAX_WORDS) slot.set(key, { ...words, count })
  }

  /** Slots in which there was something, in their order. */
  slots (): AlarmSlot[] {
    this.#forget()
    return [...this.#slots].map(([atMs, counts]) => ({ atMs, counts: [...counts.values()].map(one => ({ ...one })) }))
  }

  #slot (): Map<string, AlarmWords & { count: number }> {
    const atMs = Math.floor(this.#now() / SLOT_MS) * SLOT_MS
    const known = this.#slots.get(atMs)
    if (known !== undefined) return known
    this.#forget()
    const slot = new Map<string, AlarmWords & { count: number }>()
    this.#slots.set(atMs, slot)
    return slot
  }

  #forget (): void {
    const before = this.#now() - KEPT_MS
    for (const atMs of this.#slots.keys()) if (atMs + SLOT_MS <= before) this.#slots.delete(atMs)
  }
}

function alarmOf (event: GatewayEvent): AlarmCount | undefined {
  switch (event.type) {
    case 'withheld': return event.reason === 'guard-alarm' ? { kind: 'guard-alarm', recipient: event.recipient, count: event.count } : undefined
    case 'quarantined': return { kind: 'quarantined', reason: event.reason, count: 1 }
    case 'refused': return { kind: 'refused', reason: event.reason, count: 1 }
    case 'dead-lettered': return { kind: 'dead-lettered', reason: event.reason, recipient: event.recipient, count: event.count }
    case 'delivery-trouble': return { kind: 'delivery-trouble', reason: event.code, recipient: event.recipient, count: 1 }
    case 'outbox-full': return { kind: 'outbox-full', recipient: event.recipient, count: 1 }
    case 'dropped':
    case 'data-gone': return { kind: event.type, count: 1 }
    case 'certificate-refused': return { kind: 'certificate-refused', reason: event.trouble, count: 1 }
    case 'retention-trouble': return { kind: 'retention-trouble', recipient: event.recipient, count: 1 }
    default: return undefined
  }
}
