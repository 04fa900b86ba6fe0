/** Numbers, rates, ages and times as the console shows them: one way each. */

const COUNT = new Intl.NumberFormat('en-US')
const DATE = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short' })
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const SHORT_TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const UNITS: readonly (readonly [seconds: number, unit: string])[] = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']]
const BYTES: readonly (readonly [size: number, unit: string])[] = [[1024 ** 3, 'GiB'], [1024 ** 2, 'MiB'], [1024, 'KiB']]

/** `12,345` */
export function countText (count: number): string {
  return COUNT.format(Math.round(count))
}

/** `1 device`, `2 devices` */
export function countOf (count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** `0.4/s`, `108/s`; `0/s` below what a digit can tell. */
export function rateText (perSecond: number): string {
  return `${perSecond >= 9.95 ? countText(perSecond) : perSecond < 0.05 ? '0' : perSecond.toFixed(1)}/s`
}

/** The largest unit that fits, and no more: `4 s`, `3 min`, `2 d`. */
export function ageText (ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [size, unit] = UNITS.find(([length]) => seconds >= length) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit}`
}

/** In the browser's own time zone: `2026-11-24 10:07:30`. */
export function timeText (epochMs: number): string {
  return `${DATE.format(epochMs)} ${TIME.format(epochMs)}`
}

/** `10:07:30` */
export function clockText (epochMs: number): string {
  return TIME.format(epochMs)
}

/** `10:07` */
export function shortClockText (epochMs: number): string {
  return SHORT_TIME.format(epochMs)
}

/** `2026-11-24` */
export function dayText (epochMs: number): string {
  return DATE.format(epochMs)
}

export function bytesText (bytes: number): string {
  const [size, unit] = BYTES.find(([least]) => bytes >= least) ?? [1, 'B']
  const scaled = bytes / size
  return `${size > 1 && scaled < 9.95 ? scaled.toFixed(1) : countText(scaled)} ${unit}`
}

/** `12%`; never 100% of what is not all. */
export function shareText (part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0%'
  const percent = part / whole * 100
  if (percent < 1) return '<1%'
  return `${part < whole ? Math.min(99, Math.round(percent)) : 100}%`
}
