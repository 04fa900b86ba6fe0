/**
 * The one-pass filter against the reference: whatever the report, whatever the account's consent, the same bytes, the same
 * reasons, the same counts, the same header, the same addresses learned; or no answer at all.
 *
 * `CURTILAGE_DIFFERENTIAL=100000` tries as many.
 */

import t, { type Test as TestBase } from 'tap'
import { join } from 'node:path'
import { loadConfiguration } from '../../src/policy/load.js'
import { compileSources } from '../../src/policy/compile.js'
import { configurationOf, SOURCES } from '../fixtures/policy.js'
import { consentOf, grantedAll } from '../fixtures/path.js'
import { Random } from '../fuzz/random.js'
import { bothWays } from './both-ways.js'
import { mutated, sampleReports, sentReports, type SentReport } from './strange-reports.js'
import { SAMPLE_EPOCH_MS } from '../../simulators/samples.js'
import type { FilterContext } from '../../src/filter/filter.js'
import type { PathContext } from '../../src/pipeline.js'
import type { AccountConsent } from '../../src/model/consent.js'
import type { CompiledPolicy } from '../../src/model/policy.js'
import type { Intake } from '../../src/model/report.js'

const COUNT = Number(process.env.CURTILAGE_DIFFERENTIAL ?? (process.env.CI ? 4000 : 1500))
const SEED = Number(process.env.CURTILAGE_SEED ?? 20261127)
const loaded = await loadConfiguration(join(import.meta.dirname, '../../config'))
if ('problems' in loaded) throw new Error('the shipped configuration does not load')
const shipped = loaded.policy
const SENT = sentReports(12, 2)
const SAMPLES = sampleReports()

const NOTHING = { hasMac: () => false, hasIp: () => false, hasTail: () => false, isEmpty: true }
/** A registry that knows many: which, follows from the spelling. */
const MUCH = { hasMac: (hex: string) => sumOf(hex) % 7 === 0, hasIp: (ip: string) => sumOf(ip) % 5 === 0, hasTail: (hex: string) => sumOf(hex) % 11 === 0 }

function sumOf (text: string): number {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i)
  return sum
}

function contextOf (policy: CompiledPolicy, consent: AccountConsent | undefined, isKnown: boolean, keyByte: number): PathContext & FilterContext {
  const keys = { gatewayKeyAt: (beginsMs: number) => new Uint8Array(32).fill(beginsMs % 251), accountKey: new Uint8Array(32).fill(keyByte) }
  return { policy, maxReportBytes: 262_144, consent, keysFor: () => keys, fingerprints: isKnown ? MUCH : NOTHING, newId: recipient => recipient.replace(/[^g-z]/g, 'g').padEnd(38, 'k') }
}

function intakeOf ({ report, payload }: SentReport, random: Random): Intake {
  const device = random.pick(['D', '8019CD0D936C12A665F5A95BD153C01E25CC4BB1', 'lamp-1'])
  const surroundings = random.pick([['127.0.0.1', device, device, report], ['192.168.1.5', '50:C7:BF:0D:91:8C', device, report], []])
  return { account: 'A', device, topicTail: report, payload, receivedMs: SAMPLE_EPOCH_MS + random.below(5_000_000), surroundings }
}

/** Kept, as the ledger keeps views: the filter remembers decisions by them. */
function consentsOf (policy: CompiledPolicy, random: Random): (AccountConsent | undefined)[] {
  const some = Array.from({ length: 12 }, () => consentOf({ regime: random.pick(['opt-in', 'opt-out', 'notice', 'unheard-of']), region: random.pick(['us', 'us', 'eu']), minor: random.chance(8), optOutSignal: random.chance(8) },
    Array.from({ length: random.below(6) }, () => ({
      purpose: random.pick([...policy.purposes.keys()]),
      state: random.pick(['granted', 'granted', 'denied', 'withdrawn'] as const),
      ...random.chance(3) && { category: random.pick([...policy.categories.keys()]) },
      ...random.chance(3) && { recipient: random.pick(policy.recipients).name },
      ...random.chance(4) && { device: random.pick(['D', 'lamp-1']) },
      ...random.chance(4) && { expires: SAMPLE_EPOCH_MS + random.below(5_000_000) }
    }))))
  return [grantedAll(policy), grantedAll(policy), grantedAll(policy, { region: 'eu' }), consentOf({ regime: 'opt-out' }), undefined, ...some]
}

interface Tally {
  reports: number
  filtered: number
  byRow: number
  disclosed: number
  byType: Map<string, { reports: number, filtered: number }>
}

