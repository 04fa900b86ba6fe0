/** What every route of the API is made with. */

import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { problemSchema } from './problem-reply.js'

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

export const EVENT_STREAM = 'text/event-stream'

const JSON_PROBLEM = { description: 'what is wrong (RFC 9457)', content: { 'application/problem+json': { schema: problemSchema } } }

const PROBLEMS: object = { '4xx': JSON_PROBLEM, '5xx': JSON_PROBLEM }

/** The answers of a route: one that is right, and problems. */
export function answers<Status extends 200 | 201, T extends z.ZodType> (status: Status, schema: T) {
  return { [status]: schema, ...PROBLEMS } as { [S in Status]: T }
}

/** The answers of a route that goes on telling: server-sent events, or problems. The schema is that of an event's data. */
export function events<T extends z.ZodType> (description: string, schema: T) {
  return { 200: { description, content: { [EVENT_STREAM]: { schema } } }, ...PROBLEMS }
}

/** The answer of a route that has nothing to say. */
export const nothing = { 204: z.undefined().describe('done'), ...PROBLEMS } as { 204: z.ZodUndefined }
