/** What every route of the API is made with. */

import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { problemSchema } from './problem-reply.js'

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

const JSON_PROBLEM = { description: 'what is wrong (RFC 9457)', content: { 'application/problem+json': { schema: problemSchema } } }

/** The answers of a route: one that is right, and problems. */
export function answers<Status extends 200 | 201, T extends z.ZodType> (status: Status, schema: T) {
  return { [status]: schema, '4xx': JSON_PROBLEM, '5xx': JSON_PROBLEM } as { [S in Status]: T }
}

/** The answer of a route that has nothing to say. */
export const nothing = { 204: z.undefined().describe('done'), '4xx': JSON_PROBLEM, '5xx': JSON_PROBLEM } as { 204: z.ZodUndefined }
