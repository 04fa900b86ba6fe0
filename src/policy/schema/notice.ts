/** `notice.yaml`: the privacy notice as data. */

import { z } from 'zod'
import { accept } from './accept.js'
import { about, categoryName, day, duration, name, reference, version } from './scalars.js'

const clause = reference.describe('Number of the clause that this comes from.')
const valueType = z.enum(['text', 'number', 'boolean', 'time', 'coordinate'])

const category = z.strictObject({
  type: z.union([valueType, z.array(valueType).min(1, 'must name a type')]).describe('Type of the value, or a list of types it may have.'),
  unit: z.string().optional().describe('Unit of a number; rules count in it.'),
  sensitivity: z.enum(['low', 'medium', 'high', 'critical']).describe('How much harm a leak does.'),
  freeText: z.boolean().optional().describe('A person wrote it: tails of known MAC addresses are looked for as well.'),
  never: z.boolean().optional().describe('Closed to every rule.'),
  clause,
  about
})

const purpose = z.strictObject({
  required: z.boolean().optional().describe('Needed for the service itself: cannot be refused.'),
  signal: z.enum(['honored']).optional().describe('The opt-out signal of an account denies it.'),
  notice: z.string().regex(/^>=\d{1,4}(\.\d{1,4}){0,2}$/, 'is not a demand such as ">=1.3"').optional()
    .describe('Consent given under an older notice does not count, such as ">=1.3".'),
  clause,
  about
})

const recipientKind = z.strictObject({
  access: z.enum(['open', 'recipient-consent', 'aggregate', 'closed'])
    .describe('open: by consent; recipient-consent: by a grant that names the recipient; aggregate, closed: no single reports.'),
  clause,
  about
})

const edition = z.strictObject({
  version: version.describe('Version of the notice.'),
  effective: day.describe('Day on which it takes effect.'),
  title: z.string().optional().describe('Title for people.')
})

export const noticeFile = z.strictObject({
  notice: edition.describe('The notice in force.'),
  clauses: z.record(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,31}$/, 'is not a clause number'), z.strictObject({
    about: z.string().describe('What the clause says, in our own words.')
  })).describe('Clauses by number.'),
  categories: z.record(categoryName, category).describe('Kinds of data.'),
  purposes: z.record(name, purpose).describe('Why data is processed.'),
  recipientKinds: z.record(name, recipientKind).describe('Who may receive data, and under what condition.'),
  pseudonyms: z.strictObject({
    longestEpoch: duration.describe('A stand-in for a device may last this long; curtilage lint tells of rules with longer epochs.')
  }).optional().describe('What the notice says of pseudonyms.'),
  previous: z.array(edition).optional().describe('Older versions of the notice.'),
  accept
}).describe('The privacy notice as data: categories, purposes, recipient kinds and the clauses they come from.')

export type NoticeFile = z.infer<typeof noticeFile>
