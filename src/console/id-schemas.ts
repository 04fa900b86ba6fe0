/** Ids, names and times as requests spell them. */

import { z } from 'zod'
import { parseExpiry } from '../consent/expiry.js'

export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not 1 to 64 of A-Za-z0-9_-')
export const name = z.string().min(1).max(64)
/** Text that terminals show to auditors: no control characters. */
export const remark = z.string().max(200).regex(/^\P{Cc}*$/u, 'holds control characters')

export const accountParams = z.strictObject({ account: id })

/** A list is asked for page by page: `after` is the last id of the page before. */
export const page = z.strictObject({
  after: id.optional().describe('The last id of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('At most this many.')
})

/** A day, a time with its offset, or epoch milliseconds. */
export const instant = z.union([z.string().max(40), z.int().nonnegative()]).transform((written, context) => {
  const instantMs = parseExpiry(typeof written === 'string' && /^\d+$/.test(written) ? Number(written) : written)
  if (instantMs !== undefined) return instantMs
  context.addIssue({ code: 'custom', message: 'is no time such as 2027-01-31 or 2027-01-31T12:00:00Z' })
  return z.NEVER
}).describe('A day (its start in UTC), a time with its offset, or epoch milliseconds.')

/** Lines of an import, as they stand in the file. */
export const lines = z.strictObject({
  lines: z.array(z.string()).min(1).max(1000).describe('Lines of NDJSON; at most 1000 a request.')
})

export const IMPORT_BYTES = 4 * 1024 * 1024

export const imported = z.object({
  lines: z.int(),
  imported: z.int(),
  bad: z.int(),
  problems: z.array(z.object({ line: z.int().describe('Counted from 1 within the request.'), problem: z.string() }))
})
