/** Alarms as `/v1/alarms` tells them, summed up by reason and over time. */

export interface AlarmCount {
  readonly kind: string
  readonly reason?: string
  readonly recipient?: string
  readonly count: number
}

export interface Alarms {
  readonly atMs: number
  readonly sinceMs: number
  readonly keptMs: number
  readonly slotMs: number
  readonly slots: readonly { readonly atMs: number, readonly counts: readonly AlarmCount[] }[]
}

export type ReasonRow = AlarmCount

/** A bar of the chart: counts by kind from `atMs` on. */
export interface Bar {
  readonly atMs: number
  readonly counts: ReadonlyMap<string, number>
}

/** The gravest kind first, then the most frequent. */
export function byReason ({ slots, slotMs }: Alarms, fromMs: number): ReasonRow[] {
  const rows = new Map<string, { kind: string, reason?: string, recipient?: string, count: number }>()
  for (const { count, ...words } of slots.filter(({ atMs }) => atMs + slotMs > fromMs).flatMap(({ counts }) => counts)) {
    const key = JSON.stringify([words.kind, words.reason, words.recipient])
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { ...words, count })
    else row.count += count
  }
  const isGrave = ({ kind }: ReasonRow): number => kind === 'guard-alarm' || kind === 'data-gone' ? 0 : 1
  return [...rows.values()].sort((a, b) => isGrave(a) - isGrave(b) || b.count - a.count)
}

/** Bars of that length up to now, empty ones too. */
export function barsOf ({ slots, slotMs, atMs }: Alarms, fromMs: number, barMs: number): Bar[] {
  const bars = new Map<number, Map<string, number>>()
  for (let start = Math.floor(fromMs / barMs) * barMs; start <= atMs; start += barMs) bars.set(start, new Map())
  for (const slot of slots.filter(slot => slot.atMs + slotMs > fromMs)) {
    const bar = bars.get(Math.floor(slot.atMs / barMs) * barMs)
    for (const { kind, count } of slot.counts) bar?.set(kind, (bar.get(kind) ?? 0) + count)
  }
  return [...bars].map(([atMs, counts]) => ({ atMs, counts }))
}
