/** `tests/*.yaml`: cases that ops run against the rules. */

import { z } from 'zod'
import { instant, reference, version } from './scalars.js'

const consent = z.strictObject({
  purpose: reference.describe('Purpose that the record speaks about.'),
  state: z.enum(['granted', 'denied', 'withdrawn']).describe('What was recorded.'),
  recipient: reference.optional().describe('Only for this recipient.'),
  category: reference.optional().describe('Only for this category.'),
  device: z.string().optional().describe('Only for this device.'),
  notice: version.optional().describe('Version of the notice it was given under; default the one in force.'),
  expires: instant.optional().describe('When a grant runs out.')
})

const account = z.strictObject({
  regime: reference.describe('Regime of the account.'),
  region: reference.optional().describe('Region of the account; default the default region.'),
  minor: z.boolean().optional().describe('Marked as a minor\'s.'),
  optOutSignal: z.boolean().optional().describe('The opt-out signal is on.'),
  consents: z.array(consent).optional().describe('Consent records, oldest first.')
})

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

const disclosed = z.strictObject({
  disclosed: z.strictObject({
    data: z.json().describe('The data of the disclosure; "{pseudonym}" stands for any pseudonym.'),
    device: scalar.optional().describe('The device of the envelope.'),
    time: scalar.optional().describe('The time of the envelope.')
  }).describe('The disclosure expected.')
})
const withheld = z.strictObject({ withheld: reference.describe('The reason expected.') })

const testCase = z.strictObject({
  name: z.string().min(1, 'must not be empty').describe('What the case shows.'),
  account: account.describe('What is known of the account.'),
  report: reference.describe('Report type.'),
  device: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not a device id').optional().describe('Device that sends.'),
  at: instant.optional().describe('Time on the clock of the gateway.'),
  payload: z.json().describe('The report.'),
  expect: z.record(reference, z.union([disclosed, withheld])).describe('By recipient: what it gets, or why nothing.')
})

export const casesFile = z.strictObject({
  cases: z.array(testCase).describe('The cases.')
}).describe('Given an account and a report: what each recipient gets.')

export type CasesFile = z.infer<typeof casesFile>
