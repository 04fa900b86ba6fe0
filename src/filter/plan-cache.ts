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
import { planOf, type RecipientPlan } from './recipient-plan.js'

/** A plan, or the judgement where the recipient gets nothing of the report. */
export interface Planned {
  readonly plan: RecipientPlan | undefined
  readonly withheld: RecipientJudgement | undefined
}

interface Decided {
  readonly fromMs: number
  readonly untilMs: number
  readonly device: string | undefined
  readonly planned: readonly Planned[]
}

/** What is asked: by the row of the account in the table of all consents, where it has one, else by its consent. */
export interface Asking {
  /** Of the decisions' table; absent or not positive: none. */
  readonly row?: Row
  /** Looked up only where the row does not do. */
  readonly consent: AccountConsent | undefined
}

const MOST_PLANS = 4096
const MOST_DEVICES = 64

export class PlanCache {
  readonly #policy: CompiledPolicy
  readonly #places: ReadonlyMap<string, number>
  readonly #standing: StandingDecisions | undefined
  readonly #judged = new WeakMap<Decision, Planned>()
  #plans = new Map<string, RecipientPlan>()
  readonly #decided = new WeakMap<AccountConsent, Map<CompiledReport, Decided[]>>()

  constructor (policy: CompiledPolicy, places: ReadonlyMap<string, number>, standing: StandingDecisions | undefined) {
    this.#policy = policy
    this.#places = places
    this.#standing = standing
  }

  /** One for each recipient of the policy, in its order. */
  planned (asking: Asking, device: string, report: CompiledReport, nowMs: number): readonly Planned[] {
    return this.#byRow(asking.row ?? 0, report) ?? this.#byConsent(asking.consent, device, report, nowMs)
  }

  #byRow (row: Row, report: CompiledReport): readonly Planned[] | undefined {
    if (this.#standing === undefined || row <= 0) return undefined
    const planned: Planned[] = []
    for (const recipient of this.#policy.recipients) {
      const decision = this.#standing.of(report, recipient, row)
      if (decision === undefined) return undefined
      let judged = this.#judged.get(decision)
      if (judged === undefined) this.#judged.set(decision, judged = this.#judgedOf(decision, report))
      planned.push(judged)
    }
    return planned
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
    return this.#policy.recipients.map(recipient => this.#judgedOf(decide({ report, recipient, device, consent, nowMs }, this.#policy), report))
  }

  #judgedOf (decision: Decision, report: CompiledReport): Planned {
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
