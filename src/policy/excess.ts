/**
 * What one policy discloses that is not proven to follow from what another discloses.
 *
 * INVARIANT: a bad configuration never replaces a good one, and a wider one never without approval.
 * Empty exactly where, for every recipient, report and consent state, "at most" is proven; a doubt is an excess.
 */

import type { CompiledPolicy, CompiledRecipient, Purpose } from '../model/policy.js'
import { differing, type Excess } from './difference.js'
import { envelopeExcess, reportExcess } from './excess-fields.js'
import { spellTarget } from './sink-target.js'
import { spellDuration } from './units.js'

export function excess (more: CompiledPolicy, less: CompiledPolicy): Excess[] {
  return [
    ...differing('notice', more.noticeVersion, less.noticeVersion),
    ...differing('default region', more.defaultRegion, less.defaultRegion),
    ...expiryExcess(more, less),
    ...more.recipients.filter(mayReceive).flatMap(recipient => recipientExcess(recipient, more, less))
  ]
}

function mayReceive ({ enabled, kind }: CompiledRecipient): boolean {
  return enabled && (kind.access === 'open' || kind.access === 'recipient-consent')
}

function recipientExcess (recipient: CompiledRecipient, more: CompiledPolicy, less: CompiledPolicy): Excess[] {
  const known = less.recipients.find(({ name }) => name === recipient.name)
  const place = { recipient: recipient.name, moreRule: recipient.rule, ...(known !== undefined && { lessRule: known.rule }) }
  if (known === undefined) return [{ aspect: 'recipient', ...place }]
  if (!mayReceive(known)) return [{ aspect: 'switched on', ...place }]
  const found = [
    ...purposeExcess(recipient.purpose, known.purpose),
    ...kindExcess(recipient, known),
    ...regimeExcess(recipient, more, known, less),
    ...regionExcess(recipient, more, known, less),
    ...releaseExcess(recipient, known),
    ...differing('sink', spellTarget(recipient.sink), spellTarget(known.sink)),
    ...envelopeExcess(recipient, more, known, less)
  ].map(each => ({ ...place, ...each }))
  const reports = [...recipient.reports].flatMap(name => reportExcess(name, { recipient, policy: more }, { recipient: known, policy: less }))
  return [...found, ...reports.map(each => ({ ...place, ...each }))]
}

function purposeExcess (more: Purpose, less: Purpose): Excess[] {
  return [
    ...differing('purpose', more.name, less.name),
    ...(more.required && !less.required ? [{ aspect: 'purpose required' }] : []),
    ...(!more.signalHonored && less.signalHonored ? [{ aspect: 'opt-out signal ignored' }] : []),
    ...noticeExcess(more.minimumNotice, less.minimumNotice)
  ]
}

/** A higher demand on the notice is narrower. */
function noticeExcess (more: string | undefined, less: string | undefined): Excess[] {
  if (less === undefined || (more !== undefined && compareVersions(more, less) >= 0)) return []
  return [{ aspect: 'notice demanded', less, ...(more !== undefined && { more }) }]
}

function kindExcess ({ kind: more }: CompiledRecipient, { kind: less }: CompiledRecipient): Excess[] {
  return [
    ...differing('kind', more.name, less.name),
    ...(more.access === 'open' && less.access !== 'open' ? [{ aspect: 'access', more: more.access, less: less.access }] : [])
  ]
}

/** Regimes in which silence means yes, where it meant no. */
function regimeExcess (recipient: CompiledRecipient, more: CompiledPolicy, known: CompiledRecipient, less: CompiledPolicy): Excess[] {
  const names = [...more.regimes.keys()].filter(regime => isDefault(recipient, more, regime) && !isDefault(known, less, regime))
  return names.map(regime => ({ aspect: `regime ${regime}`, more: 'allow', less: 'deny' }))
}

function isDefault ({ kind, purpose }: CompiledRecipient, { regimes }: CompiledPolicy, name: string): boolean {
  const regime = regimes.get(name)
  return regime !== undefined && !regime.deniedKinds.has(kind.name) && (regime.defaults.get(purpose.name) ?? regime.otherwise)
}

/** Regions of accounts whose data may go to the recipient now. */
function regionExcess (recipient: CompiledRecipient, more: CompiledPolicy, known: CompiledRecipient, less: CompiledPolicy): Excess[] {
  const regions = [...more.transfers].filter(([from, to]) => to.has(recipient.region) && less.transfers.get(from)?.has(known.region) !== true)
  return [
    ...differing('region', recipient.region, known.region),
    ...regions.map(([from]) => ({ aspect: `transfer from ${from}` }))
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

function compareVersions (a: string, b: string): number {
  const [left, right] = [a, b].map(version => version.split('.').map(Number))
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
