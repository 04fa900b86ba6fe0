/**
 * A MAC or EUI-64 address where one is meant to stand, typed at registration or in a closed field: hex digits, parted or not by `:` `-` `.` `_` or space.
 *
 * Returns 12 or 16 lower-case hex digits; undefined for anything else.
 */
export function parseMac (typed: string): string | undefined {
  if (typed.length > 40) return undefined
  const hex = typed.replace(/[:\-._ ]/g, '').toLowerCase()
  return /^([0-9a-f]{12}|[0-9a-f]{16})$/.test(hex) ? hex : undefined
}
