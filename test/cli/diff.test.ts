import t from 'tap'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cli, CONFIG, copyOfConfig, edit, json, serve } from './run-cli.js'

const ANALYTICS = 'recipients/product-analytics.yaml'

interface Shown {
  readonly verdict: string
  readonly counts: Record<string, number>
  readonly changes: readonly { readonly effect: string, readonly aspect: string, readonly recipient?: string, readonly accounts?: number, readonly newRule?: string }[]
  readonly accounts?: object
}

t.test('diff: two folders -> exit 1 where more leaves, 0 where not or with --allow-wider', async t => {
  const folder = copyOfConfig(t)
  t.match(await cli(['diff', CONFIG, folder]), { code: 0, out: /SAME +0 wider, 0 different, 0 narrower/ })
  edit(join(folder, ANALYTICS), 'grid: 10km', 'grid: 1km')
  const wider = await cli(['diff', CONFIG, folder])
  t.equal(wider.code, 1)
  t.match(wider.out, /WIDER +1 wider, 0 different, 0 narrower\n/)
  t.match(wider.out, /location\.geo: grid 10km -> grid 1km\n +54 fields of motion, contact, leak, 2 more\n +recipients\/product-analytics\.yaml:\d+\n/)
  t.match(await cli(['diff', folder, CONFIG]), { code: 0, out: /NARROWER/ })
  t.equal((await cli(['diff', CONFIG, folder, '--allow-wider'])).code, 0)
  const shown = json<Shown>(await cli(['diff', CONFIG, folder, '--json']))
  t.match(shown, { verdict: 'wider', counts: { wider: 54, different: 0, narrower: 0, same: 0 }, changes: [{ effect: 'wider', aspect: 'transform', recipient: 'product-analytics' }] })
  edit(join(folder, ANALYTICS), 'grid: 1km', 'grid: 3km')
  t.match(await cli(['diff', CONFIG, folder]), { code: 1, out: /DIFFERENT +0 wider, 1 different/ })
})

t.test('diff: the most dangerous first -> wider, different, narrower, then what has no effect', async t => {
  const folder = copyOfConfig(t)
  edit(join(folder, ANALYTICS), 'round: 15m', 'round: 30m')
  edit(join(folder, 'recipients/device-health.yaml'), 'network.cloud: keep', 'network.cloud: keep\n  device.name: keep')
  edit(join(folder, 'recipients/energy-research.yaml'), 'folder: energy-research', 'folder: elsewhere')
  edit(join(folder, 'notice.yaml'), 'title: Privacy', 'title: Our privacy')
  const { out } = await cli(['diff', CONFIG, folder], { env: { COLUMNS: '80' } })
  const order = ['\nWIDER', 'device.name: leaves, keep', '\nDIFFERENT', 'goes elsewhere: file energy-research -> file elsewhere', '\nNARROWER', 'time.event: round 15m -> round 30m', '\nSAME', 'notice.title'].map(text => out.indexOf(text))
  t.ok(!order.includes(-1))
  t.strictSame(order, [...order].sort((a, b) => a - b))
})

t.test('diff: with a data folder -> counts accounts, by a running gateway and without; digests of what was seen', async t => {
  const config = copyOfConfig(t)
  const data = ['--config', config, '--data', join(t.testdirName, 'data')]
  const running = await serve(t, data)
  await cli(['account', 'add', 'home-1', '--regime', 'notice', ...data])
  await cli(['account', 'add', 'home-2', '--regime', 'opt-in', ...data])
  edit(join(config, ANALYTICS), 'grid: 10km', 'grid: 1km')
  const asked = await cli(['diff', CONFIG, config, '--data', data[3] ?? ''])
  t.match(asked, { code: 1, out: /1\s+of\s+2\s+accounts\s+are\s+touched,\s+1\s+by\s+what\s+is\s+wider\s+or\s+different/ })
  t.match(asked.out, /\n +1 account\n/)
  const active = json<Shown>(await cli(['diff', 'active', config, '--json', ...data]))
  t.match(active, { verdict: 'wider', accounts: { registered: 2, touched: 1, widened: 1 }, changes: [{ accounts: 1 }] })
  await cli(['policy', 'reload', ...data])
  t.match(await cli(['diff', 'active', 'waiting', ...data]), { code: 1, out: /grid 10km -> grid 1km/ })
  const { policies } = json<{ policies: { digest: string, state: string }[] }>(await cli(['policy', 'list', '--json', ...data]))
  const [first, second] = [policies.find(({ state }) => state === 'active'), policies.find(({ state }) => state === 'waiting')].map(policy => policy?.digest.slice(0, 10) ?? '')
  await running.close()
  t.match(await cli(['diff', second ?? '', first ?? '', ...data]), { code: 0, out: /grid 1km -> grid 10km/ }, 'the first letters are enough, no gateway runs')
})

t.test('diff: what cannot be compared -> told, exit 1 for problems, 2 for wrong usage', async t => {
  const folder = copyOfConfig(t)
  edit(join(folder, ANALYTICS), 'grid: 10km', 'gird: 10km')
  t.match(await cli(['diff', CONFIG, folder]), { code: 1, err: /product-analytics\.yaml:\d+:\d+ unknown key 'gird'/ })
  t.match(await cli(['diff', CONFIG, 'nowhere']), { code: 2, err: /"nowhere" is no folder, and no digest/ })
  t.equal((await cli(['diff', CONFIG])).code, 2)
  const empty = join(t.testdirName, 'empty')
  mkdirSync(empty)
  t.match(await cli(['diff', 'gggggggggggg', CONFIG, '--data', empty]), { code: 1, err: /no data in/ })
  rmSync(empty, { recursive: true })
  writeFileSync(join(t.testdirName, 'file'), '')
  t.equal((await cli(['diff', CONFIG, join(t.testdirName, 'file')])).code, 2)
})

t.test('lint, check: a finding -> exit 1 of lint, a warning of check, which fails with --strict; accepted ones are shown with --all', async t => {
  const folder = copyOfConfig(t)
  t.match(await cli(['lint', '--config', folder]), { code: 0, out: '', err: /^0 findings, \d+ accepted/ })
  t.match(await cli(['lint', '--all', '--config', folder]), { code: 0, out: /home-integration\.yaml:\d+:3 text-kept: 'device\.name' .*\n {2}accepted: An assistant is told names/ })
  t.match(await cli(['check', '--strict', '--config', folder]), { code: 0 })
  edit(join(folder, ANALYTICS), 'device.firmware: keep', 'device.firmware: keep\n  device.name: keep')
  t.match(await cli(['lint', '--config', folder]), { code: 1, out: /product-analytics\.yaml:33:3 text-kept: 'device\.name'/ })
  t.match(json(await cli(['lint', '--json', '--config', folder])), { ok: false, findings: [{ code: 'text-kept', file: ANALYTICS, line: 33, column: 3, key: 'device.name' }] })
  t.match(await cli(['check', '--config', folder]), { code: 0, out: /33:3 text-kept: .*\(warning\)\n/ })
  t.match(json(await cli(['check', '--json', '--config', folder])), { ok: true, warnings: [{ code: 'text-kept' }] })
  t.equal((await cli(['check', '--strict', '--config', folder])).code, 1)
})
