/**
 * The filter alone: a report's bytes → the disclosure's bytes, classification, decision, minimization, the whole address
 * finder and the second look included, under the shipped product-analytics rules.
 *
 * The figure is a ratio: its CPU time against `JSON.parse` + `JSON.stringify`, Buffer to Buffer, of the same bytes, the two
 * in turn within each round. Outbox and sinks are not in it. Every report is seen once; of some, what leaves is compared with
 * what the reference lets out. *Warm*: earlier reports of the same devices were taken before, so their ids, names and
 * pseudonyms are known; *cold*: a new filter in each round. Beside them the reference, and ten recipients instead of one.
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
const RECIPIENTS = 10
/** Of the reports: the reference takes many times as long. */
const REFERENCE_SHARE = 5

export interface FilterOptions {
  readonly reports: number
  /** Each takes its own part of the reports. */
  readonly rounds: number
}

export type FilterRow = 'warm' | 'cold' | 'ten recipients' | 'reference'

export interface FilterFigure extends Ratios {
  readonly row: FilterRow
  readonly size: string
  readonly reports: number
  readonly medianBytes: number
  /** CPU of one report in the median round. */
  readonly workMicros: number
  /** Those that took the short way. */
  readonly filtered: number
  /** Of so many reports, by the reference as well: of which something left, and of which something else left on the short way. */
  readonly compared: number
  readonly disclosed: number
  readonly differing: number
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
export async function benchFilter (configFolder: string, options: FilterOptions, say: (text: string) => void): Promise<FilterFigure[]> {
  const { policy } = await readConfiguration(configFolder)
  const recipients = policy.recipients.filter(({ name }) => name === 'product-analytics')
  const one = { ...policy, recipients }
  const ten = { ...policy, recipients: Array.from({ length: RECIPIENTS }, (_, i) => ({ ...recipients[0]!, name: `product-analytics-${'ghijklmnop'.charAt(i)}` })) }
  return SIZES.flatMap(sizeClass => {
    const figures = measure(sizeClass, recipients[0]?.reports ?? new Set(), { one, ten }, options)
    say(`reports of ${sizeClass.size}: ${figures.map(({ row, median }) => `${row} ${median.toFixed(2)}`).join(', ')}`)
    return figures
  })
}

function measure (sizeClass: SizeClass, listed: ReadonlySet<string>, { one, ten }: { one: CompiledPolicy, ten: CompiledPolicy }, { reports, rounds }: FilterOptions): FilterFigure[] {
  const all = reportsOf(sizeClass, listed, 2 * reports)
  const earlier = all.slice(0, reports)
  const intakes = all.slice(reports)
  const each = Math.floor(reports / rounds)
  const slice = (round: number, count = each): readonly Intake[] => intakes.slice(round * each, round * each + count)
  const few = Math.ceil(each / REFERENCE_SHARE)
  const parse = (round: number, count = each): void => { for (const { payload } of slice(round, count)) Buffer.from(JSON.stringify(JSON.parse(Buffer.from(payload).toString('utf8')))) }
  const [context, contextOfTen] = [contextOf(one), contextOf(ten)]
  const [warm, warmTen] = [warmed(one, earlier), warmed(ten, earlier)]
  const through = (filter: Filter, within: PathContext) => (round: number): void => { for (const intake of slice(round)) if (filter.take(intake, within) === undefined) takeReport(intake, within) }
  // code is warm before anything is measured
  pairedRatios(rounds, round => parse(round), round => through(new Filter(one, releaseTime), context)(round))
  const lengths = intakes.map(({ payload }) => payload.length).sort((a, b) => a - b)
  const counted = warmed(one, earlier)
  const figure = (row: FilterRow, ratios: Ratios, count = each): FilterFigure => ({ row, size: sizeClass.size, reports, medianBytes: lengths[lengths.length >> 1] ?? 0, ...counts, ...ratios, workMicros: ratios.workMs * 1000 / count })
  const counts = {
    filtered: intakes.filter(intake => counted.take(intake, context) !== undefined).length,
    ...compared(intakes.filter((_, i) => i % REFERENCE_SHARE === 0), counted, context)
  }
  return [
    figure('warm', pairedRatios(rounds, round => parse(round), through(warm, context))),
    figure('cold', pairedRatios(rounds, round => parse(round), round => through(new Filter(one, releaseTime), context)(round))),
    figure('ten recipients', pairedRatios(rounds, through(warmed(one, earlier), context), through(warmTen, contextOfTen))),
    figure('reference', pairedRatios(rounds, round => parse(round, few), round => { for (const intake of slice(round, few)) takeReport(intake, context) }), few)
  ]
}

function warmed (policy: CompiledPolicy, intakes: readonly Intake[]): Filter {
  const filter = new Filter(policy, releaseTime)
  const context = contextOf(policy)
  for (const intake of intakes) filter.take(intake, context)
  return filter
}

/** What leaves on the short way, against what leaves by the reference. */
function compared (intakes: readonly Intake[], filter: Filter, context: PathContext): Pick<FilterFigure, 'compared' | 'disclosed' | 'differing'> {
  let [disclosed, differing] = [0, 0]
  for (const intake of intakes) {
    const taken = takeReport(intake, context)
    const expected = taken.outcome === 'judged' ? textsOf(taken.judgements) : []
    const short = filter.take(intake, context)
    if (expected.length > 0) disclosed++
    if (short !== undefined && textsOf(short.judgements).join('\n') !== expected.join('\n')) differing++
  }
  return { compared: intakes.length, disclosed, differing }
}

function textsOf (judgements: readonly { readonly effect: string, readonly disclosure?: { readonly bytes: Uint8Array } }[]): string[] {
  return judgements.flatMap(({ disclosure }) => disclosure === undefined ? [] : [Buffer.from(disclosure.bytes).toString('latin1')])
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
