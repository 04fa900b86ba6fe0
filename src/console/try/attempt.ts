/**
 * A draft of the configuration, a report and a home, taken through the path beside what is in force. Pure, and of no effect.
 *
 * Nothing of the store is asked: pseudonyms are made under keys that nobody keeps, and addresses that the registry knows a
 * device by are not looked for.
 */

import { anyId, anyKeys } from '../../try/any-keys.js'
import { runCases, type CaseResult } from '../../try/run-cases.js'
import { recordId } from '../../consent/record-id.js'
import { withEntry } from '../../consent/view.js'
import { explainByLeaf, type Explanation } from '../../explain.js'
import type { AccountConsent } from '../../model/consent.js'
import { takeReport } from '../../pipeline.js'
import type { CaseAccount } from '../../policy/cases.js'
import { compareConfigurations } from '../../policy/compare-configurations.js'
import { compileSources, type Configuration } from '../../policy/compile.js'
import { digestSources } from '../../policy/digest.js'
import type { Comparison } from '../../policy/order.js'
import type { Problem } from '../../policy/problem.js'
import { NOTHING_KNOWN } from '../../registry/fingerprints.js'
import { draftOf } from './draft-of.js'

/** A home that is made up. */
export type MadeUpHome = Omit<CaseAccount, 'consents' | 'region'> & {
  /** The default region of the policy where absent. */
  readonly region?: string
  readonly consents: readonly { readonly purpose: string, readonly state: 'granted' | 'denied' | 'withdrawn', readonly recipient?: string, readonly category?: string }[]
}

export interface Attempt {
  readonly inForce: ReadonlyMap<string, string>
  /** Files that the draft changes, as they are in it; null: left out. Absent: nothing is drafted. */
  readonly files?: Readonly<Record<string, string | null>>
  readonly report?: {
    /** Name of the report type. */
    readonly name: string
    readonly device: string
    readonly payload: Uint8Array
    readonly home: AccountConsent | MadeUpHome
  }
  /** Run the cases too. */
  readonly cases: boolean
  readonly nowMs: number
}

export interface Attempted {
  /** Of the draft, or of what is in force where nothing is drafted; absent where it has problems. */
  readonly digest?: string
  readonly problems: readonly Problem[]
  /** By the draft. */
  readonly explanation?: Explanation
  /** By the policy in force, where something is drafted. */
  readonly inForce?: Explanation
  /** The draft against what is in force. */
  readonly comparison?: Comparison
  readonly cases?: readonly CaseResult[]
}

/** Compiles each configuration once: of the last few. */
export class Attempts {
  readonly #compiled = new Map<string, ReturnType<typeof compileSources>>()

  try ({ inForce, files, report, cases, nowMs }: Attempt): Attempted {
    const drafted = this.#compile(files === undefined ? inForce : draftOf(inForce, files))
    if ('problems' in drafted) return { problems: drafted.problems }
    const before = files === undefined ? undefined : this.#compile(inForce)
    const explained = (configuration: Configuration): Explanation | undefined => report && explainTried(configuration, report, nowMs)
    const [explanation, old] = [explained(drafted), before !== undefined && !('problems' in before) ? before : undefined]
    const explainedOld = old && explained(old)
    return {
      digest: drafted.policy.digest,
      problems: [],
      ...(explanation !== undefined && { explanation }),
      ...(explainedOld !== undefined && { inForce: explainedOld }),
      ...(old !== undefined && { comparison: compareConfigurations(old, drafted) }),
      ...(cases && { cases: runCases(drafted) })
    }
  }

  #compile (sources: ReadonlyMap<string, string>): ReturnType<typeof compileSources> {
    const digest = digestSources(sources)
    const compiled = this.#compiled.get(digest) ?? compileSources(sources)
    this.#compiled.delete(digest)
    this.#compiled.set(digest, compiled)
    for (const oldest of this.#compiled.keys()) if (this.#compiled.size > KEPT) this.#compiled.delete(oldest)
    return compiled
  }
}

const KEPT = 3
const ACCOUNT = 'account-1'

function explainTried ({ policy, maxReportBytes }: Configuration, { name, device, payload, home }: NonNullable<Attempt['report']>, nowMs: number): Explanation {
  const consent = 'facts' in home ? home : consentOf({ ...home, region: home.region ?? policy.defaultRegion }, policy.noticeVersion)
  // of a report type that the policy does not know the topic is unknown as well
  const topicTail = policy.reports.get(name)?.topicTail.join('/') ?? ''
  const context = { policy, maxReportBytes, consent, keysFor: anyKeys, fingerprints: NOTHING_KNOWN, newId: anyId }
  return explainByLeaf(takeReport({ account: consent.account, device, topicTail, payload, receivedMs: nowMs, surroundings: [device, topicTail] }, context), policy.nameDictionary)
}

/** As the ledger would see it: facts first, then the records one after the other. */
function consentOf ({ consents, ...facts }: MadeUpHome & { region: string }, notice: string): AccountConsent {
  const recorded = (sequence: number) => ({ id: recordId(sequence), sequence, at: sequence, notice })
  const view = consents.reduce((view, consent, i) => withEntry(view, ACCOUNT, { ...recorded(i + 1), ...consent }), withEntry(undefined, ACCOUNT, { ...recorded(0), facts }))
  return view ?? { account: ACCOUNT, facts, records: [] }
}
