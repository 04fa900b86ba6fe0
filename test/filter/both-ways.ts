/** One report by the reference and by the filter, for comparison: what both must agree on, in plain words. */

import { StandingTable } from '../../src/consent/standing/standing-table.js'
import { StandingDecisions } from '../../src/decide/standing-decisions.js'
import { Filter, type FilterContext } from '../../src/filter/filter.js'
import { judgedOf } from '../../src/judged.js'
import { releaseTime, takeReport, type PathContext } from '../../src/pipeline.js'
import type { JudgedReport } from '../../src/model/judged.js'
import type { CompiledPolicy } from '../../src/model/policy.js'
import type { Intake } from '../../src/model/report.js'

export interface BothWays {
  readonly reference: unknown
  /** Undefined: the filter left the report to the reference. */
  readonly filtered: unknown
  /** As `filtered`, by the account's row in the table of all consents; undefined where the table says nothing of it. */
  readonly byRow: unknown
  readonly disclosed: number
}

const filters = new WeakMap<CompiledPolicy, Filter>()

/** The filter of a policy is kept, as the gateway keeps it: what it remembers must change nothing. */
export function filterOf (policy: CompiledPolicy): Filter {
  const known = filters.get(policy) ?? new Filter(policy, releaseTime)
  filters.set(policy, known)
  return known
}

const tables = new WeakMap<CompiledPolicy, { table: StandingTable, filter: Filter }>()

function byRow (intake: Intake, context: FilterContext): JudgedReport | undefined {
  const { policy, consent } = context
  let kept = tables.get(policy)
  if (kept === undefined) {
    const table = new StandingTable({ purposes: [...policy.purposes.keys()], seed: 1 })
    kept = { table, filter: new Filter(policy, releaseTime, new StandingDecisions(policy, table)) }
    tables.set(policy, kept)
  }
  const { table, filter } = kept
  if (consent === undefined) return undefined
  table.put({ ...consent, account: intake.account }, intake.receivedMs)
  const row = table.find(intake.account, intake.receivedMs)
  if (row <= 0) return undefined
  return filter.take(intake, { ...context, row, get consent (): never { throw new TypeError('the row is enough') } })
}

export function bothWays (intake: Intake, context: PathContext & FilterContext): BothWays {
  const filtered = filterOf(context.policy).take(intake, context)
  const rowed = byRow(intake, context)
  const taken = takeReport(intake, context)
  const reference = taken.outcome === 'quarantined' ? taken.reason : judgedOf(taken, context.policy.nameDictionary)
  return {
    reference: typeof reference === 'string' ? reference : spelled(reference),
    filtered: filtered && spelled(filtered),
    byRow: rowed && spelled(rowed),
    disclosed: typeof reference === 'string' ? 0 : reference.judgements.filter(({ effect }) => effect === 'disclosed').length
  }
}

/** Counts in no order, all else as it stands. */
function spelled ({ type, judgements, unclassified, firmware, ownAddresses }: JudgedReport): unknown {
  return {
    type: type.name,
    unclassified: [...unclassified].map(([path, { count, forms }]) => `${path} ${count} ${[...forms].join()}`),
    firmware,
    ownAddresses,
    judgements: judgements.map(judgement => ({
      recipient: judgement.recipient.name,
      suppressed: judgement.suppressed.map(({ category, reason, count }) => `${category} ${reason} ${count}`).sort(),
      ...judgement.effect === 'withheld' ? { reason: judgement.reason } : { id: judgement.disclosure.id, report: judgement.disclosure.report, of: judgement.disclosure.recipient, text: Buffer.from(judgement.disclosure.bytes).toString('utf8'), header: judgement.header }
    }))
  }
}
