/**
 * Who may use which route. Every route says it, and one that does not is refused when the API is built.
 *
 * ```
 *              open   any   read   own-read   write   own-write
 * nobody        x
 * account:{id}  x      x            own                 own
 * auditor       x      x     x       x
 * ops           x      x     x       x          x        x
 * ```
 * "own": the route's `:account` is the token's.
 */

import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, RouteOptions } from 'fastify'
import { errorOf } from '../model/errors.js'
import type { TokenRole } from '../registry/tokens.js'
import type { Services } from './services.js'

export type Access = 'open' | 'any' | 'read' | 'own-read' | 'write' | 'own-write'

/** The same for people. */
export const ROLES: Readonly<Record<Access, string>> = {
  open: 'none needed',
  any: 'ops, auditor, account:{id}',
  read: 'ops, auditor',
  'own-read': 'ops, auditor, account:{id} for its own',
  write: 'ops',
  'own-write': 'ops, account:{id} for its own'
}

const LOCAL_OPERATOR = { role: 'ops', id: 'local' } as const

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Whose token came with the request; undefined on open routes. */
    role: TokenRole | undefined
    /** The token's id; `local` for a command that opened the folder itself. */
    token: string | undefined
  }
}

export function demandAccess ({ config, url }: RouteOptions): void {
  if (config?.access === undefined) throw new TypeError(`the route ${url} does not say who may use it`)
}

/** Runs before the body is read. Throws CurtilageError token-missing, role-forbidden. */
export async function checkAccess (request: FastifyRequest, { core, operator }: Services): Promise<void> {
  const access = request.routeOptions.config.access
  if (access === undefined || access === 'open') return
  const token = bearerOf(request)
  if (token === undefined) throw errorOf('token-missing')
  const known = isSame(token, operator) ? LOCAL_OPERATOR : core.registry.tokens.identify(token)
  request.role = known?.role
  request.token = known?.id
  if (request.role === undefined) throw errorOf('token-missing')
  if (!mayUse(request.role, access, (request.params as { account?: unknown }).account)) throw errorOf('role-forbidden')
}

export function mayUse (role: TokenRole, access: Access, account: unknown): boolean {
  if (access === 'open' || access === 'any' || role === 'ops') return true
  if (role === 'auditor') return access === 'read' || access === 'own-read'
  return (access === 'own-read' || access === 'own-write') && typeof account === 'string' && role === `account:${account}`
}

/** The token as it came, valid or not. */
export function bearerOf ({ headers: { authorization } }: FastifyRequest): string | undefined {
  return /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]
}

/** Who stands in the ledger as having stated something. */
export function actorOf ({ role }: FastifyRequest): string {
  return role ?? 'nobody'
}

function isSame (token: string, expected: string | undefined): boolean {
  if (expected === undefined) return false
  const [a, b] = [Buffer.from(token), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
