/** Dates and times that are spelled like addresses: `2026-01-05-10-20-30` is no MAC, and `01-05-10-20` in it is no IP. */

const FIELDS: readonly (readonly [low: number, high: number])[] = [[1, 12], [1, 31], [0, 23], [0, 59], [0, 60]]

/** A four-digit year of our times. */
export function isYear (text: string): boolean {
  return /^(?:19|20|21)\d\d$/.test(text)
}

/** Are these month, day, hour, minute and second, in this order, from the field `first` on (0: month)? */
export function areCalendarFields (parts: readonly string[], first: number): boolean {
  return parts.every((part, i) => {
    const field = FIELDS[first + i]
    return field !== undefined && /^\d{1,2}$/.test(part) && Number(part) >= field[0] && Number(part) <= field[1]
  })
}
