/** Durations, distances and sizes as written, in the units that the run time counts in. */

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const BYTES = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const
const HALF_EARTH_METERS = 20_000_000

/** No duration is longer: a hundred years. */
export const LONGEST_MS = 36_500 * MILLISECONDS.d

/** `15m` → milliseconds. Undefined unless it is a whole positive number of them, and at most a hundred years. */
export function parseDuration (text: string): number | undefined {
  const parts = /^(\d{1,15}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text)
  if (parts === null) return undefined
  const durationMs = withoutNoise(Number(parts[1]) * MILLISECONDS[parts[2] as keyof typeof MILLISECONDS])
  return within(durationMs, LONGEST_MS)
}

/** `10km`, `500m` → kilometers. Undefined unless it is a whole positive number of meters, and at most half way round the earth. */
export function parseDistance (text: string): number | undefined {
  const parts = /^(\d{1,8}(?:\.\d{1,3})?)(m|km)$/.exec(text)
  if (parts === null) return undefined
  const meters = within(parts[2] === 'km' ? withoutNoise(Number(parts[1]) * 1000) : Number(parts[1]), HALF_EARTH_METERS)
  return meters === undefined ? undefined : meters / 1000
}

/** `256KiB` or a plain number → bytes. Undefined unless whole, positive and at most `maxGiB`. */
export function parseSize (size: string | number, maxGiB = 1): number | undefined {
  const parts = /^(\d{1,10})(KiB|MiB|GiB)$/.exec(String(size))
  const bytes = parts === null ? Number(size) : Number(parts[1]) * BYTES[parts[2] as keyof typeof BYTES]
  return within(bytes, maxGiB * BYTES.GiB)
}

/** In the largest unit that leaves a whole number: 2592000000 → `30d`. */
export function spellDuration (durationMs: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (durationMs % MILLISECONDS[unit] === 0) return `${durationMs / MILLISECONDS[unit]}${unit}`
  }
  return `${durationMs}ms`
}

function within (value: number, max: number): number | undefined {
  return Number.isSafeInteger(value) && value > 0 && value <= max ? value : undefined
}

/** 1.001 × 1000 is 1001. */
function withoutNoise (product: number): number {
  return Number(product.toPrecision(15))
}
