/** Ids of ledger records: the sequence in base 20, letters g–z, so an id also tells the record's place. */

const ALPHABET = 'ghijklmnopqrstuvwxyz'
const LENGTH = 12
const letters = Buffer.alloc(LENGTH)

export function recordId (sequence: number): string {
  // Through bytes: a string grown letter by letter would be kept as twelve pieces, and views hold many ids.
  for (let i = LENGTH - 1, rest = sequence; i >= 0; i--, rest = Math.floor(rest / 20)) letters[i] = ALPHABET.charCodeAt(rest % 20)
  return letters.toString('latin1')
}

/** Undefined where `id` is no record id. */
export function sequenceOf (id: string): number | undefined {
  if (!/^[g-z]{12}$/.test(id)) return undefined
  let sequence = 0
  for (const letter of id) sequence = sequence * 20 + ALPHABET.indexOf(letter)
  return Number.isSafeInteger(sequence) ? sequence : undefined
}
