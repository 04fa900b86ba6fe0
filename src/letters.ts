/**
 * Ids, pseudonyms and digests of our own, spelled in the letters g–z only.
 *
 * None of these letters is a hexadecimal digit, so no id can spell a MAC or IP address, alone or beside its neighbors.
 */

const ALPHABET = 'ghijklmnopqrstuvwxyz'
const BASE = ALPHABET.length
/** Letters taken off in one step: as many as a plain number holds exactly. */
const STEP_LETTERS = 11
const STEP = BigInt(BASE) ** BigInt(STEP_LETTERS)
const BASES = Array.from({ length: STEP_LETTERS + 1 }, (_, letters) => BigInt(BASE) ** BigInt(letters))

/**
 * Spells bytes as a number in base 20, padded to a length that depends on the byte count alone.
 *
 * 16 bytes take 30 letters, 32 bytes take 60. Injective for inputs of one length.
 */
export function lettersOf (bytes: Uint8Array): string {
  const length = lettersFor(bytes.length)
  let rest = BigInt('0x0' + Buffer.from(bytes).toString('hex'))
  let letters = ''
  while (letters.length < length) {
    letters = spell(Number(rest % STEP)) + letters
    rest /= STEP
  }
  return letters.slice(-length)
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

function spell (number: number): string {
  let letters = ''
  for (let i = 0; i < STEP_LETTERS; i++) {
    letters = ALPHABET.charAt(number % BASE) + letters
    number = Math.floor(number / BASE)
  }
  return letters
}

function lettersFor (byteCount: number): number {
  return Math.ceil(byteCount * 8 / Math.log2(BASE))
}
