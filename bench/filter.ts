/**
 * The filter alone: a report's bytes → the disclosure's bytes, classification, decision, minimization, the whole address
 * finder and the second look included, under the shipped product-analytics rules.
 *
 * The figure is a ratio: its CPU time against `JSON.parse` + `JSON.stringify`, Buffer to Buffer, of the same bytes, the two
 * in turn within each round. Outbox and sinks are not in it. Every report is seen once. *Warm*: earlier reports of the same
 * devices were taken before, so their ids, names and pseudonyms are known; *cold*: a new filter in each round. Beside them
 * the reference, and ten recipients instead of one.
 */

import { makeHomes } from '../simulators/home.js'
import { SAMPLE_EPOCH_MS } from '../simulators/samples.js'
import { readConfiguration } from '../src/core.js'
import { Filter } from '../src/filter/filter.js'
import { releaseTime, takeReport, type PathContext } from '../src/pipeline.js'
import type { CompiledPolicy } from '../src/model/policy.js'
import type { Intake } from '../src/model/report.js'
import { pairedRatios, type Ratios } from './paired.js'

const KEYS = { gatewayKeyAt: () => new Uint8Array(32).fill(1), accountKey: new Uint8Array(32).fill(2) }
const REPORTS = 10_000
/** Each takes its own part of the reports. */
const ROUNDS = 10
const RECIPIENTS = 10

export type FilterRow = 'warm' | 'cold' | 'ten recipients' | 'reference'

export interface FilterFigure extends Ratios {
  readonly row: FilterRow
  readonly size: string
  readonly reports: number
  readonly medianBytes: number
  /** Reports of which something left, and those that took the short way. */
  readonly disclosed: number
  readonly filtered: number
}

interface SizeClass {
  readonly size: string
  readonly minBytes: number
  readonly maxBytes: number
}

const SIZES: readonly SizeClass[] = [
  { size: '400 B', minBytes: 250, maxBytes: 600 },
  { size: '1.4 KB', minBytes: 1000, maxBytes: 1900 },
  { size: '8 KB', minBytes: 7000, maxBytes: 9500 }
]

/** For each size class: warm, cold, ten recipients against one, the reference. */
export async function benchFilter (configFolder: string): Promise<FilterFigure[]> {
  const { policy } = await readConfiguration(configFolder)
  const recipients = policy.recipients.filter(({ name }) => name === 'product-analytics')
  const one = { ...policy, recipients }
  const ten = { ...policy, recipients: Array.from({ length: RECIPIENTS }, (_, i) => ({ ...recipients[0]!, name: `product-analytics-${'ghijklmnop'.charAt(i)}` })) }
  return SIZES.flatMap(sizeClass => measure(sizeClass, recipients[0]?.reports ?? new Set(), one, ten))
}

function measure (sizeClass: SizeClass, listed: ReadonlySet<string>, one: CompiledPolicy, ten: CompiledPolicy): FilterFigure[] {
  const all = reportsOf(sizeClass, listed, 2 * REPORTS)
  const earlier = all.slice(0, REPORTS)
  const intakes = all.slice(REPORTS)
  const slice = (round: number): readonly Intake[] => intakes.slice(round * REPORTS / ROUNDS, (round + 1) * REPORTS / ROUNDS)
  const parse = (round: number): void => { for (const { payload } of slice(round)) Buffer.from(JSON.stringify(JSON.parse(Buffer.from(payload).toString('utf8')))) }
  const [context, contextOfTen] = [contextOf(one), contextOf(ten)]
  const [warm, warmTen] = [warmed(one, earlier), warmed(ten, earlier)]
  const through = (filter: Filter, within: PathContext) => (round: number): void => { for (const intake of slice(round)) if (filter.take(intake, within) === undefined) takeReport(intake, within) }
  // code is warm before anything is measured
  pairedRatios(ROUNDS, parse, round => through(new Filter(one, releaseTime), context)(round))
  const lengths = intakes.map(({ payload }) => payload.length).sort((a, b) => a - b)
  const counted = warmed(one, earlier)
  const figure = (row: FilterRow, ratios: Ratios): FilterFigure => ({ row, size: sizeClass.size, reports: REPORTS, medianBytes: lengths[lengths.length >> 1] ?? 0, ...counts, ...ratios })
  const counts = {
    disclosed: intakes.filter(intake => disclosures(intake, context) > 0).length,
    filtered: intakes.filter(intake => counted.take(intake, context) !== undefined).length
  }
  return [
    figure('warm', pairedRatios(ROUNDS, parse, through(warm, context))),
    figure('cold', pairedRatios(ROUNDS, parse, round => through(new Filter(one, releaseTime), context)(round))),
    figure('ten recipients', pairedRatios(ROUNDS, through(warmed(one, earlier), context), through(warmTen, contextOfTen))),
    figure('reference', pairedRatios(ROUNDS, parse, round => { for (const intake of slice(round)) takeReport(intake, context) }))
  ]
}

