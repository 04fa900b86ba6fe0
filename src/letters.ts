/**
 * Ids, pseudonyms and digests of our own, spelled in the letters g–z only.
 *
 * None of these letters is a hexadecimal digit, so no id can spell a MAC or IP address, alone or beside its neighbors.
 */

const ALPHABET = 'ghijklmnopqrstuvwxyz'
const BASE = ALPHABET.length
/** Letters that are read in one step: as many as a plain number holds exactly. */
const STEP_LETTERS = 11
const BASES = Array.from({ length: STEP_LETTERS + 1 }, (_, letters) => BigInt(BASE) ** BigInt(letters))
/** Letters that are spelled in one step: what is divided stays below 2^31. */
const SPELLED = 3
const TRIPLES = Array.from({ length: BASE ** SPELLED }, (_, i) => ALPHABET.charAt(i / BASE / BASE) + ALPHABET.charAt(i / BASE % BASE) + ALPHABET.charAt(i % BASE))
const LIMB = 0x10000

/**
 * Spells bytes as a number in base 20, padded to a length that depends on the byte count alone.
 *
 * 16 bytes take 30 letters, 32 bytes take 60. Injective for inputs of one length.
 */
export function lettersOf (bytes: Uint8Array): string {
  const length = lettersFor(bytes.length)
  const limbs = limbsOf(bytes)
  let first = 0
  let letters = ''
  while (letters.length < length) {
    let rest = 0
    for (let i = first; i < limbs.length; i++) {
      const part = rest * LIMB + limbs[i]!
      const quotient = Math.floor(part / TRIPLES.length)
      limbs[i] = quotient
      rest = part - quotient * TRIPLES.length
    }
    if (limbs[first] === 0) first++
    letters = TRIPLES[rest]! + letters
  }
  return letters.slice(-length)
}

/** Two bytes each, the last two last. */
function limbsOf (bytes: Uint8Array): number[] {
  const limbs: number[] = []
  const odd = bytes.length % 2
  if (odd === 1) limbs.push(bytes[0]!)
  for (let i = odd; i < bytes.length; i += 2) limbs.push(bytes[i]! * 0x100 + bytes[i + 1]!)
  return limbs
}

/** The bytes that `lettersOf` spelled so; undefined where the letters spell no `length` bytes. */
export function bytesOfLetters (letters: string, length: number): Buffer | undefined {
  if (letters.length !== lettersFor(length) || !/^[g-z]*$/.test(letters)) return undefined
  let number = 0n
  for (let i = 0; i < letters.length; i += STEP_LETTERS) number = number * BASES[Math.min(STEP_LETTERS, letters.length - i)]! + BigInt(readStep(letters.slice(i, i + STEP_LETTERS)))
  const hex = number.toString(16).padStart(2 * length, '0')
  return hex.length > 2 * length ? undefined : Buffer.from(hex, 'hex')
}

function readStep (letters: string): number {
  let number = 0
  for (const letter of letters) number = number * BASE + ALPHABET.indexOf(letter)
  return number
}

function lettersFor (byteCount: number): number {
  return Math.ceil(byteCount * 8 / Math.log2(BASE))
}
