/** Metrics for Prometheus. Names and counts, no identifier of a home, so they need no token; the console is on loopback unless told otherwise. */

import { z } from 'zod'
import { errorOf } from '../../model/errors.js'
import type { Api } from '../route.js'
import type { Services } from '../services.js'

export function metricsRoutes (api: Api, { gateway }: Services): void {
  api.get('/metrics', {
    config: { access: 'open' },
    schema: { summary: 'Metrics in the text format of Prometheus', response: { 200: { description: 'metrics', content: { 'text/plain': { schema: z.string() } } } } }
  }, async (_, reply) => {
    if (gateway === undefined) throw errorOf('gateway-absent')
    return await reply.type(gateway.metrics.registry.contentType).send(await gateway.metrics.registry.metrics())
  })
}
