/**
 * Text that is a number: digits with a sign, decimals and a unit of at most four letters, such as `63862177792B`.
 *
 * The guard's own grammar: what a leaf says of itself does not count where its text is spelled otherwise.
 */

const NUMERIC = /^[-+]?\d{1,16}(?:\.\d{1,16})?(?: ?[A-Za-z%°]{1,4})?$/
const BASE64 = /^[A-Za-z0-9+/]{4,36}={0,2}$/

export function isNumericText (text: string): boolean {
  return NUMERIC.test(text)
}

/** The numeric text that a written text stands for: itself, or what it holds in base64. */
export function numberTextIn (written: string): string | undefined {
  if (isNumericText(written)) return written
  if (!BASE64.test(written)) return undefined
  const decoded = Buffer.from(written, 'base64').toString('utf8')
  return isNumericText(decoded) ? decoded : undefined
}
