/**
 * Ids, pseudonyms and digests of our own, spelled in the letters g–z only.
 *
 * None of these letters is a hexadecimal digit, so no id can spell a MAC or IP address, alone or beside its neighbors.
 */

const ALPHABET = 'ghijklmnopqrstuvwxyz'
const BASE = BigInt(ALPHABET.length)

/**
 * Spells bytes as a number in base 20, padded to a length that depends on the byte count alone.
 *
 * 16 bytes take 30 letters, 32 bytes take 60. Injective for inputs of one length.
 */
export function lettersOf (bytes: Uint8Array): string {
  let rest = BigInt('0x0' + Buffer.from(bytes).toString('hex'))
  const letters: string[] = []
  for (let i = lettersFor(bytes.length); i > 0; i--) {
    letters.push(ALPHABET.charAt(Number(rest % BASE)))
    rest /= BASE
  }
  return letters.reverse().join('')
}

function lettersFor (byteCount: number): number {
  return Math.ceil(byteCount * 8 / Math.log2(ALPHABET.length))
}
