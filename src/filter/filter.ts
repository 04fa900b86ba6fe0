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
import { fit } from '../classify/fit.js'
import { valueForm } from '../classify/value-form.js'
import type { StandingDecisions } from '../decide/standing-decisions.js'
import { ByteLook } from '../guard/byte-look.js'
import type { Found } from '../guard/finder.js'
import type { KnownIndex } from '../guard/known-index.js'
import type { FingerprintLookup } from '../guard/known.js'
import { releaseBytes } from '../guard/release.js'
import { TextMemory } from '../guard/text-memory.js'
import { MOST_EXTRA, MOST_EXTRA_OF_TEXT } from '../guard/views.js'
import type { PseudonymKeys } from '../minimize/pseudonym.js'
import type { AccountConsent } from '../model/consent.js'
import type { JudgedReport, RecipientJudgement, UnclassifiedLeaves } from '../model/judged.js'
import type { Scalar } from '../model/json.js'
import type { CompiledPolicy, CompiledReport } from '../model/policy.js'
import type { Intake } from '../model/report.js'
import { deviceBytes, timeBytes } from './envelope-fields.js'
import { DisclosureWriter } from './disclosure-writer.js'
import { FieldNode } from './field-node.js'
import { TapeJudge } from './judge-tape.js'
import { PlanCache, type Asking, type Planned } from './plan-cache.js'
import { plainUseOf, rawUseOf } from './raw-use.js'
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
const MOST_SURROUNDINGS = 4096

interface Surroundings {
  readonly texts: readonly string[]
  readonly own: readonly KnownIndex[]
  readonly extra: number
}

/** The end of the interval in which a report comes, for recipients whose disclosures wait. */
export type ReleaseTime = (nowMs: number, intervalMs: number | undefined) => number

