/**
 * The room that an entry takes in the database, as it is counted for `limits.maxOutboxBytes`.
 *
 * An estimate from the page layout of LMDB: values beyond half a page have pages of their own, and of the others a page
 * holds about one less than would fit. Within a quarter of what the database itself tells, for sizes from 100 B up.
 */

const PAGE = 4096
const PAGE_HEADER = 16
const LARGEST_INLINE = 2038
/** Key and place of one entry. */
const KEY = 48

export function diskRoom (contentBytes: number): number {
  const node = contentBytes + KEY
  if (node > LARGEST_INLINE) return Math.ceil((contentBytes + PAGE_HEADER) / PAGE) * PAGE + KEY
  return Math.ceil(PAGE / Math.max(1, Math.floor((PAGE - PAGE_HEADER) / node) - 1))
}
