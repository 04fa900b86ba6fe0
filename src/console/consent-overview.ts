/** What holds of an account's consent at one time, for every purpose and recipient, and why. */

import { status, type ConsentAnswer } from '../consent/status.js'
import { isConsent, type AccountRecord } from '../consent/entry.js'
import type { Core } from '../core.js'
import type { AccountConsent, AccountFacts } from '../model/consent.js'
import { errorOf } from '../model/errors.js'
import type { CompiledPolicy, CompiledRecipient, Purpose, RecipientKind } from '../model/policy.js'

export interface ConsentOverview {
  readonly account: string
  readonly at: number
  readonly facts: AccountFacts
  readonly purposes: readonly PurposeOverview[]
  /** All that was recorded up to then, in order; `stands` is false on what a later record cancelled. */
  readonly records: readonly (AccountRecord & { readonly stands?: boolean })[]
}

export interface PurposeOverview extends ConsentAnswer {
  readonly purpose: string
  readonly required: boolean
  readonly recipients: readonly RecipientOverview[]
}

export interface RecipientOverview extends ConsentAnswer {
  readonly recipient: string
  readonly enabled: boolean
  /** Where a narrower record says something else. */
  readonly exceptions: readonly (ConsentAnswer & Narrowing)[]
}

interface Narrowing {
  readonly category?: string
  readonly device?: string
}

/** No record speaks about it: the answer that holds where no narrower record does. */
const ANY = ''
const OPEN: RecipientKind = { name: ANY, access: 'open', clause: '' }

/** @throws CurtilageError account-unknown: it is not registered, or was not at that time */
export function consentOverview ({ ledger, configuration: { policy }, now }: Core, account: string, atMs?: number): ConsentOverview {
  const view = atMs === undefined ? ledger.current(account) : ledger.at(account, atMs)
  if (view === undefined) throw errorOf('account-unknown')
  const at = atMs ?? now()
  const history = ledger.history(account).filter(record => atMs === undefined || record.at <= atMs)
  const standing = new Set(view.records.map(record => record.id))
  return {
    account,
    at,
    facts: view.facts,
    purposes: [...policy.purposes.values()].map(purpose => purposeOverview(view, purpose, policy, at)),
    records: history.map(record => isConsent(record) ? { ...record, stands: standing.has(record.id) } : record)
  }
}

function purposeOverview (view: AccountConsent, purpose: Purpose, policy: CompiledPolicy, at: number): PurposeOverview {
  return {
    purpose: purpose.name,
    required: purpose.required,
    ...status(view, { purpose: purpose.name, recipient: ANY, category: ANY, device: ANY }, policy, OPEN, at),
    recipients: policy.recipients.filter(recipient => recipient.purpose.name === purpose.name).map(recipient => recipientOverview(view, recipient, policy, at))
  }
}

function recipientOverview (view: AccountConsent, recipient: CompiledRecipient, policy: CompiledPolicy, at: number): RecipientOverview {
  const ask = ({ category = ANY, device = ANY }: Narrowing): ConsentAnswer =>
    status(view, { purpose: recipient.purpose.name, recipient: recipient.name, category, device }, policy, recipient.kind, at)
  const general = ask({})
  return {
    recipient: recipient.name,
    enabled: recipient.enabled,
    ...general,
    exceptions: narrowings(view, recipient).map(narrowing => ({ ...narrowing, ...ask(narrowing) })).filter(({ grounds }) => grounds !== general.grounds)
  }
}

function narrowings ({ records }: AccountConsent, { name, purpose }: CompiledRecipient): Narrowing[] {
  const found = new Map<string, Narrowing>()
  for (const { category, device, ...record } of records) {
    if (record.purpose !== purpose.name || (record.recipient ?? name) !== name) continue
    if (category === undefined && device === undefined) continue
    found.set(`${category} ${device}`, { ...(category !== undefined && { category }), ...(device !== undefined && { device }) })
  }
  return [...found.values()]
}
