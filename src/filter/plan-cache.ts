/**
 * Decisions kept: for an account's consent as it stands, asked again only when the consent changes or a grant runs out.
 *
 * A consent view is never changed, a change makes a new one; so decisions hang on the view itself and go with it. They
 * hold for the times between two expiries. Accounts whose decisions are alike share one plan.
 */

import type { Found as Row } from '../consent/standing/standing-table.js'
import { decide } from '../decide/decide.js'
import type { StandingDecisions } from '../decide/standing-decisions.js'
import type { AccountConsent } from '../model/consent.js'
import type { Decision, FieldDecision, Plan } from '../model/decision.js'
import type { RecipientJudgement } from '../model/judged.js'
import type { CompiledPolicy, CompiledRecipient, CompiledReport } from '../model/policy.js'
import { PseudonymScopes } from './pseudonym-scope.js'
import { planOf, type RecipientPlan } from './recipient-plan.js'

/** A plan, or the judgement where the recipient gets nothing of the report. */
export interface Planned {
  readonly plan: RecipientPlan | undefined
  readonly withheld: RecipientJudgement | undefined
  readonly scopes: PseudonymScopes
}

interface Decided {
  readonly fromMs: number
  readonly untilMs: number
  readonly device: string | undefined
  readonly planned: readonly Planned[]
}

/** What is asked: by the row of the account in the table of all consents, where it has one, else by its consent. */
export interface Asking {
  readonly account: string
  /** Of the decisions' table; absent or not positive: none. */
  readonly row?: Row
  readonly consent: AccountConsent | undefined
}

type Judged = Pick<Planned, 'plan' | 'withheld'>

const MOST_PLANS = 4096
const MOST_ACCOUNTS = 20_000
const MOST_DEVICES = 64

export class PlanCache {
  readonly #policy: CompiledPolicy
  readonly #places: ReadonlyMap<string, number>
  readonly #standing: StandingDecisions | undefined
  readonly #judged = new WeakMap<Decision, Judged>()
  /** Of accounts that have a row. */
  readonly #scopesByAccount = new Map<string, Map<CompiledRecipient, PseudonymScopes>>()
  #plans = new Map<string, RecipientPlan>()
  readonly #decided = new WeakMap<AccountConsent, Map<CompiledReport, Decided[]>>()
  /** Of one account at a time, by recipient. */
  readonly #scopes = new WeakMap<AccountConsent, Map<string, PseudonymScopes>>()

  constructor (policy: CompiledPolicy, places: ReadonlyMap<string, number>, standing: StandingDecisions | undefined) {
    this.#policy = policy
    this.#places = places
    this.#standing = standing
  }

  /** One for each recipient of the policy. */
  planned (asking: Asking, device: string, report: CompiledReport, nowMs: number): readonly Planned[] {
    return this.#byRow(asking, report) ?? this.#byConsent(asking.consent, device, report, nowMs)
  }

  /** Nothing of any account is known any more. */
  forget (): void {
    this.#scopesByAccount.clear()
  }

  #byRow ({ account, row = 0 }: Asking, report: CompiledReport): readonly Planned[] | undefined {
    if (this.#standing === undefined || row <= 0) return undefined
    const planned: Planned[] = []
    for (const recipient of this.#policy.recipients) {
      const decision = this.#standing.of(report, recipient, row)
      if (decision === undefined) return undefined
      let judged = this.#judged.get(decision)
      if (judged === undefined) this.#judged.set(decision, judged = this.#judgedOf(decision, report))
      planned.push({ ...judged, scopes: this.#scopesFor(account, recipient) })
    }
    return planned
  }

  #scopesFor (account: string, recipient: CompiledRecipient): PseudonymScopes {
    let byRecipient = this.#scopesByAccount.get(account)
    if (byRecipient === undefined) {
      if (this.#scopesByAccount.size >= MOST_ACCOUNTS) this.#scopesByAccount.clear()
      this.#scopesByAccount.set(account, byRecipient = new Map<CompiledRecipient, PseudonymScopes>())
    }
    let scopes = byRecipient.get(recipient)
    if (scopes === undefined) byRecipient.set(recipient, scopes = new PseudonymScopes())
    return scopes
  }

  #byConsent (consent: AccountConsent | undefined, device: string, report: CompiledReport, nowMs: number): readonly Planned[] {
    if (consent === undefined) return this.#decide(consent, device, report, nowMs)
    let byReport = this.#decided.get(consent)
    if (byReport === undefined) this.#decided.set(consent, byReport = new Map<CompiledReport, Decided[]>())
    const known = byReport.get(report)
    if (known !== undefined) {
      for (const { fromMs, untilMs, device: of, planned } of known) {
        if (nowMs >= fromMs && nowMs < untilMs && (of === undefined || of === device)) return planned
      }
    }
    const planned = this.#decide(consent, device, report, nowMs)
    const kept = known === undefined || known.length >= MOST_DEVICES ? [] : known.filter(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs)
    byReport.set(report, [...kept, { ...spanOf(consent, nowMs), device: consent.records.some(record => record.device !== undefined) ? device : undefined, planned }])
    return planned
  }

  #decide (consent: AccountConsent | undefined, device: string, report: CompiledReport, nowMs: number): Planned[] {
    return this.#policy.recipients.map(recipient => {
      const scopes = this.#scopesOf(consent, recipient)
      return { ...this.#judgedOf(decide({ report, recipient, device, consent, nowMs }, this.#policy), report), scopes }
    })
  }

  #judgedOf (decision: Decision, report: CompiledReport): Judged {
    const { recipient } = decision
    if (decision.effect === 'withhold') return { plan: undefined, withheld: { effect: 'withheld', recipient, reason: decision.reason, suppressed: [] } }
    const name = nameOf(recipient, report, decision.plan)
    let plan = this.#plans.get(name)
    if (plan === undefined) {
      if (this.#plans.size >= MOST_PLANS) this.#plans = new Map()
      plan = planOf(decision, report, this.#policy, this.#places)
      this.#plans.set(name, plan)
    }
    return { plan, withheld: undefined }
  }

  #scopesOf (consent: AccountConsent | undefined, { name }: CompiledRecipient): PseudonymScopes {
    if (consent === undefined) return new PseudonymScopes()
    let byRecipient = this.#scopes.get(consent)
    if (byRecipient === undefined) this.#scopes.set(consent, byRecipient = new Map<string, PseudonymScopes>())
    let scopes = byRecipient.get(name)
    if (scopes === undefined) byRecipient.set(name, scopes = new PseudonymScopes())
    return scopes
  }
}

/** From the last expiry up to the next one, no answer changes. */
function spanOf ({ records }: AccountConsent, nowMs: number): { fromMs: number, untilMs: number } {
  let fromMs = -Infinity
  let untilMs = Infinity
  for (const { expires } of records) {
    if (expires === undefined) continue
    if (expires <= nowMs) fromMs = Math.max(fromMs, expires)
    else untilMs = Math.min(untilMs, expires)
  }
  return { fromMs, untilMs }
}

/** Plans of one name are alike: which rule covers a field follows from recipient and report. */
function nameOf (recipient: CompiledRecipient, report: CompiledReport, { fields, device, time }: Plan): string {
  return [recipient.name, report.name, ...[...fields, device, time].map(effectOf)].join(' ')
}

function effectOf (decision: FieldDecision): string {
  return decision.effect === 'disclose' ? '+' : decision.reason
}
