/** Ids of ledger records: the sequence in base 20, letters g–z, so an id also tells the record's place. */

const ALPHABET = 'ghijklmnopqrstuvwxyz'
const LENGTH = 12

export function recordId (sequence: number): string {
  let id = ''
  for (let rest = sequence; id.length < LENGTH; rest = Math.floor(rest / 20)) id = ALPHABET.charAt(rest % 20) + id
  return id
}

/** Undefined where `id` is no record id. */
export function sequenceOf (id: string): number | undefined {
  if (!/^[g-z]{12}$/.test(id)) return undefined
  let sequence = 0
  for (const letter of id) sequence = sequence * 20 + ALPHABET.indexOf(letter)
  return Number.isSafeInteger(sequence) ? sequence : undefined
}
