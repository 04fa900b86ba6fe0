/** The outbox: what waits for whom, and what recipients refused for good: `curtilage outbox`. */

import { z } from 'zod'
import type { DeadLetter } from '../../outbox/contract.js'
import { name } from '../id-schemas.js'
import { outboxOf } from '../outbox-of.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import { pause } from './recipients.js'

const line = z.object({
  recipient: z.string(),
  waiting: z.int().describe('Disclosures that wait, those under way included.'),
  bytes: z.int().describe('Room on the disk of those and of its dead letters; an estimate.'),
  oldestMs: z.number().optional().describe('When the first in line was decided.'),
  deadLetters: z.int(),
  paused: pause.optional(),
  trouble: z.object({ sinceMs: z.number(), code: z.string() }).optional().describe('What holds up delivery now, where a gateway runs.')
})

const status = z.object({
  entries: z.int(),
  maxEntries: z.int(),
  bytes: z.int(),
  maxBytes: z.int(),
  recipients: z.array(line)
})

const letterId = z.string().regex(/^[g-z]{1,100}$/, 'is no id of a disclosure')

const letter = z.object({
  id: z.string(),
  recipient: z.string(),
  report: z.string(),
  reason: z.string(),
  firstMs: z.number().describe('When it was refused first.'),
  lastMs: z.number(),
  refusals: z.int(),
  bytes: z.int()
})

const query = z.strictObject({
  recipient: name.optional(),
  after: letterId.optional().describe('The last id of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('At most this many.')
})

const choice = z.union([
  z.strictObject({ ids: z.array(letterId).min(1).max(1000) }),
  z.strictObject({ recipient: name }),
  z.strictObject({ all: z.literal(true) })
]).describe('Which: those of these ids, those of a recipient, or all.')

const changed = z.object({ count: z.int(), missing: z.int().describe('Ids that are no dead letter.') })

type Choice = z.infer<typeof choice>

export function outboxRoutes (api: Api, services: Services): void {
  const { core, gateway } = services

  api.get('/v1/outbox', {
    config: { access: 'read' },
    schema: { summary: 'What waits for whom, and what holds it up', response: answers(200, status) }
  }, async () => {
    const recipients = statusOf(services)
    const { limits } = core.configuration.gateway
    return {
      entries: sum(recipients.map(({ waiting }) => waiting)),
      maxEntries: limits.maxOutboxEntries,
      bytes: sum(recipients.map(({ bytes }) => bytes)),
      maxBytes: limits.maxOutboxBytes,
      recipients
    }
  })

  api.get('/v1/outbox/dead', {
    config: { access: 'read' },
    schema: {
      summary: 'What recipients refused for good',
      description: 'In the order of the ids, which is that of no time.',
      querystring: query,
      response: answers(200, z.object({ deadLetters: z.array(letter) }))
    }
  }, async ({ query: { recipient, after = '', limit } }) => {
    const letters = outboxOf(services).deadLetters(recipient).filter(({ id }) => id > after)
    return { deadLetters: letters.sort((a, b) => a.id < b.id ? -1 : 1).slice(0, limit) }
  })

  api.post('/v1/outbox/dead/retry', {
    config: { access: 'write', audit: 'outbox.retry' },
    schema: { summary: 'Send dead letters again', description: 'Consent and policy are asked once more.', body: choice, response: answers(200, changed) }
  }, async ({ body, audited }) => {
    const matched = new Matched(body)
    const count = await outboxOf(services).retry(matched.match)
    audited.count = count
    for (const [recipient, count] of matched.counts) gateway?.tell({ type: 'dead-letters-gone', recipient, why: 'retried', count })
    return { count, missing: missing(body, count) }
  })

  api.post('/v1/outbox/dead/discard', {
    config: { access: 'write', audit: 'outbox.discard' },
    schema: { summary: 'Throw dead letters away', body: choice, response: answers(200, changed) }
  }, async ({ body, audited }) => {
    const matched = new Matched(body)
    const { length: count } = await outboxOf(services).discard(matched.match)
    audited.count = count
    for (const [recipient, count] of matched.counts) gateway?.tell({ type: 'dead-letters-gone', recipient, why: 'discarded', count })
    return { count, missing: missing(body, count) }
  })
}

function statusOf (services: Services): z.infer<typeof line>[] {
  const { core: { configuration: { policy } }, gateway } = services
  const outbox = outboxOf(services)
  const dead = outbox.deadLetters().map(({ recipient }) => recipient)
  const names = new Set([...policy.recipients.map(({ name }) => name), ...outbox.recipients(), ...dead, ...outbox.paused()])
  return [...names].map(recipient => {
    const [oldestMs, paused, trouble] = [outbox.oldestMs(recipient), outbox.pauseOf(recipient), gateway?.delivery.troubleOf(recipient)]
    return {
      recipient,
      waiting: outbox.depth(recipient),
      bytes: outbox.bytes(recipient),
      ...(oldestMs !== undefined && { oldestMs }),
      deadLetters: outbox.deadLetterCount(recipient),
      ...(paused !== undefined && { paused }),
      ...(trouble !== undefined && { trouble })
    }
  })
}

/** The dead letters that are chosen, counted as they are met. */
class Matched {
  readonly counts = new Map<string, number>()
  readonly match: (letter: DeadLetter) => boolean

  constructor (choice: Choice) {
    const ids = new Set('ids' in choice ? choice.ids : [])
    const isChosen = ({ id, recipient }: DeadLetter): boolean => 'all' in choice || ('recipient' in choice ? recipient === choice.recipient : ids.has(id))
    this.match = letter => {
      if (!isChosen(letter)) return false
      this.counts.set(letter.recipient, (this.counts.get(letter.recipient) ?? 0) + 1)
      return true
    }
  }
}

function missing (choice: Choice, count: number): number {
  return 'ids' in choice ? new Set(choice.ids).size - count : 0
}

function sum (numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
