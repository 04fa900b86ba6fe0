/** Numbers as devices spell them in text: `"-88.5380"`, `"1735996775"`, `"63862177792B"`. */

export interface NumericText {
  readonly value: number
  /** What followed the digits, with its space: a unit, at most four letters, or nothing. */
  readonly suffix: string
}

const NUMERIC = /^([-+]?\d{1,16}(?:\.\d{1,16})?)( ?[A-Za-z%°]{1,4})?$/

/** Reads a number with an optional unit; undefined for anything else. */
export function readNumericText (text: string): NumericText | undefined {
  const match = NUMERIC.exec(text)
  if (match === null) return undefined
  const value = Number(match[1])
  return isPlainNumber(value) ? { value, suffix: match[2] ?? '' } : undefined
}

/** Finite, and small enough to be written again without losing digits. */
export function isPlainNumber (value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
}
