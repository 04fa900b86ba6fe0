/** `curtilage test`: failures side by side, what no case touches, and cases written from reports. */

import t from 'tap'
import fc from 'fast-check'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { coverageOf } from '../../src/cli/coverage.js'
import { initCase } from '../../src/cli/init-case.js'
import { meets } from '../../src/try/meets.js'
import { compareFields, sideBySide } from '../../src/cli/side-by-side.js'
import type { Json } from '../../src/model/json.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { configurationOf } from '../fixtures/policy.js'
import { cli, copyOfConfig, edit, json } from './run-cli.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const TOPIC = 'kasa/home-1/plug-1/motion'
const REPORT = { event: 'motion', timestamp: 1767608430, device_id: '8012E4C1', nickname: 'SGFsbA==', mac: '00:00:5E:00:53:0A', ip: '192.0.2.7' }

const cases = (...written: string[]): Record<string, () => string> => ({ 'tests/none.yaml': () => `cases:\n${written.map(one => `  - ${one}\n`).join('')}` })
const granted = 'account: { regime: opt-in, consents: [{ purpose: improve-products, state: granted }] }'

t.test('side by side: what is expected and what came -> field by field, each difference marked, on its own line', async t => {
  const pseudonym = 'ghijklmnopqrstuvwxyzghij'
  const rows: [Json, Json, [string, Json | undefined, Json | undefined, boolean][]][] = [
    [{ withheld: 'consent' }, { withheld: 'consent' }, [['withheld', 'consent', 'consent', true]]],
    [{ disclosed: { data: { a: 1, b: 2 } } }, { disclosed: { data: { a: 1, c: 3 } } }, [['disclosed.data.a', 1, 1, true], ['disclosed.data.b', 2, undefined, false], ['disclosed.data.c', undefined, 3, false]]],
    [{ withheld: 'x' }, { disclosed: { a: [1, { b: null }] } }, [['withheld', 'x', undefined, false], ['disclosed.a[0]', undefined, 1, false], ['disclosed.a[1].b', undefined, null, false]]],
    [{ a: '{pseudonym}', b: { '{pseudonym}': 1 } }, { a: pseudonym, b: { [pseudonym]: 2 } }, [['a', '{pseudonym}', pseudonym, true], ['b.{pseudonym}', 1, 2, false]]],
    [{ a: { b: 1 } }, { a: 1 }, [['a', undefined, 1, false], ['a.b', 1, undefined, false]]],
    [{ a: {}, b: [] }, { a: [], b: [] }, [['a', {}, [], false], ['b', [], [], true]]],
    [{ a: {} }, { a: { b: 1 } }, [['a', {}, undefined, false], ['a.b', undefined, 1, false]]],
    [1, null, [['', 1, null, false]]]
  ]
  for (const [expected, actual, lines] of rows) t.strictSame(compareFields(expected, actual).map(({ path, expected, actual, ok }) => [path, expected, actual, ok]), lines)
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (a, b, same) => {
    const [expected, actual] = [a as Json, (same ? structuredClone(a) : b) as Json]
    return compareFields(expected, actual).every(({ ok }) => ok) === meets(expected, actual)
  }), { numRuns: RUNS })
})

t.test('side by side: 80 columns -> no line is longer, however long the values', async () => {
  fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ maxLength: 90 }), { maxKeys: 20 }), fc.dictionary(fc.string({ maxLength: 12 }), fc.integer(), { maxKeys: 20 }), (a, b) =>
    sideBySide(a, b, 76).split('\n').every(line => [...line].length <= 76)), { numRuns: RUNS })
})

