/** What a person should look at: counts and reasons over the last day. */

import { z } from 'zod'
import { errorOf } from '../../model/errors.js'
import { KEPT_MS, SLOT_MS } from '../alarms/alarm-history.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const count = z.object({
  kind: z.enum(['guard-alarm', 'quarantined', 'refused', 'dead-lettered', 'delivery-trouble', 'outbox-full', 'dropped', 'data-gone', 'certificate-refused', 'retention-trouble']),
  reason: z.string().optional(),
  recipient: z.string().optional(),
  count: z.int()
})

const history = z.object({
  atMs: z.int().describe('Now, epoch milliseconds.'),
  sinceMs: z.int().describe('Counted since then, or for as long as kept.'),
  keptMs: z.int(),
  slotMs: z.int().describe('Length of a slot.'),
  slots: z.array(z.object({ atMs: z.int().describe('Start of the slot.'), counts: z.array(count) })).describe('Oldest first; those in which there was nothing are left out.')
})

export function alarmRoutes (api: Api, { core, gateway }: Services): void {
  api.get('/v1/alarms', {
    config: { access: 'read' },
    schema: { summary: 'Alarms, refusals and what could not be read, by reason, over the last day', response: answers(200, history) }
  }, async () => {
    if (gateway === undefined) throw errorOf('gateway-absent')
    const { alarms } = gateway
    return { atMs: core.now(), sinceMs: alarms.sinceMs, keptMs: KEPT_MS, slotMs: SLOT_MS, slots: alarms.slots() }
  })
}