function warmed (policy: CompiledPolicy, intakes: readonly Intake[]): Filter {
  const filter = new Filter(policy, releaseTime)
  const context = contextOf(policy)
  for (const intake of intakes) filter.take(intake, context)
  return filter
}

function disclosures (intake: Intake, context: PathContext): number {
  const taken = takeReport(intake, context)
  return taken.outcome === 'judged' ? taken.judgements.filter(({ effect }) => effect === 'disclosed').length : 0
}

/** Different reports of the simulated devices, of types that the recipient gets; the largest class lengthens their lists. */
function reportsOf (sizeClass: SizeClass, listed: ReadonlySet<string>, count: number): Intake[] {
  const intakes: Intake[] = []
  for (let sequence = 0; intakes.length < count; sequence++) {
    for (const home of makeHomes('bench', 200)) {
      for (const device of home.devices) {
        for (const { report, payload } of device.reports(SAMPLE_EPOCH_MS + sequence * 60_000, sequence)) {
          const sized = listed.has(report) ? fitted(payload, sizeClass) : undefined
          if (sized !== undefined) intakes.push(intakeOf(device.account, device.device, report, sized))
          if (intakes.length === count) return intakes
        }
      }
    }
  }
  return intakes
}

function fitted (payload: Buffer, { minBytes, maxBytes }: SizeClass): Buffer | undefined {
  if (payload.length >= minBytes && payload.length <= maxBytes) return payload
  if (payload.length > minBytes || minBytes < 7000) return undefined
  const longer = lengthened(payload, minBytes)
  return longer !== undefined && longer.length <= maxBytes ? longer : undefined
}

/** The first list of objects in a report, repeated until the report is long enough. */
function lengthened (payload: Buffer, minBytes: number): Buffer | undefined {
  const json = JSON.parse(payload.toString('utf8')) as unknown
  const list = firstList(json)
  if (list === undefined) return undefined
  const items = [...list]
  const itemBytes = Buffer.byteLength(JSON.stringify(items))
  for (let bytes = payload.length; bytes < minBytes; bytes += itemBytes) list.push(...items)
  return Buffer.from(JSON.stringify(json))
}

function firstList (json: unknown): unknown[] | undefined {
  if (Array.isArray(json)) return json.length > 0 && typeof json[0] === 'object' ? json : undefined
  if (typeof json !== 'object' || json === null) return undefined
  for (const value of Object.values(json)) {
    const found = firstList(value)
    if (found !== undefined) return found
  }
}

function intakeOf (account: string, device: string, topicTail: string, payload: Buffer): Intake {
  return { account, device, topicTail, payload, receivedMs: SAMPLE_EPOCH_MS, surroundings: ['127.0.0.1', device, device, topicTail] }
}

function contextOf (policy: PathContext['policy']): PathContext {
  const facts = { regime: 'opt-out', region: 'us', minor: false, optOutSignal: false }
  return {
    policy,
    maxReportBytes: 262_144,
    consent: { account: 'bench', facts, records: [] },
    keysFor: () => KEYS,
    fingerprints: { hasMac: () => false, hasIp: () => false, hasTail: () => false, isEmpty: true },
    newId: () => 'ghijklmnopqrstuvwxyzghijklmnopqrstuvwx'
  }
}
