import { readFileSync } from 'node:fs'
import t from 'tap'
import { compileSources } from '../../src/policy/compile.js'
import { lint } from '../../src/policy/lint.js'
import { findingCodes, spellFinding } from '../../src/policy/lint-finding.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { compiled, edited, problemsOf, type Edit } from './fixture.js'

const R = 'recipients/analytics.yaml'
const H = 'recipients/home.yaml'
const M = 'reports/motion.yaml'
const N = 'notice.yaml'
const C = 'consent.yaml'

const found = (...edits: readonly Edit[]): string[] => lint(compiled(...edits)).findings.map(finding => spellFinding(finding, ''))
/** What the fixture has by itself. */
const OWN = found()

/** Each in a configuration that is sound otherwise. */
const table: readonly (readonly [what: string, edits: readonly Edit[], finding: string])[] = [
  ['an allow entry for what no listed report has', [[H, 'sensor.*: keep', 'sensor.*: keep\n  energy.*: keep']], `${H}:9:3 rule-unused: 'energy.*' covers no field of the reports that 'home' gets`],
  ['an allow entry whose report was taken away', [[R, '[motion, energy]', '[motion]']], `${R}:13:3 rule-unused: 'energy.*' covers no field of the reports that 'analytics' gets`],
  ['a report of an excluded origin', [[R, '[integration]', '[integration, partner]']], `${R}:5:19 report-closed: 'analytics' gets nothing of 'energy': its origin 'partner' is excluded`],
  ['a report of which nothing is allowed', [[H, 'reports: [motion]', 'reports: [motion, energy]']], `${H}:5:19 report-closed: 'home' gets nothing of 'energy': no field of it is allowed`],
  ['a report that nobody gets', [[R, '[motion, energy]', '[motion]']], 'reports/energy.yaml:1:1 report-unused: nothing of \'energy\' leaves for any recipient'],
  ['a region that no transfer leads to', [[C, 'us: [us, eu]', 'us: [eu]']], `${R}:4:1 recipient-unreached: no account reaches 'analytics': no transfer leads to region 'us'`],
  ['a category that no report has', [[M, '  nickname: { category: device.name, encoding: base64 }\n', ''], [M, '  children.{device.id}.alias: device.name\n', '']], `${N}:13:3 category-unused: no report has a field of category 'device.name'`],
  ['an epoch longer than the notice says', [[N, 'previous:', 'pseudonyms: { longestEpoch: 7d }\nprevious:']], `${R}:8:3 epoch-too-long: pseudonyms of 'device.id' last 30d, the notice says 7d at most`],
  ['a name that is kept', [[H, '{ map: { lamp: light, bulb: light } }', 'keep']], `${H}:7:3 text-kept: 'device.name' is text that a person wrote, and leaves as it is`],
  ['a family that keeps a name', [[H, 'device.name: { map: { lamp: light, bulb: light } }', 'device.*: keep']], `${H}:7:3 text-kept: 'device.name' is text that a person wrote, and leaves as it is`]
]

t.test('lint: each finding -> at its place, and not where it does not hold', async t => {
  for (const [what, edits, finding] of table) {
    t.notOk(OWN.includes(finding), `${what}: not by itself`)
    t.ok(found(...edits).includes(finding), `${what}: ${finding}`)
  }
  const codes = new Set([...table.map(([, , finding]) => finding.split(' ')[1]?.replace(':', '')), 'accept-unused'])
  t.strictSame(codes, new Set(Object.keys(findingCodes)), 'every code is tried')
  t.notOk(found([N, 'previous:', 'pseudonyms: { longestEpoch: 30d }\nprevious:']).some(text => text.includes('epoch')), 'as long as the notice says')
  t.notOk(found([R, 'region: us', 'region: us\nenabled: false'], [C, 'us: [us, eu]', 'us: [eu]']).some(text => text.includes('recipient-unreached')), 'one that is switched off is meant to be')
})

t.test('lint: accepted with a reason -> set aside; once it is not found any more -> a finding', async t => {
  const kept: Edit = [H, '{ map: { lamp: light, bulb: light } }', 'keep']
  const accept = (written: string): Edit => [H, 'sink: { type: mqtt }', `sink: { type: mqtt }\naccept:\n  - ${written}`]
  const { findings, accepted } = lint(compiled(kept, accept('{ finding: text-kept, keys: [device.*], reason: asked for }')))
  t.notOk(findings.some(({ code }) => code === 'text-kept'))
  t.match(accepted, [{ code: 'text-kept', key: 'device.name', accepted: 'asked for' }])
  t.ok(found(kept, accept('{ finding: text-kept, keys: [group.name], reason: asked for }')).some(text => text.startsWith(`${H}:7:3 text-kept`)), 'of another key')
  t.ok(found(accept('{ finding: text-kept, keys: [device.name], reason: asked for }')).includes(`${H}:12:34 accept-unused: 'text-kept' of 'device.name' is accepted here and not found`))
  t.ok(found(accept('{ finding: text-kept, reason: asked for }')).includes(`${H}:12:5 accept-unused: 'text-kept' is accepted here and not found`))
  const elsewhere: Edit = [R, 'release: 15m', 'release: 15m\naccept: [{ finding: text-kept, reason: asked for }]']
  t.ok(found(kept, elsewhere).some(text => text.startsWith(`${H}:7:3 text-kept`)), 'a file accepts what is in it alone')
})

t.test('lint: an acceptance without a reason, or of what is no finding -> refused', async t => {
  const problems = (written: string) => problemsOf(edited([H, 'sink: { type: mqtt }', `sink: { type: mqtt }\naccept: [${written}]`]))
  t.match(problems('{ finding: text-kept }').join(), /missing key 'reason'/)
  t.match(problems('{ finding: text-kept, reason: "" }').join(), /must say why/)
  t.match(problems('{ finding: text-kep, reason: x }').join(), /did you mean 'text-kept'\?/)
  t.notOk(problems('{ finding: accept-unused, reason: x }').length === 0)
  t.ok('policy' in compileSources(edited([H, 'sink: { type: mqtt }', 'sink: { type: mqtt }\naccept: [{ finding: report-closed, reason: x }]'])))
})

t.test('lint: the shipped configuration -> nothing that is not accepted with a reason', async t => {
  const shipped = await loadConfiguration('config')
  if ('problems' in shipped) return t.fail('must load')
  const { findings, accepted } = lint(shipped)
  t.strictSame(findings, [])
  t.ok(accepted.length > 0 && accepted.every(({ accepted = '' }) => accepted.length > 20))
})

t.test('lint: every code -> told in docs/policy.md, with its meaning', async t => {
  const page = readFileSync('docs/policy.md', 'utf8')
  for (const [code, meaning] of Object.entries(findingCodes)) t.ok(page.includes(`| \`${code}\` | ${meaning} |`), code)
})