/** Fails at the first difference, without a word of what the report held. */
function compareAll (t: TestBase, policy: CompiledPolicy, reports: Iterable<SentReport>, random: Random): Tally {
  const consents = consentsOf(policy, random)
  const tally: Tally = { reports: 0, filtered: 0, byRow: 0, disclosed: 0, byType: new Map() }
  for (const report of reports) {
    const intake = intakeOf(report, random)
    const context = contextOf(policy, random.pick(consents), random.chance(4), random.below(3))
    const { reference, filtered, byRow, disclosed } = bothWays(intake, context)
    const ofType = tally.byType.get(report.report) ?? { reports: 0, filtered: 0 }
    tally.byType.set(report.report, ofType)
    tally.reports++
    ofType.reports++
    tally.disclosed += disclosed
    if (filtered === undefined) continue
    tally.filtered++
    ofType.filtered++
    if (byRow !== undefined) tally.byRow++
    if (JSON.stringify(filtered) === JSON.stringify(reference) && (byRow === undefined || JSON.stringify(byRow) === JSON.stringify(reference))) continue
    t.strictSame(byRow ?? reference, reference, `by row, report ${tally.reports} of type ${report.report}`)
    t.strictSame(filtered, reference, `report ${tally.reports} of type ${report.report}: ${report.payload.toString('latin1')}`)
    return tally
  }
  return tally
}

t.test('INVARIANT: what the filter judges, the reference judges the same -> every shipped report type and recipient, as devices send them', async t => {
  const { reports, filtered, byRow, disclosed, byType } = compareAll(t, shipped, [...SENT, ...SAMPLES, ...SENT], new Random(SEED))
  t.ok(disclosed > reports / 4)
  t.ok(filtered > reports * 0.8, `${filtered} of ${reports}`)
  t.ok(byRow > reports / 8, `${byRow} of ${reports} by the table of all consents`)
  for (const name of shipped.reports.keys()) if (byType.has(name)) t.ok(byType.get(name)!.filtered > 0, `${name}: some take the short way`)
})

function * mutations (sources: readonly SentReport[], count: number, random: Random): Generator<SentReport> {
  for (let i = 0; i < count; i++) yield mutated(random.pick(sources), random.pick(sources), random)
}

t.test('INVARIANT: what the filter judges, the reference judges the same -> mutated reports', async t => {
  const random = new Random(SEED + 1)
  const { reports, filtered, disclosed } = compareAll(t, shipped, mutations([...SENT, ...SAMPLES], COUNT, random), random)
  t.ok(disclosed > reports / 8)
  t.ok(filtered > reports / 4, `${filtered} of ${reports} took the short way`)
  t.comment(`${filtered} of ${reports} took the short way`)
})

t.test('INVARIANT: what the filter judges, the reference judges the same -> rules that give away all they can, keys that are values', async t => {
  const random = new Random(SEED + 2)
  const sources = new Map(Object.entries(SOURCES))
  sources.set('reports/motion.yaml', 'report: motion\ntopic: kasa/{account}/{device}/motion\nfields:\n  a: device.name\n  b[]: device.model\n  c.*: device.firmware\n  d.{device.id}.e: device.name\n  d.{device.id}.f[].g: energy.power\n  n: energy.power\n  m: usage.storage\n  o[].p: device.id\n  o[].r[]: energy.power\n  q: { category: device.name, encoding: base64 }\n  s[][]: energy.power\n  w: { category: time.event, format: local }\n  x: { category: time.event, format: iso }\n  y: { category: time.event, format: epoch-milliseconds }\n')
  const allow = (device: string): string => `recipient: analytics\nkind: service-provider\npurpose: provide-service\nregion: us\nreports: [motion]\nallow:\n  device.name: keep\n  device.model: keep\n  device.firmware: keep\n  device.id: ${device}\n  energy.power: ${device === 'keep' ? 'keep' : '{ round: 10 }'}\n  usage.storage: keep\n  time.event: ${device === 'keep' ? 'keep' : '{ round: 15m }'}\nsink: { type: file, folder: analytics }\n`
  const reports = ['{"a":"lamp","b":["x","y"],"c":{"k":"1.2.3","l":"4"},"d":{"ab12":{"e":"n","f":[{"g":5},{"g":7.5}]},"cd34":{"e":"m"}},"n":1.5,"m":"127865454592B","o":[{"p":"id1","r":[1,2,3]},{"p":"id2"}],"q":"TGFtcGU=","s":[[1,2],[3,4]],"w":"2026-01-05 10:20:30","x":"2026-01-05T10:20:30Z","y":1767608430123}',
    '{"a":"Plug 918C","d":{"50C7BF0D918C":{"e":"x"},"q":{"e":"x"}},"z":{"mac":"50:C7:BF:0D:91:8C"},"b":[80,199,191,13,145,140],"o":[{"r":[80,199,191,13,145,140]}],"s":[[192,168,1,5]],"n":3232235781}'].map(text => ({ report: 'motion', payload: Buffer.from(text) }))
  let filtered = 0
  for (const device of ['keep', '{ pseudonymize: { epoch: 30d } }', 'suppress']) {
    sources.set('recipients/analytics.yaml', allow(device))
    const compiled = compileSources(sources)
    if ('problems' in compiled) throw new Error(compiled.problems.map(({ message }) => message).join())
    filtered += compareAll(t, compiled.policy, mutations(reports, Math.ceil(COUNT / 3), random), random).filtered
  }
  const { policy } = configurationOf()
  filtered += compareAll(t, policy, mutations([...SENT.filter(({ report }) => report === 'motion'), ...reports], COUNT / 3, random), random).filtered
  t.ok(filtered > COUNT / 5, `${filtered} took the short way`)
})
