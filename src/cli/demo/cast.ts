/** Who lives in the demo: one home for every way in which consent can stand, and others beside them. */

import { makeHome, type Home } from '../../../simulators/home.js'
import type { ConsentScope, RecordedState } from '../../model/consent.js'
import type { CompiledPolicy, CompiledRecipient } from '../../model/policy.js'

export interface PartConsent extends ConsentScope {
  readonly state: RecordedState
}

export interface Part {
  readonly name: PartName
  /** In words, at most 23 columns. */
  readonly label: string
  readonly regime: string
  readonly region: 'us' | 'eu'
  readonly minor?: boolean
  readonly optOutSignal?: boolean
  readonly grantsAll?: boolean
  /** Whether nothing of this home may ever reach the recipient. Says it by itself, without asking the decider. */
  readonly closedTo: (recipient: CompiledRecipient, policy: CompiledPolicy) => boolean
}

export type PartName = 'granted-nothing' | 'granted-all' | 'other-region' | 'opt-out-silent' | 'notice-silent' | 'minor' | 'opt-out-signal' | 'changes-its-mind'

export interface Resident {
  readonly home: Home
  /** Undefined: one of the others, who live by their place's own regime. */
  readonly part: Part | undefined
  readonly regime: string
  readonly region: string
  readonly grantsAll: boolean
}

const onlyByGrant = ({ purpose, kind }: CompiledRecipient): boolean => !purpose.required || kind.access === 'recipient-consent'
const abroad = ({ region }: CompiledRecipient, { transfers }: CompiledPolicy): boolean => transfers.get('eu')?.has(region) !== true
const needsNaming = ({ kind }: CompiledRecipient): boolean => kind.access === 'recipient-consent'

export const PARTS: readonly Part[] = [
  { name: 'granted-nothing', label: 'opt-in: granted nothing', regime: 'opt-in', region: 'us', closedTo: onlyByGrant },
  { name: 'granted-all', label: 'opt-in: granted all', regime: 'opt-in', region: 'us', grantsAll: true, closedTo: () => false },
  { name: 'other-region', label: 'opt-in: all, but in EU', regime: 'opt-in', region: 'eu', grantsAll: true, closedTo: abroad },
  { name: 'opt-out-silent', label: 'opt-out: said nothing', regime: 'opt-out', region: 'us', closedTo: needsNaming },
  { name: 'notice-silent', label: 'notice: said nothing', regime: 'notice', region: 'us', closedTo: needsNaming },
  { name: 'minor', label: 'opt-out: a minor\'s', regime: 'opt-out', region: 'us', minor: true, closedTo: onlyByGrant },
  { name: 'opt-out-signal', label: 'opt-out: signal (GPC)', regime: 'opt-out', region: 'us', optOutSignal: true, closedTo: recipient => needsNaming(recipient) || recipient.purpose.signalHonored },
  { name: 'changes-its-mind', label: 'opt-in: changes mind', regime: 'opt-in', region: 'us', grantsAll: true, closedTo: () => false }
]

/** Every part is played by a home of its region; the other homes follow. @throws TypeError for fewer homes than parts */
export function castHomes (seed: string, count: number): Resident[] {
  if (count < PARTS.length) throw new TypeError(`at least ${PARTS.length} homes, one of each kind`)
  const open = [...PARTS]
  const residents: Resident[] = []
  let others = count - PARTS.length
  for (let index = 1; residents.length < count; index++) {
    const home = makeHome(seed, index)
    const at = open.findIndex(part => part.region === home.region)
    if (at >= 0) residents.push(playing(home, open.splice(at, 1)[0]))
    else if (others-- > 0) residents.push(playing(home, undefined))
  }
  return residents
}

/** Consents of a home that grants everything: each purpose, and by name each recipient that must be named. */
export function grantsOf ({ grantsAll }: Pick<Resident, 'grantsAll'>, { purposes, recipients }: CompiledPolicy): PartConsent[] {
  if (!grantsAll) return []
  const byPurpose = [...purposes.values()].filter(({ required }) => !required).map(({ name }): PartConsent => ({ purpose: name, state: 'granted' }))
  const byName = recipients.filter(needsNaming).map(({ name, purpose }): PartConsent => ({ purpose: purpose.name, recipient: name, state: 'granted' }))
  return [...byPurpose, ...byName]
}

/** Of the others, every third grants everything. */
function playing (home: Home, part: Part | undefined): Resident {
  return { home, part, regime: part?.regime ?? home.regime, region: home.region, grantsAll: part === undefined ? home.household.index % 3 === 0 : part.grantsAll === true }
}
