/** What a text is made of, told in one pass: most texts can hold no address, and need no more than this. */

import { hexValue, isAlphanumeric, isDigit, isUpper } from './chars.js'

export interface Traits {
  readonly hexDigits: number
  readonly digits: number
  readonly dots: number
  readonly colons: number
  /** Length of the longest run of hex digits. */
  readonly longestHex: number
  /** Most hex digits with nothing but a few signs between one and the next: every spelling of a MAC is such a stretch. */
  readonly looseHex: number
  /** Length of the longest run of the base64 alphabets that holds an upper-case letter. */
  readonly longestBase64: number
  /** Characters that begin an escape: `\`, `%`, `&`, `=`. */
  readonly escapes: number
  /** Anything but printable ASCII, tabs and line breaks. */
  readonly beyondAscii: number
}

/** `1.2.3.4`, `fe80::` */
const FEWEST_DIGITS = 4
/** Signs between two digits of one address, at most. */
export const LONGEST_GAP = 3
const ESCAPES = new Set([0x5c, 0x25, 0x26, 0x3d])

export function traitsOf (text: string): Traits {
  let hexDigits = 0; let digits = 0; let dots = 0; let colons = 0; let escapes = 0
  let hexRun = 0; let longestHex = 0; let base64Run = 0; let longestBase64 = 0
  let beyondAscii = 0; let hasUpper = false; let loose = 0; let gap = 0; let looseHex = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (hexValue(code) >= 0) {
      hexDigits++
      if (isDigit(code)) digits++
      if (++hexRun > longestHex) longestHex = hexRun
      if (++loose > looseHex) looseHex = loose
      gap = 0
    } else {
      if (isAlphanumeric(code) || ++gap > LONGEST_GAP) loose = 0
      hexRun = 0
      if (code === 0x2e) dots++
      else if (code === 0x3a) colons++
      else if (ESCAPES.has(code)) escapes++
    }
    if (isAlphanumeric(code) || code === 0x2b || code === 0x2f || code === 0x2d || code === 0x5f) {
      base64Run++
      hasUpper ||= isUpper(code)
      if (hasUpper && base64Run > longestBase64) longestBase64 = base64Run
    } else if (code !== 0x0a && code !== 0x0d) { // base64 may be wrapped in lines
      base64Run = 0
      hasUpper = false
      if ((code < 0x20 && code !== 0x09) || code > 0x7e) beyondAscii++
    }
  }
  return { hexDigits, digits, dots, colons, longestHex, looseHex, longestBase64, escapes, beyondAscii }
}

/** Can a text of these traits hold an address in plain sight? */
export function canHoldAddress ({ digits, dots, colons, longestHex, looseHex }: Traits): boolean {
  return looseHex >= 8 || longestHex >= 4 || (digits >= 1 && (dots >= 3 || colons >= 1)) || digits >= 4
}

/** Can a text of these traits hold the digits of the shortest address, encoded or not? The host of a URL needs but one. */
export function canHoldDigits ({ hexDigits, digits, colons, escapes, beyondAscii }: Traits): boolean {
  return hexDigits + escapes + beyondAscii >= FEWEST_DIGITS || (digits > 0 && colons > 0)
}
