/** Commands on the ledger, its audit log and the store's format, with and without a gateway. */

import t from 'tap'
import { chmodSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../../src/store/store.js'
import { cli, CONFIG, dataFolder, json, serve } from './run-cli.js'

interface Entry {
  action: string
  outcome: string
  actor: string
  token?: string
  account?: string
}

const brief = ({ action, outcome, token, account }: Entry): unknown[] => [action, outcome, token, account]

t.test('audit: commands without a gateway and with one -> the local operator, then the token', async t => {
  const K = dataFolder(t)
  await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])
  t.equal((await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])).code, 1)
  const { gateway } = await serve(t, K)
  const [ops] = gateway.core.registry.tokens.list()
  await cli(['consent', 'grant', '--account', 'home-1', '--purpose', 'improve-products', ...K])
  const { entries } = json<{ entries: Entry[] }>(await cli(['audit', 'list', '--json', ...K]))
  t.strictSame(entries.map(brief), [
    ['account.add', 'done', 'local', 'home-1'],
    ['account.add', 'account-exists', 'local', 'home-1'],
    ['policy.take-force', 'done', undefined, undefined],
    ['consent.record', 'done', ops?.id, 'home-1']
  ])
  const shown = await cli(['audit', 'list', '--account', 'home-1', '--action', 'consent.record', '--since', '2020-01-01', ...K])
  t.match(shown, { code: 0, out: /^TIME +ACTION +OUTCOME.*\n\S+ +consent\.record +done +ops/ })
  t.strictSame(json<{ entries: Entry[] }>(await cli(['audit', 'list', '--until', '2020-01-01', '--json', ...K])).entries, [])
  t.match(await cli(['audit', 'list', '--since', 'yesterday', ...K]), { code: 2 })
})

t.test('ledger: head noted, verified -> exit 0; a cut or changed ledger -> findings, exit 1', async t => {
  const K = dataFolder(t)
  await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])
  const head = (await cli(['ledger', 'head', ...K])).out.trim()
  t.match(head, /^\d+:[g-z]{60}$/)
  t.equal(json<{ head: string }>(await cli(['ledger', 'head', '--json', ...K])).head, head.split(':')[1])
  t.match(await cli(['ledger', 'verify', '--head', head, ...K]), { code: 0, out: /^the ledger fits its chain: \d+ entries, 0 of them erased\n$/ })
  t.match(await cli(['ledger', 'verify', '--head', `1:${'g'.repeat(60)}`, ...K]), { code: 1, out: 'noted-head, entry 1\n', err: /ledger-broken/ })
  t.match(await cli(['ledger', 'verify', '--head', 'x', ...K]), { code: 1, err: /SEQUENCE:LETTERS/ })
  const store = openStore(K[3] ?? '')
  await store.transaction(() => { store.database('consent.views').removeSync('home-1') })
  await store.close()
  t.match(json(await cli(['ledger', 'verify', '--json', ...K])), { ok: false, code: 'ledger-broken', problems: [{ kind: 'view', account: 'home-1' }] })
  await serve(t, K)
  t.match(await cli(['ledger', 'verify', ...K]), { code: 1, out: 'view, account home-1\n' })
})

t.test('secret: rotated with and without a gateway -> status says what needs the old ones; retired by force -> says what broke', async t => {
  const K = dataFolder(t)
  await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])
  await cli(['device', 'add', '--account', 'home-1', '--device', 'plug-1', ...K])
  t.match(await cli(['secret', 'status', ...K]), { code: 0, out: 'generation 1, the first one: the newest\n  1 passwords of devices\n  1 tokens of the API\n' })
  t.match(await cli(['secret', 'rotate', ...K]), { code: 0, out: /^generation 1, the first one: still needed\n {2}1 passwords of devices, until their next login\n {2}pseudonyms of epochs.*\n {2}pseudonyms that an erasure.*\ngeneration 2, since 20\S+Z: the newest\n {2}1 tokens of the API\n$/, err: /backup/ })
  await serve(t, K)
  t.equal(json<{ generations: object[] }>(await cli(['secret', 'rotate', '--json', ...K])).generations.length, 3)
  t.match(await cli(['secret', 'retire', ...K]), { code: 0, out: /^generation 1, the first one: still needed/ })
  t.match(await cli(['secret', 'retire', '--force', ...K]), { code: 0, out: /^generation 1 was destroyed\n {2}1 passwords of devices are void: curtilage device rotate\n {2}pseudonyms of the running epochs change now\n[^]*generation 2 was destroyed[^]*generation 3, since \S+: the newest\n/ })
  t.equal((await cli(['account', 'list', ...K])).code, 0, 'the token of the data folder goes on')
})

t.test('a store of format 1: the first command -> brings it up, says so, and where the old one is', async t => {
  const data = join(t.testdir(), 'data')
  cpSync('test/store/fixtures/format-1', data, { recursive: true })
  chmodSync(join(data, 'secret'), 0o600)
  const K = ['--config', CONFIG, '--data', data]
  t.match(await cli(['explain', '--account', 'home-1', '--topic', 'kasa/home-1/plug-1/energy-realtime', 'simulators/samples/energy-realtime.json', ...K]), { code: 1, err: /earlier format 1: start the gateway once/ }, 'what only reads changes nothing')
  const listed = await cli(['account', 'list', ...K])
  t.match(listed, { code: 0, out: 'home-1\nhome-2\nhome-3\n', err: /^the store was brought from format 1 to 3; the old one is in \S+store\.format-1\.\d+T\d+Z\n$/ })
  t.equal(readdirSync(data).filter(name => name.startsWith('store.')).length, 1)
  t.match(await cli(['account', 'list', ...K]), { code: 0, err: '' })
})
