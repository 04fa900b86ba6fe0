/** Counts of disclosures, turned to the tables in which they are shown. */

import type { DisclosedDay } from './account-data.js'

const DAY_MS = 86_400_000

export interface CategoryRow {
  readonly category: string
  /** By recipient. */
  readonly counts: ReadonlyMap<string, number>
}

export interface DayRow {
  readonly day: string
  readonly counts: ReadonlyMap<string, number>
  readonly categories: readonly string[]
}

/** The most given first. */
export function byCategory (days: readonly DisclosedDay[]): CategoryRow[] {
  const rows = new Map<string, Map<string, number>>()
  for (const { recipient, categories } of days) {
    for (const [category, count] of Object.entries(categories)) {
      const counts = rows.get(category) ?? new Map<string, number>()
      rows.set(category, counts.set(recipient, (counts.get(recipient) ?? 0) + count))
    }
  }
  const totalOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)
  return [...rows].map(([category, counts]) => ({ category, counts })).sort((a, b) => totalOf(b.counts) - totalOf(a.counts) || (a.category < b.category ? -1 : 1))
}

/** Oldest first, days without a disclosure between them too. */
export function byDay (days: readonly DisclosedDay[]): DayRow[] {
  const known = days.map(({ day }) => day).sort()
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return []
  const rows: DayRow[] = []
  for (let ms = Date.parse(first); ms <= Date.parse(last); ms += DAY_MS) {
    const day = dayOf(ms)
    const ofDay = days.filter(one => one.day === day)
    rows.push({ day, counts: new Map(ofDay.map(({ recipient, disclosures }) => [recipient, disclosures])), categories: [...new Set(ofDay.flatMap(({ categories }) => Object.keys(categories)))].sort() })
  }
  return rows
}

/** The UTC day so many days before. */
export function daysBack (nowMs: number, days: number): string {
  return dayOf(nowMs - days * DAY_MS)
}

function dayOf (ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
