/**
 * What was done over the API, as audit entries of the ledger.
 *
 * Every route that is not a GET names its action, `config: { audit: 'account.erase' }`, or the API refuses to be built; a
 * GET that shows personal data does, too. What changes something is recorded before it begins and when it has ended. Reads,
 * and requests that were refused, are recorded once a day for each token, action, account and outcome, and counted from
 * then on, so that a console that polls does not grow the ledger without bound.
 */

import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { BEGUN, type Action } from '../consent/audit.js'
import type { Core } from '../core.js'
import { auditedOf, auditedOfKnown, type Audited } from './audited.js'

const DAY_MS = 86_400_000
const MAX_COUNTED = 5_000
const DONE = 'done'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Such as `account.erase`. */
    audit?: string
    /** An emergency stop: done even where its audit entry cannot be written before. */
    urgent?: boolean
  }
  interface FastifyRequest {
    /** What the action is about, where the path and the body do not say; a handler may fill it in. */
    audited: Audited
    /** Sequence of the entry that says that it begins, and what it was about by then. */
    begun: { readonly sequence: number, readonly about: Audited } | undefined
    /** Code of the problem that it was answered with. */
    problem: string | undefined
  }
}

export function demandAudit ({ method, config, url }: RouteOptions): void {
  if (config?.audit === undefined && method !== 'GET') throw new TypeError(`the route ${url} does not say what it leaves in the audit log`)
}

interface Counted {
  readonly account: string
  readonly audit: Action
  readonly actor: string
  readonly source: string
  readonly firstMs: number
  readonly day: number
  count: number
}

export class AuditTrail {
  readonly #core: Core
  readonly #counted = new Map<string, Counted>()

  constructor (core: Core) {
    this.#core = core
  }

  /** Before the handler; durable before anything happens, what is urgent aside. Rejects with store-write: nothing was done then. */
  async begin (request: FastifyRequest): Promise<void> {
    if (!isChange(request) || isRecordOfItsOwn(request)) return
    const about = auditedOf(request, this.#core)
    try {
      const { sequence } = await this.#core.ledger.record({ ...statementOf(request, BEGUN, about), ...originOf(request) })
      request.begun = { sequence, about }
    } catch (error) {
      if (request.routeOptions.config.urgent !== true) throw error
    }
  }

  /** Before the answer is sent. What cannot be recorded any more is not told: that it began is on disk. */
  async end (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (request.role === undefined || request.routeOptions.config.audit === undefined) return
    const outcome = reply.statusCode < 400 ? DONE : request.problem ?? 'internal'
    if (request.begun !== undefined) return await this.#ended(request, outcome, request.begun)
    if (isRecordOfItsOwn(request) || (request.role.startsWith('account:') && outcome === DONE)) return
    await this.#count(request, outcome)
  }

  /** Writes what was counted and not yet recorded. */
  async flush (): Promise<void> {
    const all = [...this.#counted.values()].filter(({ count }) => count > 0)
    this.#counted.clear()
    await Promise.all(all.map(async ({ account, audit, actor, source, count, firstMs }) =>
      await this.#core.ledger.record({ account, audit: { ...audit, count, firstMs }, actor, source })))
  }

  async #ended (request: FastifyRequest, outcome: string, { sequence, about }: NonNullable<FastifyRequest['begun']>): Promise<void> {
    const { account, audit } = statementOf(request, outcome, { ...about, ...auditedOf(request, this.#core) })
    await this.#core.ledger.record({ account, audit: { ...audit, begun: sequence }, ...originOf(request) }).catch(() => {})
  }

  async #count (request: FastifyRequest, outcome: string): Promise<void> {
    // a token of an account that reaches for others must not fill their logs
    const own = ownAccount(request)
    const { account, audit } = statementOf(request, outcome, own === undefined ? auditedOfKnown(request, this.#core) : { account: own })
    const origin = originOf(request)
    const nowMs = this.#core.now()
    const day = Math.floor(nowMs / DAY_MS)
    const key = JSON.stringify([origin.source, account, audit])
    const counted = this.#counted.get(key)
    if (counted?.day === day) { counted.count += 1; return }
    if (this.#counted.size >= MAX_COUNTED || [...this.#counted.values()].some(one => one.day !== day)) await this.flush().catch(() => {})
    const first: Counted = { account, audit, ...origin, day, firstMs: nowMs, count: 0 }
    this.#counted.set(key, first)
    await this.#core.ledger.record({ account, audit, ...origin }).catch(() => { first.count++ })
  }
}

function statementOf ({ method, routeOptions: { url = '', config: { audit: action = '' } } }: FastifyRequest, outcome: string, { account = '', subject, count, by, reason }: Audited): { account: string, audit: Action } {
  return { account, audit: { action, outcome, route: `${method} ${url}`, ...(subject !== undefined && { subject }), ...(count !== undefined && { count }), ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) } }
}

function isChange ({ routeOptions: { config: { access, audit } } }: FastifyRequest): boolean {
  return audit !== undefined && (access === 'write' || access === 'own-write')
}

/** What an account states about its own consent stands in the ledger already, with its actor. */
function isRecordOfItsOwn ({ role, routeOptions: { config: { audit } } }: FastifyRequest): boolean {
  return audit === 'consent.record' && role?.startsWith('account:') === true
}

function ownAccount ({ role }: FastifyRequest): string | undefined {
  return role?.startsWith('account:') === true ? role.slice('account:'.length) : undefined
}

function originOf ({ role, token }: FastifyRequest): { actor: string, source: string } {
  return { actor: role ?? 'nobody', source: token ?? 'unknown' }
}
