/**
 * Errors as the API answers them: `application/problem+json` (RFC 9457) with the stable code.
 *
 * No value of a request is ever in them: of malformed input only the path and what was expected there, of anything
 * unforeseen only that it happened.
 */

import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { CurtilageError, ERRORS, type ErrorCode } from '../model/errors.js'

export const problemSchema = z.object({
  type: z.string(),
  title: z.string().describe('What the code means.'),
  status: z.int(),
  detail: z.string().describe('What is wrong here.'),
  code: z.string().describe('Stable.'),
  problems: z.array(z.object({ path: z.string(), text: z.string() })).optional().describe('Every malformed part of the request.')
}).meta({ id: 'Problem' })

export type ProblemReply = z.infer<typeof problemSchema>

const STATUS: Partial<Record<ErrorCode, number>> = {
  'request-invalid': 400,
  'account-invalid': 400,
  'device-invalid': 400,
  'consent-invalid': 400,
  'token-invalid': 400,
  'topic-invalid': 400,
  'token-missing': 401,
  'role-forbidden': 403,
  'account-unknown': 404,
  'device-unknown': 404,
  'policy-unknown': 404,
  'policy-active': 409,
  'draft-stale': 409,
  'policy-not-waiting': 409,
  'policy-unreadable': 409,
  'approval-refused': 409,
  'configuration-invalid': 400,
  'route-unknown': 404,
  'account-exists': 409,
  'device-exists': 409,
  'request-too-large': 413,
  'host-refused': 421,
  'delivery-unsettled': 503,
  'try-full': 503,
  'try-overrun': 503,
  'live-full': 503,
  'gateway-absent': 503,
  'data-gone': 503,
  'file-sink-write': 503,
  'replay-write': 503,
  'replay-unreadable': 503,
  'store-write': 503,
  'store-open': 503,
  'outbox-closed': 503,
  'outbox-full': 503,
  'outbox-read': 503,
  'outbox-write': 503
}

/** Their texts may name an account as it was asked for. */
const NAMING: ReadonlySet<ErrorCode> = new Set(['account-exists', 'account-unknown'])

/** What a framework error says about the request, by its status. */
const BY_STATUS: Record<number, readonly [ErrorCode, string]> = {
  400: ['request-invalid', 'the body is not JSON, or not what its headers say'],
  414: ['request-invalid', 'a part of the path is too long'],
  413: ['request-too-large', ERRORS['request-too-large']],
  415: ['request-invalid', 'the body must be application/json']
}

export function answerProblem (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error)
  request.problem = problem.code
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(problem.status).type('application/problem+json').send(problem)
}

function problemOf (error: FastifyError): ProblemReply {
  if (error instanceof CurtilageError) return spell(error.code, NAMING.has(error.code) ? ERRORS[error.code] : error.message)
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map(issue => ({ path: `${error.validationContext ?? 'request'}${issue.instancePath}`.replace(/\/$/, ''), text: textOf(issue) }))
    return { ...spell('request-invalid', problems.map(({ path, text }) => `${path}: ${text}`).join('; ')), problems }
  }
  const known = BY_STATUS[error.statusCode ?? 500]
  return known === undefined ? spell('internal', ERRORS.internal) : { ...spell(...known), status: error.statusCode ?? 400 }
}

function spell (code: ErrorCode, detail: string): ProblemReply {
  return { type: `urn:curtilage:error:${code}`, title: ERRORS[code], status: STATUS[code] ?? 500, detail, code }
}

interface Issue {
  readonly keyword: string
  readonly message?: string | undefined
  readonly params?: { readonly expected?: unknown, readonly values?: unknown }
}

/** These texts come from our schemas; others may quote what was sent. */
const OWN_TEXT: ReadonlySet<string> = new Set(['custom', 'invalid_format', 'too_small', 'too_big'])

function textOf ({ keyword, message, params }: Issue): string {
  if (keyword === 'unrecognized_keys') return 'unknown key'
  if (keyword === 'invalid_type') return `expected ${String(params?.expected)}`
  if (keyword === 'invalid_value' && Array.isArray(params?.values)) return `expected one of ${params.values.join(', ')}`
  return OWN_TEXT.has(keyword) && message !== undefined ? message.charAt(0).toLowerCase() + message.slice(1) : 'malformed'
}
