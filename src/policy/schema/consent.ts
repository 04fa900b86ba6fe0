/** `consent.yaml`: what holds where an account has said nothing. */

import { z } from 'zod'
import { about, duration, name, reference } from './scalars.js'

const answer = z.enum(['allow', 'deny'])

const regime = z.strictObject({
  otherwise: answer.describe('The default for purposes not listed.'),
  purposes: z.record(reference, answer).optional().describe('The default by purpose.'),
  denyKinds: z.array(reference).optional().describe('Recipient kinds to which the default is no, whatever the purpose.'),
  about
})

export const consentFile = z.strictObject({
  defaultRegion: reference.describe('Region of an account registered without one.'),
  transfers: z.record(name, z.array(name)).describe('By region of the account: regions of recipients to which its data may go.'),
  regimes: z.record(name, regime).describe('Defaults by the law that an account falls under; any other regime is treated as opt-in.'),
  minors: z.enum(['required-purposes-only']).describe('What an account marked as a minor\'s gives.'),
  signals: z.array(z.enum(['gpc', 'dnt'])).optional().describe('Opt-out signals that the app may set on an account.'),
  expiry: z.strictObject({
    grants: z.union([z.enum(['never']), duration]).describe('Life of a grant recorded without an expiry: never, or a duration.')
  }).optional().describe('When consent runs out; default never.')
}).describe('Regimes, regions and defaults of consent.')

export type ConsentFile = z.infer<typeof consentFile>
