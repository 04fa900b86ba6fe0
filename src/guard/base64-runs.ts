/**
 * Base64 and base64url (RFC 4648) anywhere in a text, padded or not, in lines or not.
 *
 * A run may be glued to other characters of the alphabet, so each is decoded from each of its first four characters on:
 * one of them is the right one. Only runs with an upper-case letter are tried, since all hex digits and separators of
 * addresses begin a group of base64 with one.
 */

const SHORTEST = 8
/** Quantifiers do not nest and what they repeat does not overlap. */
const RUN = /[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n(?=[A-Za-z0-9+/_-]))*/g

/** The bytes that base64 in a text may stand for. */
export function * base64Bytes (text: string): Generator<Buffer> {
  for (const [match] of text.matchAll(RUN)) {
    const run = match.replace(/\s/g, '')
    if (run.length < SHORTEST || !/[A-Z]/.test(run) || !/[^0-9A-Fa-f]/.test(run)) continue
    for (let offset = 0; offset < 4; offset++) yield Buffer.from(run.slice(offset), 'base64')
  }
}