t.test('coverage: cases -> rules, recipients, categories and report types that none touches', async t => {
  const none = coverageOf(configurationOf())
  t.equal(none.rules.untouched.length, none.rules.total)
  t.strictSame(none.recipients.untouched, ['analytics', 'service', 'home', 'use', 'ads'])
  t.strictSame(none.reports.untouched, ['motion', 'partner'])

  const some = coverageOf(configurationOf(cases(`{ name: a, ${granted}, report: motion, payload: { event: motion, alias: x, unknown: 1, children: { D1: { power: 1 } } }, expect: { analytics: { withheld: nothing-left } } }`)))
  t.strictSame(some.rules.untouched.filter(({ recipient }) => recipient === 'analytics').map(({ category, rule }) => [category, rule]), [['device.model', 'recipients/analytics.yaml:9'], ['device.firmware', 'recipients/analytics.yaml:10'], ['location.geo', 'recipients/analytics.yaml:15'], ['usage.storage', 'recipients/analytics.yaml:17']])
  t.strictSame(some.recipients.untouched, ['service', 'home', 'use', 'ads'])
  t.strictSame(some.categories.untouched, ['device.firmware', 'device.model', 'location.geo', 'network.ip', 'network.mac', 'time.event', 'usage.storage'])
  t.strictSame(some.reports.untouched, ['partner'])

  // consent was refused: no rule decided; and a recipient that does not list the report says nothing of its categories
  const refused = coverageOf(configurationOf(cases('{ name: a, account: { regime: opt-in }, report: motion, payload: { event: motion }, expect: { analytics: { withheld: consent-unset } } }', `{ name: b, ${granted}, report: partner, payload: { model: x }, expect: { service: { withheld: report-not-listed } } }`)))
  t.equal(refused.rules.untouched.length, refused.rules.total)
  t.notOk(refused.categories.untouched.includes('sensor.motion'))
  t.ok(refused.categories.untouched.includes('device.model'))
})

t.test('init: a report and a state -> a case that turns out, word for word what leaves today', async t => {
  const configuration = configurationOf()
  const init = (over: object, payload: unknown = REPORT): string => initCase({ payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), topic: TOPIC, account: { regime: 'opt-in', consents: [{ purpose: 'improve-products', state: 'granted' }] }, name: undefined, withAddresses: false, ...over }, configuration)
  t.equal(init({}), `# yaml-language-server: $schema=../schema/cases.schema.json
# What policy ${configuration.policy.digest.slice(0, 12)} makes of it today: read it before you rely on it.
cases:
  - name: "motion of a home, opt-in: granted improve-products"
    account:
      regime: opt-in
      consents:
        - purpose: improve-products
          state: granted
    report: motion
    device: plug-1
    payload:
      event: motion
      timestamp: 1767608430
      device_id: 8012E4C1
      nickname: SGFsbA==
      mac: 00:00:5E:00:53:0A
      ip: 192.0.2.7
    expect:
      analytics:
        disclosed:
          device: "{pseudonym}"
          time: 2026-01-05T12:00:00.000Z
          data:
            event: motion
            timestamp: 1767608100
            device_id: "{pseudonym}"
            nickname: SGFsbA==
      service:
        disclosed:
          data:
            event: motion
      home:
        withheld: consent-unset
      use:
        withheld: consent-unset
      ads:
        withheld: recipient-off
`)
  t.match(init({ name: 'mine', account: { regime: 'notice', region: 'eu', minor: true, optOutSignal: true, consents: [{ purpose: 'provide-service', state: 'granted', recipient: 'home' }] } }), /name: mine\n[^]*region: eu\n {6}minor: true\n {6}optOutSignal: true\n[^]*recipient: home\n/)
  const refused: [object, unknown, RegExp][] = [
    [{}, '{', /cannot be read: not-json/],
    [{ topic: 'kasa/home-1/plug-1/nothing' }, REPORT, /that of no report type/],
    [{ topic: 'other/home-1/plug-1/motion' }, REPORT, /that of no report type/],
    [{ account: { regime: 'opt-inn', consents: [] } }, REPORT, /unknown regime 'opt-inn', did you mean 'opt-in'/],
    [{ account: { regime: 'opt-in', consents: [{ purpose: 'improve', state: 'granted' }] } }, REPORT, /unknown purpose/],
    [{}, { alias: 'lamp 50:C7:BF:0D:91:8C' }, /holds 1 address,/],
    [{}, { '192.168.1.23': 1, ap_list: [{ bssid: '50C7BF0D918C' }], note: 'at 10.0.0.9' }, /holds 3 addresses/]
  ]
  for (const [over, payload, message] of refused) t.throws(() => init(over, payload), { message }, String(message))
  t.match(init({ withAddresses: true }, { event: 'motion', alias: 'lamp 50:C7:BF:0D:91:8C' }), /expect:/)
  try { init({}, { alias: 'lamp 50:C7:BF:0D:91:8C' }) } catch (error) { t.notMatch((error as Error).message, '50:C7') }
})

