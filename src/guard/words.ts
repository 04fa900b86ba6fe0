/**
 * Bytes read four at a time. A reader may look up to three bytes beyond the end that it was told, so whoever hands bytes
 * over has them followed by room: every window has at least `SLACK` bytes behind what it holds.
 */

export const SLACK = 8

/** Bytes and a view of the same. */
export interface Window {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function newWindow (length: number): Window {
  const bytes = new Uint8Array(length + SLACK)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** A copy of a few bytes, with room behind. */
export function windowOf (bytes: Uint8Array): Window {
  const window = newWindow(bytes.length)
  window.bytes.set(bytes)
  return window
}

/** The bytes of the last word that belong to a text of that length: all of a word where it ends with one. */
export function lastMask (length: number): number {
  const rest = length & 3
  return rest === 0 ? -1 : (1 << (rest << 3)) - 1
}

/** Are `length` bytes at the one place those at the other? */
export function areSame (a: DataView, from: number, b: DataView, at: number, length: number): boolean {
  const whole = length & ~3
  for (let k = 0; k < whole; k += 4) if (a.getInt32(from + k, true) !== b.getInt32(at + k, true)) return false
  return whole === length || ((a.getInt32(from + whole, true) ^ b.getInt32(at + whole, true)) & lastMask(length)) === 0
}

/** Copies; what stands behind the end of the copy is overwritten up to the next word. */
export function copyWords (from: DataView, start: number, to: DataView, at: number, length: number): void {
  for (let k = 0; k < length; k += 4) to.setInt32(at + k, from.getInt32(start + k, true), true)
}

const MOST_HASHED = 64

/** Of the length and all bytes; of longer texts, of the first 60 bytes and the last four. */
export function hashOf (view: DataView, start: number, length: number): number {
  let hash = Math.imul(length ^ 0x2545f491, 0x9e3779b1)
  const whole = length > MOST_HASHED ? MOST_HASHED - 4 : length & ~3
  for (let k = 0; k < whole; k += 4) hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(start + k, true), 0x85ebca6b)
  if (whole < length) hash = Math.imul(hash ^ (hash >>> 13) ^ (length > MOST_HASHED ? view.getInt32(start + length - 4, true) : view.getInt32(start + whole, true) & lastMask(length)), 0xc2b2ae35)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x7feb352d)
  return hash ^ (hash >>> 15)
}

/** Are the four bytes all letters g–z? No text of such letters holds anything, however it is read. */
export function areQuietLetters (word: number): boolean {
  return ((word | (word + 0x05050505)) & 0x80808080) === 0 && ((word + 0x19191919) & 0x80808080 | 0) === (0x80808080 | 0)
}
