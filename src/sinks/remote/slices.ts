/** Cuts a batch into pieces that a server takes in one go. */

import type { Disclosure } from '../../model/disclosure.js'

export interface Slice {
  /** Place of its first disclosure in the batch. */
  readonly start: number
  readonly disclosures: readonly Disclosure[]
}

/** In order; none holds more than so many bytes, unless one disclosure alone does. */
export function slicesOf (batch: readonly Disclosure[], maxBytes: number): Slice[] {
  const slices: { start: number, disclosures: Disclosure[] }[] = []
  let bytes = Infinity
  for (const [index, disclosure] of batch.entries()) {
    bytes += disclosure.bytes.byteLength
    if (bytes > maxBytes) {
      slices.push({ start: index, disclosures: [] })
      bytes = disclosure.bytes.byteLength
    }
    slices.at(-1)?.disclosures.push(disclosure)
  }
  return slices
}
