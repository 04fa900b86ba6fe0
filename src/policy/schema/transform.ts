/** A transform as written in an `allow` entry. */

import { z } from 'zod'
import { distance, duration } from './scalars.js'

const step = z.number().positive('must be more than 0')

const generalization = z.strictObject({
  round: z.union([step, duration]).optional().describe('Down to a multiple: a number in the unit of the category, or a duration.'),
  bucket: z.array(z.number()).min(1, 'must have an edge').optional().describe('Lower bounds of the buckets, ascending.'),
  grid: distance.optional().describe('Side of the cells that coordinates are moved to.'),
  map: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional()
    .describe('Coarser value by value; anything not listed is suppressed.'),
  pseudonymize: z.strictObject({
    epoch: duration.describe('Time after which the pseudonym changes.')
  }).optional().describe('A keyed stand-in, different for every recipient and account.'),
  part: z.enum(['hour', 'weekday']).optional().describe('One part of a time.')
}).meta({ minProperties: 1, maxProperties: 1 })

export const transform = z.union([z.enum(['keep', 'suppress']), generalization])
  .describe('What becomes of a value: keep, suppress, or one of round, bucket, grid, map, pseudonymize, part.')

export type WrittenTransform = z.infer<typeof transform>
