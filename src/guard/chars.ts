/** Classes of ASCII characters, for scanners that go over a text once. */

const HEX_VALUES = new Int8Array(128).fill(-1)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_VALUES[digit.charCodeAt(0)] = value
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value
}

export const COLON = 0x3a
export const DOT = 0x2e
export const DASH = 0x2d
export const UNDERSCORE = 0x5f
export const SPACE = 0x20

/** 0–15, or -1 for what is no hex digit; so is NaN, beyond either end of a text. */
export function hexValue (code: number): number {
  return code < 128 ? HEX_VALUES[code]! : -1
}

export function isDigit (code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** ASCII letters and digits. */
export function isAlphanumeric (code: number): boolean {
  return isDigit(code) || isUpper(code) || (code >= 0x61 && code <= 0x7a)
}

export function isUpper (code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}
