/** `recipients/*.yaml`: who gets what. */

import { z } from 'zod'
import { accept } from './accept.js'
import { about, duration, name, origin, reference } from './scalars.js'
import { sink } from './sink.js'
import { transform } from './transform.js'

export const recipientFile = z.strictObject({
  recipient: name.describe('Name of the recipient; stands in every disclosure.'),
  kind: reference.describe('Recipient kind of the notice.'),
  purpose: reference.describe('Purpose of the notice.'),
  region: reference.describe('Region where the data goes.'),
  reports: z.array(reference).min(1, 'must name a report').describe('Report types that it gets.'),
  allow: z.record(z.string(), transform).describe('Transform by category, or by family such as sensor.*. What is not listed never leaves.'),
  sink: sink.describe('The way to the recipient.'),
  enabled: z.boolean().optional().describe('Switched on; default true.'),
  excludeOrigins: z.array(origin).optional().describe('Origins whose reports it does not get.'),
  release: duration.optional().describe('Disclosures wait until the end of this interval.'),
  accept,
  about
}).describe('A recipient, and what it may have.')

export type RecipientFile = z.infer<typeof recipientFile>
