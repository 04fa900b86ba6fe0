/** Which accounts reach a recipient under one policy and not under another, and what in the configuration lets them. */

import { isNoticeAtLeast } from '../consent/notice-version.js'
import type { CompiledRecipient } from '../model/policy.js'
import type { Excess } from './difference.js'
import { isOpen, isReachable, situations, type Side, type Situation } from './situation.js'

interface Candidate {
  readonly excess: Excess
  /** Accounts that it can concern. */
  readonly concerns: (situation: Situation) => boolean
}

export interface Gate {
  /** An account that reaches the recipient, on both sides where there is one; undefined where none ever does. */
  readonly open: Situation | undefined
  readonly excess: readonly Excess[]
}

/** Exact: every account is looked at that the two can tell apart. */
export function compareGates (more: Side, less: Side | undefined): Gate {
  let open: Situation | undefined
  let openForBoth: Situation | undefined
  const added: Situation[] = []
  for (const situation of less === undefined ? situations(more) : situations(more, less)) {
    if (!isOpen(more, situation)) continue
    open ??= situation
    if (less !== undefined && isOpen(less, situation)) openForBoth ??= situation
    else added.push(situation)
  }
  return { open: openForBoth ?? open, excess: less === undefined ? [] : explained(added, candidates(more, less)) }
}

/** Each candidate that concerns an account that was added. An account that none explains is told all the same. */
function explained (added: readonly Situation[], found: readonly Candidate[]): Excess[] {
  if (added.length === 0) return []
  const alone = ({ concerns }: Candidate) => (situation: Situation): boolean => concerns(situation) && found.filter(one => one.concerns(situation)).length === 1
  const causes = found.flatMap(candidate => {
    const { excess, concerns } = candidate
    const example = added.find(alone(candidate)) ?? added.find(concerns)
    return example === undefined ? [] : [{ ...excess, example }]
  })
  const unexplained = added.find(situation => !found.some(({ concerns }) => concerns(situation)))
  return unexplained === undefined ? causes : [...causes, { aspect: 'consent', example: unexplained }]
}

function candidates (more: Side, less: Side): Candidate[] {
  return [...purposeCandidates(more.recipient, less.recipient), ...regimeCandidates(more, less), ...transferCandidates(more, less)]
}

function purposeCandidates ({ purpose: more, kind }: CompiledRecipient, { purpose: less, kind: knownKind }: CompiledRecipient): Candidate[] {
  const found: Candidate[] = []
  const add = (excess: Excess, concerns: Candidate['concerns']): void => { found.push({ excess, concerns }) }
  if (more.name !== less.name && !(more.required && kind.access === 'open')) add({ aspect: 'consent asked', more: more.name, less: less.name }, ({ consents }) => consents.length > 0)
  if (more.required && !less.required) add({ aspect: 'purpose required' }, () => true)
  if (!more.signalHonored && less.signalHonored) add({ aspect: 'opt-out signal ignored' }, ({ optOutSignal }) => optOutSignal)
  if (less.minimumNotice !== undefined && (more.minimumNotice === undefined || !isNoticeAtLeast(more.minimumNotice, less.minimumNotice))) {
    add({ aspect: 'notice demanded', less: less.minimumNotice, ...(more.minimumNotice !== undefined && { more: more.minimumNotice }) }, ({ consents }) => consents.some(({ state }) => state === 'granted'))
  }
  if (kind.access === 'open' && knownKind.access !== 'open') add({ aspect: 'access', more: kind.access, less: knownKind.access }, () => true)
  return found
}

/** Regimes in which silence means yes, where it meant no. */
function regimeCandidates (more: Side, less: Side): Candidate[] {
  return [...more.policy.regimes.keys()]
    .filter(regime => isDefault(more, regime) && !isDefault(less, regime))
    .map(regime => ({ excess: { aspect: `regime ${regime}`, more: 'allow', less: 'deny' }, concerns: situation => situation.regime === regime }))
}

function isDefault ({ recipient: { kind, purpose }, policy: { regimes } }: Side, name: string): boolean {
  const regime = regimes.get(name)
  return regime !== undefined && !regime.deniedKinds.has(kind.name) && (regime.defaults.get(purpose.name) ?? regime.otherwise)
}

/** Regions of accounts whose data may go to the recipient now. */
function transferCandidates (more: Side, less: Side): Candidate[] {
  return [...more.policy.transfers.keys()]
    .filter(from => isReachable(more.recipient, more.policy, from) && !isReachable(less.recipient, less.policy, from))
    .map(from => ({ excess: { aspect: `transfer from ${from}` }, concerns: ({ region }) => region === from }))
}
