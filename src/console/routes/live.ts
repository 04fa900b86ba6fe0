/** The live view: what enters, what leaves and what stays, a snapshot a second. */

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { errorOf } from '../../model/errors.js'
import { bearerOf } from '../access.js'
import { LiveFeed } from '../live/live-feed.js'
import { snapshot, type Snapshot } from '../live/snapshot.js'
import { events, EVENT_STREAM, type Api } from '../route.js'
import type { Services } from '../services.js'

const EVERY_MS = 1_000

export function liveRoutes (api: Api, { core, gateway }: Services): void {
  const feed = gateway && new LiveFeed({ observe: observer => gateway.observe(observer), standing: () => ({ outbox: outboxNow() }), now: core.now, everyMs: EVERY_MS })
  api.addHook('preClose', async () => feed?.close())

  api.get('/v1/live', {
    config: { access: 'read' },
    schema: {
      summary: 'What the gateway does, as server-sent events',
      description: 'A snapshot a second, which is the sign of life as well. The header Last-Event-ID gets those missed within the last minute. Ends when the token is revoked.',
      response: events('events whose data is a snapshot', snapshot)
    }
  }, async (request, reply) => {
    if (feed === undefined) throw errorOf('gateway-absent')
    const stream = feed.watch(lastOf(request), () => isValid(request))
    // a stream is sent as it is; the schema above is for the data of an event
    return await reply.type(EVENT_STREAM).send(stream as never)
  })

  function isValid (request: FastifyRequest): boolean {
    return core.registry.tokens.check(bearerOf(request) ?? '') !== undefined
  }

  function outboxNow (): Snapshot['outbox'] {
    if (gateway === undefined) return []
    const { outbox, delivery } = gateway
    return core.configuration.policy.recipients.filter(({ enabled }) => enabled).map(({ name }) => {
      const [oldestMs, trouble] = [outbox.oldestMs(name), delivery.troubleOf(name)]
      return {
        recipient: name,
        waiting: outbox.depth(name),
        deadLetters: outbox.deadLetterCount(name),
        paused: outbox.pauseOf(name) !== undefined,
        ...(oldestMs !== undefined && { oldestMs }),
        ...(trouble !== undefined && { trouble: trouble.code })
      }
    })
  }
}

function lastOf ({ headers: { 'last-event-id': last } }: FastifyRequest): number | undefined {
  return z.coerce.number().int().nonnegative().optional().catch(undefined).parse(last)
}
