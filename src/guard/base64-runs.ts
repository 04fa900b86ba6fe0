/**
 * Base64 and base64url (RFC 4648) anywhere in a text, padded or not, in lines or not; a text that is nothing else may also
 * part its groups by spaces.
 *
 * A run may be glued to other characters of the alphabet, so each is decoded from each of its first four characters on:
 * one of them is the right one. Only runs with an upper-case letter are tried, since all hex digits and separators of
 * addresses begin a group of base64 with one.
 */

const SHORTEST = 8
/** Four bytes; shorter than a word, so padding must tell that it is none. */
const SHORTEST_PADDED = 6
/** Quantifiers do not nest and what they repeat does not overlap. */
const RUN = /[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n(?=[A-Za-z0-9+/_-]))*/g

/** Anchored, or it would be tried from everywhere. */
const SPACED_GROUPS = /^(?:[A-Za-z0-9+/_-]{4})+(?:[ \t](?:[A-Za-z0-9+/_-]{4})+)+(?:[ \t][A-Za-z0-9+/_=-]{1,76})?$/

/** Is the text four characters and four, parted by spaces? */
export function areSpacedGroups (text: string): boolean {
  return SPACED_GROUPS.test(text)
}

/** The bytes that base64 in a text may stand for: of each run of lines or groups together, and of each of them alone. */
export function * base64Bytes (written: string): Generator<Buffer> {
  if (areSpacedGroups(written)) yield * decoded(written.replace(/[ \t]/g, ''))
  yield * decoded(written)
  for (const [run] of written.matchAll(RUN)) {
    // a line may be a text of its own: read together with the one before, its first digit has another at its side
    if (/\s/.test(run)) for (const line of run.split(/\s+/)) yield * decoded(line)
  }
}

function * decoded (text: string): Generator<Buffer> {
  for (const { 0: match, index } of text.matchAll(RUN)) {
    const run = match.replace(/\s/g, '')
    const isLong = run.length >= SHORTEST || (run.length === SHORTEST_PADDED && text.startsWith('==', index + match.length))
    if (!isLong || !/[A-Z]/.test(run) || !/[^0-9A-Fa-f]/.test(run)) continue
    for (let offset = 0; offset < 4; offset++) yield Buffer.from(run.slice(offset), 'base64')
  }
}
