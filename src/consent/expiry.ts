/**
 * When a grant expires, as people write it: a day (`2027-01-31`, its start in UTC), a time with its offset
 * (`2027-01-31T12:00:00Z`, RFC 3339), or epoch milliseconds.
 */

/** The last moment that a date can hold (ECMAScript, time values): later ones could not be shown. */
const LAST_MS = 8.64e15
const DAY_OR_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** Epoch milliseconds; undefined where `written` is none of the three. */
export function parseExpiry (written: string | number): number | undefined {
  if (typeof written === 'number') return Number.isSafeInteger(written) && written >= 0 && written <= LAST_MS ? written : undefined
  if (!DAY_OR_TIME.test(written)) return undefined
  const epochMs = Date.parse(written)
  const sameDay = new Date(`${written.slice(0, 10)}T00:00:00Z`).toJSON()?.slice(0, 10) === written.slice(0, 10)
  return Number.isNaN(epochMs) || epochMs < 0 || !sameDay ? undefined : epochMs
}
