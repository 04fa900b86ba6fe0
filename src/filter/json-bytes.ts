/** The smaller parts of JSON's grammar (RFC 8259), over bytes that a zero ends. */

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COMMA = 0x2c
export const COLON = 0x3a
export const MINUS = 0x2d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
export const OPEN_ARRAY = 0x5b
export const CLOSE_ARRAY = 0x5d
export const TRUE_LETTERS: readonly number[] = [0x74, 0x72, 0x75, 0x65]
export const FALSE_LETTERS: readonly number[] = [0x66, 0x61, 0x6c, 0x73, 0x65]
export const NULL_LETTERS: readonly number[] = [0x6e, 0x75, 0x6c, 0x6c]

/** Where a reader says no. */
export const NO = -1

/** Where the space that begins at `from` ends. */
export function space (bytes: Uint8Array, from: number): number {
  let i = from
  for (let byte = bytes[i]!; byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09); byte = bytes[++i]!);
  return i
}

export function word (bytes: Uint8Array, start: number, letters: readonly number[]): number {
  for (let k = 0; k < letters.length; k++) if (bytes[start + k] !== letters[k]) return NO
  return start + letters.length
}

/** What may follow a backslash (RFC 8259, section 7). */
export function isEscape (bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]!
  if (byte !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(byte)) && byte !== 0
  for (let k = 1; k <= 4; k++) if (!/[0-9a-fA-F]/.test(String.fromCharCode(bytes[at + k]!))) return false
  return true
}

/** A key of digits: JSON.parse puts such keys first. */
export function isIndex (bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start) return false
  for (let i = start; i < end; i++) if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return false
  return true
}
