/** What the gateway did within about a second, in names and counts; nothing of any home. */

import { z } from 'zod'

const count = z.int()

export const snapshot = z.object({
  sequence: z.int().describe('Counts on; a gap means that some were missed.'),
  atMs: z.int().describe('End of the time it is about, epoch milliseconds.'),
  seconds: z.number().describe('Length of that time.'),
  reports: z.array(z.object({ report: z.string(), outcome: z.string(), count })).describe('Reports that came in.'),
  flows: z.array(z.object({ report: z.string(), category: z.string(), recipient: z.string(), reason: z.string().optional().describe('Why it stayed; absent where it may leave.'), count }))
    .describe('How many reports held a category that may leave to a recipient, or stayed.'),
  delivered: z.array(z.object({ recipient: z.string(), count })).describe('Disclosures.'),
  withheld: z.array(z.object({ recipient: z.string(), reason: z.string(), count })).describe('Whole reports, or disclosures on their way out.'),
  quarantined: z.array(z.object({ reason: z.string(), count })),
  refused: z.array(z.object({ reason: z.string(), count })).describe('Connections.'),
  outbox: z.array(z.object({ recipient: z.string(), waiting: count, oldestMs: z.number().optional(), deadLetters: count, paused: z.boolean(), trouble: z.string().optional() }))
})

export type Snapshot = z.infer<typeof snapshot>
