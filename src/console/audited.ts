/** What an action over the API is about, read off the request; only what is known, since names are kept for long. */

import type { FastifyRequest } from 'fastify'
import type { Core } from '../core.js'

export interface Audited {
  account?: string
  /** Beside the account: a device, recipient, token or policy. */
  subject?: string
  /** How many it was about, where it was about several. */
  count?: number
  /** Who does it and why, in their own words. */
  by?: string
  reason?: string
}

const OWN_ID = /^[g-z]{1,100}$/

interface Named {
  readonly account?: unknown
  readonly device?: unknown
  readonly recipient?: unknown
  readonly id?: unknown
  readonly digest?: unknown
}

/** As `auditedOf`; of accounts that are registered alone, so that asking for others leaves one entry and not one for each. */
export function auditedOfKnown (request: FastifyRequest, core: Core): Audited {
  const { account, ...rest } = auditedOf(request, core)
  if (account === undefined) return rest
  return core.ledger.current(account) === undefined ? {} : { account, ...rest }
}

/** What the handler said goes before what the path says, that before the query and the body. */
export function auditedOf ({ params, query, body, audited }: FastifyRequest, core: Core): Audited {
  const { account, device, recipient, id, digest } = { ...namesIn(body), ...namesIn(query), ...namesIn(params) }
  const known = textOf(device) === undefined ? undefined : core.registry.devices.get(textOf(device) ?? '')
  const subject = known?.device ?? knownRecipient(recipient, core) ?? ownId(id) ?? ownId(digest)
  const about = known?.account ?? textOf(account)
  return { ...(about !== undefined && isId(about) && { account: about }), ...(subject !== undefined && { subject }), ...remarksIn(body), ...audited }
}

/** Checked already by the route's schema, so they hold no control characters. */
function remarksIn (body: unknown): Pick<Audited, 'by' | 'reason'> {
  const { by, reason } = namesIn(body) as { by?: unknown, reason?: unknown }
  return { ...(typeof by === 'string' && { by }), ...(typeof reason === 'string' && { reason }) }
}

function namesIn (part: unknown): Named {
  return typeof part === 'object' && part !== null ? part : {}
}

function knownRecipient (recipient: unknown, { configuration: { policy } }: Core): string | undefined {
  return policy.recipients.find(({ name }) => name === recipient)?.name
}

/** Ids and digests of our own making hold the letters g–z only. */
function ownId (id: unknown): string | undefined {
  const text = textOf(id)
  return text !== undefined && OWN_ID.test(text) ? text : undefined
}

function isId (text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text)
}

function textOf (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
