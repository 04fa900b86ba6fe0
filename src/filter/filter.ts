/**
 * The one-pass filter: a policy as it runs, from a report's bytes to the bytes of its disclosures, without a tree between.
 *
 * It gives what the reference path gives (classify, decide, minimize, release), byte for byte, or nothing: of a report
 * that is in any way unusual, or in which it cannot be sure that nothing is to be found, it says `undefined`, and the
 * reference takes the report. Pure but for what it remembers, which changes nothing but its speed.
 *
 * INVARIANT: what the filter judges, the reference judges the same.
 */

import type { Found as Row } from '../consent/standing/standing-table.js'
import type { StandingDecisions } from '../decide/standing-decisions.js'
import { ByteLook } from '../guard/byte-look.js'
import type { FingerprintLookup } from '../guard/known.js'
import { releaseBytes } from '../guard/release.js'
import { TextLevels } from '../guard/text-levels.js'
import { TextMemory } from '../guard/text-memory.js'
import { MOST_EXTRA, MOST_EXTRA_OF_TEXT } from '../guard/views.js'
import type { PseudonymKeys } from '../minimize/pseudonym.js'
import type { AccountConsent } from '../model/consent.js'
import type { JudgedReport, RecipientJudgement } from '../model/judged.js'
import type { CompiledPolicy, CompiledReport } from '../model/policy.js'
import type { Intake } from '../model/report.js'
import { DisclosureWriter } from './disclosure-writer.js'
import { deviceBytes, timeBytes } from './envelope-fields.js'
import { FieldNode } from './field-node.js'
import { JudgeParts } from './judge-parts.js'
import { TapeJudge } from './judge-tape.js'
import { PlanCache } from './plan-cache.js'
import { AccountScopes } from './pseudonym-scope.js'
import type { RecipientPlan } from './recipient-plan.js'
import { StatedFinds } from './stated-finds.js'
import { SurroundingsMemory } from './surroundings-memory.js'
import { LONGEST_WALK, Walk } from './walk.js'

/** As `PathContext` in pipeline.ts. */
export interface FilterContext {
  readonly policy: CompiledPolicy
  readonly maxReportBytes: number
  readonly consent: AccountConsent | undefined
  /** The account's row in the table that the filter's decisions are made by, in this turn; absent or not positive: none. */
  readonly row?: Row
  readonly keysFor: (recipient: string) => PseudonymKeys
  readonly fingerprints: FingerprintLookup
  readonly newId: (recipient: string) => string
  readonly step?: (step: 'classify' | 'decide' | 'minimize' | 'guard') => void
}

/** Raw texts are remembered so long. */
const REMEMBERED_MS = 3_600_000

/** The end of the interval in which a report comes, for recipients whose disclosures wait. */
export type ReleaseTime = (nowMs: number, intervalMs: number | undefined) => number

export class Filter {
  readonly #policy: CompiledPolicy
  readonly #releaseTime: ReleaseTime
  readonly #memory = new TextMemory()
  readonly #levels = new TextLevels()
  readonly #walk = new Walk(this.#memory, this.#levels)
  readonly #look = new ByteLook(this.#memory, this.#levels)
  readonly #roots = new Map<CompiledReport, FieldNode>()
  readonly #plans: PlanCache
  readonly #scopes = new AccountScopes()
  readonly #judge: TapeJudge
  readonly #writer: DisclosureWriter
  readonly #surroundings = new SurroundingsMemory(this.#memory)
  readonly #stated = new StatedFinds(this.#memory)
  #hour = NaN

  constructor (policy: CompiledPolicy, releaseTime: ReleaseTime, standing?: StandingDecisions) {
    const categories = [...policy.categories.keys()]
    this.#policy = policy
    this.#releaseTime = releaseTime
    this.#plans = new PlanCache(policy, new Map(categories.map((name, i) => [name, i])), standing)
    this.#judge = new TapeJudge(this.#walk, this.#memory, categories)
    this.#writer = new DisclosureWriter(this.#walk, this.#judge, Math.max(0, ...[...policy.reports.values()].map(({ fields }) => fields.length)))
  }