export class Filter {
  readonly #policy: CompiledPolicy
  readonly #releaseTime: ReleaseTime
  readonly #memory = new TextMemory()
  readonly #walk = new Walk(this.#memory)
  readonly #look = new ByteLook(this.#memory)
  readonly #roots = new Map<CompiledReport, FieldNode>()
  readonly #plans: PlanCache
  readonly #judge: TapeJudge
  readonly #writer: DisclosureWriter
  readonly #surroundings = new Map<string, Surroundings>()
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
    const type = this.#policy.reportsByTopic.get(intake.topicTail)
    if (type === undefined || intake.payload.length > Math.min(context.maxReportBytes, LONGEST_WALK)) return undefined
    this.#keepUp(intake.receivedMs)
    context.step?.('classify')
    const walk = this.#walk
    if (!walk.take(intake.payload, this.#rootOf(type))) return undefined
    const around = this.#surroundingsOf(intake)
    if (around === undefined || walk.extra + around.extra > MOST_EXTRA - MOST_EXTRA_OF_TEXT) return undefined
    for (const index of around.own) walk.own.indexes.push(index)
    const judgements: RecipientJudgement[] = []
    let extra = 0
    const asking = askingOf(intake, context)
    for (const planned of this.#plans.planned(asking, intake.device, type, intake.receivedMs)) {
      context.step?.('decide')
      const judgement = planned.withheld ?? this.#judgeOne(planned, intake, type, context)
      if (judgement === undefined) return undefined
      extra += planned.withheld === undefined ? this.#judge.extra + this.#look.extra : 0
      judgements.push(judgement)
    }
    // the reference would have grown tired of the report, and takes what it then does not know for an address
    if (extra > MOST_EXTRA - MOST_EXTRA_OF_TEXT) return undefined
    return { type, judgements, unclassified: unclassifiedIn(walk), firmware: firmwareIn(walk), ownAddresses: statedIn(walk) }
  }

  /** Nothing of reports that were taken before is known any more. */
  forget (): void {
    this.#memory.forget()
    this.#plans.forget()
    this.#surroundings.clear()
  }

  #judgeOne ({ plan, scopes }: Planned, intake: Intake, type: CompiledReport, context: FilterContext): RecipientJudgement | undefined {
    if (plan === undefined) return undefined
    const { recipient } = plan
    const { receivedMs: nowMs, account, device } = intake
    context.step?.('minimize')
    const known = { own: this.#walk.own, registry: context.fingerprints }
    let keys: PseudonymKeys | undefined
    const parts = { known, nowMs, scopes, keys: () => (keys ??= context.keysFor(recipient.name)) }
    if (!this.#judge.judge(plan, parts)) return undefined
    const deviceJson = deviceBytes(device, plan, this.#policy, parts)
    const timeJson = timeBytes(nowMs, plan, this.#policy, parts)
    if (deviceJson === 'unsure' || timeJson === 'unsure') return undefined
    context.step?.('guard')
    const id = context.newId(recipient.name)
    const outcome = this.#writer.write(plan, id, deviceJson, timeJson)
    if (outcome === 'too-much') return undefined
    const suppressed = this.#judge.suppressed()
    if (outcome === 'nothing') return { effect: 'withheld', recipient, suppressed, reason: 'nothing-left' }
    const { bytes, length, fields } = this.#writer
    const made = Buffer.allocUnsafe(length)
    made.set(bytes.subarray(0, length))
    const disclosure = releaseBytes({ id, recipient: recipient.name, report: type.name, bytes: made }, this.#look, known, this.#judge.numeric)
    if (disclosure === undefined) return undefined
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

  /** The device's connection tells the same with every report. */
  #surroundingsOf ({ device, surroundings }: Intake): Surroundings | undefined {
    const known = this.#surroundings.get(device)
    if (known !== undefined && isSame(known.texts, surroundings)) return known
    const all = surroundings.map(text => this.#memory.ofText(text).raw)
    if (all.some(({ isTooMuch }) => isTooMuch)) return undefined
    const found = { texts: surroundings, own: all.flatMap(({ index }) => index === undefined ? [] : [index]), extra: all.reduce((sum, { extra }) => sum + extra, 0) }
    if (this.#surroundings.size >= MOST_SURROUNDINGS) this.#surroundings.clear()
    this.#surroundings.set(device, found)
    return found
  }

  #keepUp (nowMs: number): void {
    const hour = Math.floor(nowMs / REMEMBERED_MS)
    if (hour === this.#hour) return
    this.forget()
    this.#hour = hour
  }
}

const NO_PATHS: ReadonlyMap<string, UnclassifiedLeaves> = new Map()
const NO_TEXTS: readonly string[] = []

/** As `unclassifiedPaths` in classify/walk.ts: places that are shown alike are one. */
function unclassifiedIn ({ bytes, unclassifiedAt, unclassifiedStarts, unclassifiedEnds }: Walk): ReadonlyMap<string, UnclassifiedLeaves> {
  if (unclassifiedAt.length === 0) return NO_PATHS
  const found = new Map<string, UnclassifiedLeaves>()
  unclassifiedAt.forEach(({ shown }, i) => {
    const leaves = found.get(shown) ?? { count: 0, forms: new Set() }
    leaves.count++
    leaves.forms.add(valueForm(scalarAt(bytes, unclassifiedStarts[i]!, unclassifiedEnds[i]!)))
    found.set(shown, leaves)
  })
  return found
}

/** As `firmwareTexts` in classify/walk.ts. */
function firmwareIn ({ bytes, firmware, tape }: Walk): readonly string[] {
  if (firmware.length === 0) return NO_TEXTS
  return firmware.flatMap(entry => {
    const plain = fit(scalarAt(bytes, tape.starts[entry]! - 1, tape.ends[entry]! + 1), tape.nodes[entry]!.field!)
    return typeof plain === 'string' ? [plain] : []
  })
}

function scalarAt (bytes: Uint8Array, start: number, end: number): Scalar {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')) as Scalar
}

/** As `statedAddresses` in pipeline.ts: the object that begins first, first. */
function statedIn ({ stated, tape, bytes }: Walk): Found[] {
  if (stated.length === 0) return []
  if (stated.length > 1) stated.sort((a, b) => a.order - b.order)
  const found = new Map<string, Found>()
  const meant: Found[] = []
  for (const { entries } of stated) {
    for (const entry of entries) {
      const facts = tape.facts[entry]
      const use = facts === undefined ? plainUseOf(bytes, tape.starts[entry]!, tape.ends[entry]!) : rawUseOf(facts, tape.nodes[entry]!.field!)
      for (const one of use.found) found.set(one.canonical, one)
      meant.push(...use.meant)
    }
  }
  return [...found.values(), ...meant]
}

/** The consent is looked up only where the row does not do. */
function askingOf ({ account }: Intake, context: FilterContext): Asking {
  return { account, ...(context.row !== undefined && { row: context.row }), get consent () { return context.consent } }
}

function isSame (a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
