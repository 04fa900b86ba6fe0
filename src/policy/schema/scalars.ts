/** Scalars that several kinds of configuration file share. Messages complete the sentence "'value' …". */

import { z } from 'zod'

const shortName = /^[a-z][a-z0-9-]{0,63}$/

export const name = z.string()
  .regex(shortName, 'is not a name: a small letter, then at most 63 small letters, digits and -')

export const categoryName = z.string().max(64, 'is longer than 64 characters')
  .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'is not a category: two or more words of small letters, digits and -, parted by dots')

/** At most three parts: four would be an IP address, and the version stands in every disclosure. */
export const version = z.string()
  .regex(/^\d{1,4}(\.\d{1,4}){0,2}$/, 'is not a version such as "1.3"')

export const duration = z.string('must be a duration such as 15m')
  .regex(/^\d{1,15}(\.\d{1,6})?(ms|s|m|h|d)$/, 'is not a duration such as 500ms, 15m or 30d')

export const distance = z.string('must be a distance such as 10km')
  .regex(/^\d{1,8}(\.\d{1,3})?(m|km)$/, 'is not a distance such as 500m or 10km')

export const size = z.union([
  z.int('is not a whole number of bytes').positive('must be more than 0'),
  z.string().regex(/^\d{1,10}(KiB|MiB|GiB)$/, 'is not a size such as 256KiB or 1MiB')
])

export const day = z.string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'is not a day such as 2020-11-25')

export const instant = z.string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/, 'is not a time such as 2026-01-05T10:20:30Z')

export const origin = z.enum(['device', 'integration', 'partner'])

/** A name that another file or section defines; whether it exists is checked when all files are read. */
export const reference = z.string().min(1, 'must not be empty')

export const about = z.string().describe('A note for people; nothing reads it.').optional()
