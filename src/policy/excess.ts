/**
 * What one policy discloses that is not proven to follow from what another discloses.
 *
 * INVARIANT: a bad configuration never replaces a good one, and a wider one never without approval.
 * Empty exactly where, for every recipient, report and consent state, "at most" is proven; a doubt is an excess. What no
 * report shows and is promised all the same counts as well: to whom it goes and where, for which purpose, under which
 * notice, when it is delivered, and what is recorded where an account says nothing.
 */

import type { CompiledPolicy, CompiledRecipient } from '../model/policy.js'
import { differing, type Excess } from './difference.js'
import { envelopeExcess, reportExcess, reportLeaves } from './excess-fields.js'
import { compareGates } from './gate-order.js'
import { spellTarget } from './sink-target.js'
import type { Side } from './situation.js'
import { spellDuration } from './units.js'

export function excess (more: CompiledPolicy, less: CompiledPolicy): Excess[] {
  return [
    ...differing('notice', more.noticeVersion, less.noticeVersion),
    ...differing('default region', more.defaultRegion, less.defaultRegion),
    ...expiryExcess(more, less),
    ...more.recipients.filter(mayReceive).flatMap(recipient => recipientExcess({ recipient, policy: more }, less))
  ]
}

function mayReceive ({ enabled, kind }: CompiledRecipient): boolean {
  return enabled && (kind.access === 'open' || kind.access === 'recipient-consent')
}

function recipientExcess (more: Side, policy: CompiledPolicy): Excess[] {
  const { recipient } = more
  const known = policy.recipients.find(({ name }) => name === recipient.name)
  const less = known !== undefined && mayReceive(known) ? { recipient: known, policy } : undefined
  const { open, excess: gates } = compareGates(more, less)
  if (open === undefined || !leavesAnything(more)) return []
  const found = less === undefined
    ? [{ aspect: known === undefined ? 'recipient' : 'switched on' }]
    : [...partiesExcess(recipient, less.recipient), ...gates, ...contentExcess(more, less)]
  const place = { recipient: recipient.name, moreRule: recipient.rule, ...(known !== undefined && { lessRule: known.rule }), example: open }
  return found.map(each => ({ ...place, ...each }))
}

function leavesAnything (side: Side): boolean {
  return [...side.policy.reports.values()].some(report => reportLeaves(report, side))
}

/** Who receives it, where, what for and when: no disclosure says so, and each is a promise. */
function partiesExcess (more: CompiledRecipient, less: CompiledRecipient): Excess[] {
  return [
    ...differing('purpose', more.purpose.name, less.purpose.name),
    ...differing('kind', more.kind.name, less.kind.name),
    ...differing('region', more.region, less.region),
    ...differing('sink', spellTarget(more.sink), spellTarget(less.sink)),
    ...releaseExcess(more, less)
  ]
}

function contentExcess (more: Side, less: Side): Excess[] {
  return [
    ...envelopeExcess(more.recipient, more.policy, less.recipient, less.policy),
    ...[...more.recipient.reports].flatMap(name => reportExcess(name, more, less))
  ]
}

/** The moment of delivery tells what a longer interval would hide; intervals that do not nest tell different things. */
function releaseExcess ({ releaseMs: more }: CompiledRecipient, { releaseMs: less }: CompiledRecipient): Excess[] {
  if (less === undefined || (more !== undefined && more % less === 0)) return []
  return [{ aspect: 'release', less: spellDuration(less), ...(more !== undefined && { more: spellDuration(more) }) }]
}

/** A grant recorded without an expiry lives as long as this says; never ending is longest. */
function expiryExcess ({ grantExpiryMs: more = Infinity }: CompiledPolicy, { grantExpiryMs: less = Infinity }: CompiledPolicy): Excess[] {
  return more > less ? [{ aspect: 'life of grants', more: spellLife(more), less: spellLife(less) }] : []
}

function spellLife (lifeMs: number): string {
  return lifeMs === Infinity ? 'never' : spellDuration(lifeMs)
}
