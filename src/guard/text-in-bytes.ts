/** Text in bytes that decoding gave: stretches of printable ASCII and well-formed UTF-8, long enough to spell an address. */

/** `fe80::` is the shortest address. */
const SHORTEST = 6

/**
 * The stretches of text in the bytes, as strings. Line breaks, tabs and NUL belong to text (UTF-16 of ASCII has a NUL at
 * every other byte).
 */
export function textsIn (bytes: Uint8Array): string[] {
  const texts: string[] = []
  let start = 0
  for (let i = 0; i <= bytes.length;) {
    const length = i < bytes.length ? characterLength(bytes, i) : 0
    if (length > 0) {
      i += length
      continue
    }
    if (i - start >= SHORTEST) texts.push(Buffer.from(bytes.buffer, bytes.byteOffset + start, i - start).toString('utf8'))
    start = ++i
  }
  return texts
}

/** Would `textsIn` find any in the first `count` bytes? */
export function holdsText (bytes: Uint8Array, count: number): boolean {
  let start = 0
  for (let i = 0; i < count;) {
    const length = characterLength(bytes, i)
    if (length > 0 && i + length <= count) {
      i += length
      if (i - start >= SHORTEST) return true
    } else {
      start = ++i
    }
  }
  return false
}

/** Bytes of the character that begins at `i`; 0 where there is none. Overlong forms pass: they decode to no ASCII. */
function characterLength (bytes: Uint8Array, i: number): number {
  const byte = bytes[i]!
  if (byte < 0x80) return isText(byte) ? 1 : 0
  const length = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0
  if (byte > 0xf4) return 0
  for (let k = 1; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

function isText (byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0
}
