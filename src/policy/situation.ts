/**
 * Accounts as a decision can tell them apart: every regime, region, mark and consent that two policies could treat in another
 * way. There are finitely many, so what is true of all of them is proven, not sampled.
 */

import { status } from '../consent/status.js'
import type { ConsentRecord } from '../model/consent.js'
import type { CompiledPolicy, CompiledRecipient } from '../model/policy.js'

/** One account, with what it has said. */
export interface Situation {
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
  readonly consents: readonly SituationConsent[]
}

export interface SituationConsent {
  readonly purpose: string
  readonly state: 'granted' | 'denied'
  /** Absent: to all recipients. */
  readonly recipient?: string
  /** Version of the notice it was given under. */
  readonly notice: string
}

/** A recipient and the policy that it stands in. */
export interface Side {
  readonly recipient: CompiledRecipient
  readonly policy: CompiledPolicy
}

/** A regime that neither policy names, and a notice before all others. */
const UNNAMED = 'unnamed'
const FIRST_NOTICE = '0'
const DEVICE = 'any'
const CATEGORY = 'any'

/** The plainest first. */
export function * situations (...sides: readonly Side[]): Generator<Situation> {
  const regimes = [...new Set([...sides.flatMap(({ policy }) => [...policy.regimes.keys()]), UNNAMED])]
  const regions = [...new Set(sides.flatMap(({ policy }) => [...policy.transfers.keys()]))]
  const stated = statements(sides)
  for (const minor of [false, true]) {
    for (const optOutSignal of [false, true]) {
      for (const consents of stated) {
        for (const regime of regimes) for (const region of regions) yield { regime, region, minor, optOutSignal, consents }
      }
    }
  }
}

/** True if a category that the recipient may have leaves for it; the same for all categories. */
export function isOpen ({ recipient, policy }: Side, situation: Situation): boolean {
  return recipient.enabled && isReachable(recipient, policy, situation.region) && consents({ recipient, policy }, situation)
}

export function isReachable ({ region }: CompiledRecipient, { transfers }: CompiledPolicy, from: string): boolean {
  return transfers.get(from)?.has(region) === true
}

function consents ({ recipient, policy }: Side, { consents, ...facts }: Situation): boolean {
  if (recipient.kind.access === 'aggregate' || recipient.kind.access === 'closed') return false
  const records = consents.map((consent, i): ConsentRecord => ({ ...consent, id: String(i), sequence: i, at: 0 }))
  const question = { purpose: recipient.purpose.name, recipient: recipient.name, category: CATEGORY, device: DEVICE }
  return status({ account: '', facts, records }, question, policy, recipient.kind, 0).answer === 'yes'
}

/** Whatever can be said to the purposes at hand: one statement to each, or none. */
function statements (sides: readonly Side[]): SituationConsent[][] {
  const purposes = [...new Set(sides.map(({ recipient }) => recipient.purpose.name))]
  const names = new Set(sides.map(({ recipient }) => recipient.name))
  const notices = [...new Set([...sides.flatMap(({ recipient, policy }) => [policy.noticeVersion, recipient.purpose.minimumNotice ?? []].flat()), FIRST_NOTICE])]
  return purposes.reduce<SituationConsent[][]>((sofar, purpose) => {
    const grants = notices.flatMap(notice => [{}, ...[...names].map(recipient => ({ recipient }))].map(named => ({ purpose, state: 'granted' as const, notice, ...named })))
    const denial = { purpose, state: 'denied' as const, notice: notices[0] ?? FIRST_NOTICE }
    return [[], ...[...grants, denial].map(one => [one])].flatMap(added => sofar.map(before => [...before, ...added]))
  }, [[]])
}