t.test('the command: coverage, a new case, a broken rule -> told for people and for scripts; nothing is overwritten', async t => {
  const config = copyOfConfig(t)
  const folder = t.testdirName
  writeFileSync(join(folder, 'report.json'), JSON.stringify(REPORT))
  const file = join(config, 'tests/motion-now.yaml')
  const asked = ['test', '--init', join(folder, 'report.json'), '--topic', TOPIC, '--regime', 'opt-in', '--grant', 'improve-products', '--grant', 'provide-service:home-integration', '--config', config]
  const [covered, coveredJson, printed] = await Promise.all([cli(['test', '--coverage', '--config', config]), cli(['test', '--coverage', '--json', '--config', config]), cli(asked)])
  t.match(covered, { code: 0, out: /cases, all as expected\ntouched: \d+ of \d+ rules, \d+ of \d+ recipients, / })
  t.match(covered.out, new RegExp(`^ {2}${config}/recipients/[a-z-]+\\.yaml:\\d+ [a-z.*-]+ of [a-z-]+$`, 'm'))
  t.match(json(coveredJson), { ok: true, coverage: { rules: { untouched: [{ rule: /^recipients\/.*:\d+$/ }] }, recipients: {}, categories: {}, reports: {} } })
  t.match(await cli([...asked, '--write', file]), { code: 0, out: '', err: `${file}: what is so today; read it before you rely on it\n` })
  t.equal(readFileSync(file, 'utf8'), printed.out)
  const before = json<{ passed: number }>(coveredJson).passed
  const [again, after, more] = await Promise.all([cli([...asked, '--write', file]), cli(['test', '--config', config]), cli(['test', '--coverage', '--json', '--config', config])])
  t.match(again, { code: 2, err: /is there already: nothing is overwritten/ })
  t.match(after, { code: 0, out: `${before + 1} cases, all as expected\n` })
  t.ok(json<{ coverage: { reports: { untouched: string[] } } }>(more).coverage.reports.untouched.length <= json<{ coverage: { reports: { untouched: string[] } } }>(coveredJson).coverage.reports.untouched.length)

  edit(join(config, 'recipients/product-analytics.yaml'), 'round: 15m', 'round: 5m')
  const failing = await cli(['test', '--config', config], { env: { FORCE_COLOR: '1', NO_COLOR: '', COLUMNS: '80' } })
  t.equal(failing.code, 1)
  const plain = failing.out.replace(/\x1b\[\d+m/g, '') // eslint-disable-line no-control-regex -- colors are what is looked for
  t.not(failing.out, plain, 'in colors where they are asked for')
  t.match(plain, /not as expected: motion of a home, opt-in: granted [^\n]*\n {2}[^\n]*tests\/motion-now\.yaml:4\n {2}product-analytics\n {7}FIELD +EXPECTED +ACTUAL\n/)
  t.match(plain, /\n {4}\* +disclosed\.data\.\S* +1767608100 +1767608400\n/)
  for (const [args, message] of [[['--topic', TOPIC], /--topic goes with --init/], [['--init', 'x'], /needs --topic and --regime/], [['--init', join(folder, 'none'), '--topic', TOPIC, '--regime', 'opt-in'], /cannot be read \(ENOENT\)/], [['--grant', 'a:b:c'], /write PURPOSE or PURPOSE:RECIPIENT/]] as const) t.match(await cli(['test', ...args, '--config', config]), { code: 2, err: message })
  t.ok(existsSync(file))
  const loaded = await loadConfiguration(config)
  t.ok('policy' in loaded)
})
