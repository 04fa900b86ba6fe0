/** What someone states, before the ledger records it: consent, a fact of the account, or what was done. Checked here, once. */

import type { AccountFacts, ConsentScope, RecordedState } from '../model/consent.js'
import { CurtilageError, type ErrorCode } from '../model/errors.js'
import type { Action } from './audit.js'
import { NOTICE_VERSION } from './notice-version.js'

const ACCOUNT = /^[A-Za-z0-9_-]{1,64}$/
const FACT_NAME = /^[a-z][a-z0-9-]{0,31}$/
const STATES: ReadonlySet<string> = new Set(['granted', 'denied', 'withdrawn'])
const ACTION = /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/
const REMARK_LENGTH = 200

/** Who stated it and by which way; both are shown to auditors. */
export interface Origination {
  readonly source?: string
  readonly actor?: string
}

export interface ConsentStatement extends ConsentScope, Origination {
  readonly account: string
  readonly state: RecordedState
  /** Epoch milliseconds; on a grant only. */
  readonly expires?: number
  /** Version of the notice it was given under; the current one where absent. */
  readonly notice?: string
}

export interface FactStatement extends Origination {
  readonly account: string
  readonly facts: Partial<AccountFacts>
}

/** What somebody did. About an account that is not registered it is recorded without name and subject. */
export interface AuditStatement extends Origination {
  /** '' for none. */
  readonly account: string
  readonly audit: Action
}

export type Statement = ConsentStatement | FactStatement
export type AnyStatement = Statement | AuditStatement

/** Which names exist in the policy in force, asked at each statement. */
export interface ConsentVocabulary {
  purpose (name: string): boolean
  recipient (name: string): boolean
  category (name: string): boolean
  /** Is the device one of the account's? Not asked where absent. */
  device? (account: string, device: string): boolean
}

/** @throws CurtilageError consent-invalid, account-invalid */
export function checkStatement (statement: AnyStatement, vocabulary: ConsentVocabulary): void {
  if ('audit' in statement) return checkAudit(statement)
  if (!ACCOUNT.test(statement.account)) fail('account-invalid', 'an account id is 1 to 64 of A-Za-z0-9_-')
  checkRemark(statement.source, 'source')
  checkRemark(statement.actor, 'actor')
  if ('facts' in statement) return checkFacts(statement.facts)
  checkScope(statement, vocabulary)
  checkTerms(statement)
}

/** These come from our own code: a wrong one is a programmer's mistake. */
function checkAudit ({ account, audit }: AuditStatement): void {
  if (account !== '' && !ACCOUNT.test(account)) throw new TypeError('no account id')
  if (!ACTION.test(audit.action)) throw new TypeError('an action is spelled such as account.erase')
}

function checkScope ({ account, purpose, recipient, category, device }: ConsentStatement, known: ConsentVocabulary): void {
  if (!known.purpose(purpose)) fail('consent-invalid', 'unknown purpose')
  if (recipient !== undefined && !known.recipient(recipient)) fail('consent-invalid', 'unknown recipient')
  if (category !== undefined && !known.category(category)) fail('consent-invalid', 'unknown category')
  if (device === undefined) return
  if (!ACCOUNT.test(device)) fail('consent-invalid', 'a device id is 1 to 64 of A-Za-z0-9_-')
  if (known.device?.(account, device) === false) fail('consent-invalid', 'the account has no such device')
}

function checkTerms ({ state, expires, notice }: ConsentStatement): void {
  if (!STATES.has(state)) fail('consent-invalid', 'the state is granted, denied or withdrawn')
  if (expires !== undefined && state !== 'granted') fail('consent-invalid', 'only a grant can expire')
  if (expires !== undefined && !(Number.isSafeInteger(expires) && expires >= 0)) fail('consent-invalid', 'the expiry is no time')
  if (notice !== undefined && !NOTICE_VERSION.test(notice)) fail('consent-invalid', 'the notice version is numbers parted by dots')
}

function checkFacts ({ regime, region, minor, optOutSignal }: Partial<AccountFacts>): void {
  for (const name of [regime, region]) {
    if (name !== undefined && !FACT_NAME.test(name)) fail('account-invalid', 'a regime or region is 1 to 32 of a-z0-9-, a letter first')
  }
  for (const mark of [minor, optOutSignal]) {
    if (mark !== undefined && typeof mark !== 'boolean') fail('account-invalid', 'the minor mark and the opt-out signal are true or false')
  }
}

function checkRemark (remark: string | undefined, name: string): void {
  if (remark === undefined) return
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (remark.length > REMARK_LENGTH || /[\u0000-\u001f\u007f]/.test(remark)) fail('consent-invalid', `the ${name} is too long or holds control characters`)
}

function fail (code: ErrorCode, message: string): never {
  throw new CurtilageError(code, message)
}
