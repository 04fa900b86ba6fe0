/** Bytes that decoding gave: text, or not? */

const SHORTEST_TEXT = 6

/** A stretch of printable ASCII long enough for an address (NUL is skipped: UTF-16), or valid UTF-8 beyond it. */
export function holdsText (bytes: Uint8Array): boolean {
  let run = 0
  let beyond = false
  for (const byte of bytes) {
    if (byte >= 0x20 && byte <= 0x7e) {
      if (++run >= SHORTEST_TEXT) return true
    } else if (byte >= 0x80) {
      beyond = true
      run = 0
    } else if (byte !== 0) {
      run = 0
    }
  }
  return beyond && bytes.length >= SHORTEST_TEXT && isUtf8(bytes)
}

function isUtf8 (bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