  /** Undefined: the report goes the long way. */
  take (intake: Intake, context: FilterContext): JudgedReport | undefined {
    const { payload, account, device, receivedMs } = intake
    const type = this.#policy.reportsByTopic.get(intake.topicTail)
    if (type === undefined || payload.length > context.maxReportBytes || payload.length > LONGEST_WALK) return undefined
    this.#keepUp(receivedMs)
    context.step?.('classify')
    const walk = this.#walk
    if (!walk.take(payload, this.#rootOf(type))) return undefined
    const around = this.#surroundings.of(device, intake.surroundings)
    if (around === undefined || walk.finds.extra + around.extra > MOST_EXTRA - MOST_EXTRA_OF_TEXT) return undefined
    const { own } = walk.finds
    for (let k = 0; k < around.own.length; k++) own.add(around.own[k]!)
    const planned = this.#plans.planned(context, device, type, receivedMs)
    const scopes = this.#scopes.of(account, planned.length)
    const parts = new JudgeParts({ own, registry: context.fingerprints }, receivedMs, context.keysFor)
    const judgements: RecipientJudgement[] = []
    let extra = 0
    for (let k = 0; k < planned.length; k++) {
      context.step?.('decide')
      const { plan, withheld } = planned[k]!
      if (withheld !== undefined) {
        judgements.push(withheld)
        continue
      }
      parts.begin(plan!.recipient.name, scopes[k]!)
      const judgement = this.#judgeOne(plan!, parts, intake, type, context)
      if (judgement === undefined) return undefined
      extra += this.#judge.extra + this.#look.extra
      judgements.push(judgement)
    }
    // the reference would have grown tired of the report, and takes what it then does not know for an address
    if (extra > MOST_EXTRA - MOST_EXTRA_OF_TEXT) return undefined
    return { type, judgements, unclassified: walk.unclassified.paths(walk.window.bytes), firmware: this.#stated.firmwareIn(walk), ownAddresses: this.#stated.addressesIn(walk) }
  }

  /** Nothing of reports that were taken before is known any more. */
  forget (): void {
    this.#memory.forget()
    this.#levels.forget()
    this.#walk.finds.forget()
    this.#scopes.forget()
    this.#surroundings.forget()
  }

  #judgeOne (plan: RecipientPlan, parts: JudgeParts, { account, device, receivedMs: nowMs }: Intake, type: CompiledReport, context: FilterContext): RecipientJudgement | undefined {
    const { recipient } = plan
    context.step?.('minimize')
    if (!this.#judge.judge(plan, parts)) return undefined
    const deviceJson = deviceBytes(device, plan, this.#policy, parts)
    const timeJson = timeBytes(nowMs, plan, this.#policy, parts)
    if (deviceJson === 'unsure' || timeJson === 'unsure') return undefined
    context.step?.('guard')
    const id = context.newId(recipient.name)
    const outcome = this.#writer.write(plan, id, deviceJson, timeJson)
    if (outcome === 'too-much') return undefined
    const suppressed = this.#judge.suppressed(plan)
    if (outcome === 'nothing') return { effect: 'withheld', recipient, suppressed, reason: 'nothing-left' }
    const { window, length } = this.#writer
    const disclosure = releaseBytes({ id, recipient: recipient.name, report: type.name, window, length }, this.#look, parts.known, this.#judge.numeric)
    if (disclosure === undefined) return undefined
    const fields = this.#writer.fieldsOf(plan, deviceJson !== undefined, timeJson !== undefined)
    const header = { account, device, policy: this.#policy.digest, fields, decidedMs: nowMs, notBeforeMs: this.#releaseTime(nowMs, recipient.releaseMs) }
    return { effect: 'disclosed', recipient, suppressed, disclosure, header }
  }

  #rootOf (type: CompiledReport): FieldNode {
    let root = this.#roots.get(type)
    if (root === undefined) {
      root = new FieldNode({ dictionary: this.#policy.nameDictionary, memory: this.#memory, nodes: 0 }, type.root, '')
      this.#roots.set(type, root)
    }
    return root
  }

  #keepUp (nowMs: number): void {
    const hour = Math.floor(nowMs / REMEMBERED_MS)
    if (hour === this.#hour) return
    this.forget()
    this.#hour = hour
  }
}
