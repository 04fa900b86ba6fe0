/** Recipients: `curtilage recipient`. */

import { z } from 'zod'
import { CurtilageError } from '../../model/errors.js'
import { actorOf } from '../access.js'
import { name, remark } from '../id-schemas.js'
import { checkKnown } from '../known-name.js'
import { outboxOf } from '../outbox-of.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

export const pause = z.object({ reason: z.string(), by: z.string(), atMs: z.number() })

const shown = z.object({
  recipient: z.string(),
  enabled: z.boolean(),
  kind: z.string(),
  purpose: z.string(),
  region: z.string(),
  reports: z.array(z.string()),
  sink: z.object({ type: z.string(), folder: z.string().optional() }),
  waiting: z.int().describe('Disclosures in the outbox.'),
  paused: pause.optional()
})

export function recipientRoutes (api: Api, services: Services): void {
  const { core, gateway } = services
  const recipients = () => core.configuration.policy.recipients

  api.get('/v1/recipients', {
    config: { access: 'read' },
    schema: { summary: 'Recipients of the policy in force', response: answers(200, z.object({ recipients: z.array(shown) })) }
  }, async () => ({
    recipients: recipients().map(({ name, enabled, kind, purpose, region, reports, sink }) => ({
      recipient: name,
      enabled,
      kind: kind.name,
      purpose: purpose.name,
      region,
      reports: [...reports],
      sink: { ...sink },
      waiting: outboxOf(services).depth(name),
      ...pausedOf(name)
    }))
  }))

  api.post('/v1/recipients/:recipient/pause', {
    config: { access: 'write', audit: 'recipient.pause', urgent: true },
    schema: {
      summary: 'Stop delivery to a recipient, until it is resumed',
      description: 'Answered when it is durable and what was under way has settled. What comes for the recipient waits. An emergency stop: a disk that takes no record holds it up no longer than the gateway runs, and the answer says so.',
      params: z.strictObject({ recipient: name }),
      body: z.strictObject({ reason: remark.min(1), by: remark.min(1).optional() }),
      response: answers(200, z.object({ recipient: z.string(), paused: pause }))
    }
  }, async (request) => {
    const { params: { recipient }, body: { reason, by = actorOf(request) } } = request
    demandKnown(recipient)
    const paused = { reason, by, atMs: core.now() }
    const recorded = outboxOf(services).pause(recipient, paused).then(() => true, () => false)
    const listed = recorded.then(async isRecorded => { if (isRecorded) await core.replay.note({ what: 'pause', recipient, isPaused: true }) })
    // whatever comes of the sends under way, nothing of this is written after the answer
    try { await settleAfterPause(services, recipient) } finally { await listed.catch(() => {}) }
    if (await recorded) {
      await listed
      return { recipient, paused }
    }
    throw new CurtilageError('outbox-write', gateway === undefined
      ? 'not paused: the store could not record it. Make room on the disk and ask again'
      : 'paused until this gateway ends, but the store could not record it. Make room on the disk and ask again')
  })

  api.post('/v1/recipients/:recipient/resume', {
    config: { access: 'write', audit: 'recipient.resume' },
    schema: {
      summary: 'Deliver to a recipient again',
      params: z.strictObject({ recipient: name }),
      response: answers(200, z.object({ recipient: z.string(), wasPaused: z.boolean() }))
    }
  }, async ({ params: { recipient } }) => {
    const wasPaused = outboxOf(services).pauseOf(recipient) !== undefined
    if (!wasPaused) demandKnown(recipient)
    await outboxOf(services).resume(recipient)
    if (wasPaused) await core.replay.note({ what: 'pause', recipient, isPaused: false })
    gateway?.delivery.wake(recipient)
    return { recipient, wasPaused }
  })

  api.post('/v1/recipients/:recipient/token', {
    config: { access: 'write', audit: 'recipient.token' },
    schema: {
      summary: 'A new password for a recipient of the mqtt sink',
      description: 'The one before is void. Shown once.',
      params: z.strictObject({ recipient: name }),
      response: answers(201, z.object({ recipient: z.string(), userName: z.string(), token: z.string() }))
    }
  }, async ({ params: { recipient } }, reply) => {
    demandKnown(recipient)
    if (recipients().find(({ name }) => name === recipient)?.sink.type !== 'mqtt') {
      throw new CurtilageError('token-invalid', 'the recipient does not connect: its sink is not mqtt')
    }
    const token = await core.registry.recipientToken(recipient)
    return await reply.code(201).send({ recipient, userName: `recipient:${recipient}`, token })
  })

  function demandKnown (recipient: string): void {
    checkKnown('token-invalid', 'recipient', recipient, recipients().map(({ name }) => name))
  }

  function pausedOf (recipient: string): { paused?: z.infer<typeof pause> } {
    const paused = outboxOf(services).pauseOf(recipient)
    return paused === undefined ? {} : { paused }
  }
}

/** Throws CurtilageError delivery-unsettled: it is paused, and may be asked for again. */
async function settleAfterPause ({ gateway }: Services, recipient: string): Promise<void> {
  try {
    await gateway?.delivery.settle(recipient)
  } catch (error) {
    if (!(error instanceof CurtilageError) || error.code !== 'delivery-unsettled') throw error
    throw new CurtilageError('delivery-unsettled', 'paused, but the sink has neither finished nor given up what it was sending before: ask again')
  }
}
