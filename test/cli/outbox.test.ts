import t, { type Test } from 'tap'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCore } from '../../src/core.js'
import { openOutbox } from '../../src/open-outbox.js'
import { entryOf } from '../contract/disclosure-of.js'
import { cli, CONFIG, dataFolder, json, serve, startCli } from './run-cli.js'

/** A data folder in which a recipient refused some, while no gateway runs. */
async function refused (t: Test, ids: readonly string[]): Promise<string[]> {
  const K = dataFolder(t)
  const core = await openCore({ config: CONFIG, data: K[3] ?? '' }, 'command')
  const outbox = openOutbox(core)
  await outbox.append(ids.map(id => entryOf({ id, recipient: 'product-analytics', account: 'home-canary' })))
  await outbox.ack('product-analytics', [], outbox.claim('product-analytics', 99, 0).map(({ sequence }) => ({ sequence, reason: 'http-422' })))
  await outbox.close()
  await core.close()
  return K
}

t.test('outbox: dead letters without a gateway -> listed, discarded, sent again; the next start withholds what nobody consented to', async t => {
  const K = await refused(t, ['gg', 'gh', 'gi'])
  const listed = await cli(['outbox', 'dead', 'list', ...K])
  t.match(listed, { code: 0, out: /^ID +RECIPIENT[^]*gg +product-analytics +motion +http-422 / })
  t.notMatch(listed.out, /canary/)
  t.match(await cli(['outbox', 'dead', 'discard', 'gg', 'gz', ...K]), { code: 1, out: '1 discarded\n', err: /1 of the ids are no dead letters/ })
  t.match(await cli(['outbox', 'dead', 'retry', ...K]), { code: 2, err: /say which/ })
  t.match(await cli(['outbox', 'dead', 'retry', 'gh', '--all', ...K]), { code: 2 })
  t.same(json(await cli(['outbox', 'dead', 'retry', '--all', '--json', ...K])), { count: 2, missing: 0 })
  t.match(json<{ recipients: object[] }>(await cli(['outbox', 'status', '--json', ...K])).recipients.find(one => (one as { recipient: string }).recipient === 'product-analytics'), { waiting: 2, deadLetters: 0 })
  t.match(await cli(['outbox', 'status', ...K]), { code: 0, out: /product-analytics +2 [^]*2 of 1000000 disclosures/ })
  const { gateway } = await serve(t, K)
  while (gateway.outbox.depth('product-analytics') > 0) await new Promise(resolve => setImmediate(resolve))
  t.same(readdirSync(join(K[3] ?? '', 'recipients', 'product-analytics')), [], 'asked about again on the way out: the account is unknown')
})

t.test('recipient pause, resume: without a gateway and with one, over a kill -9 -> it holds until it is resumed', async t => {
  const K = await refused(t, ['gg'])
  t.match(await cli(['recipient', 'pause', 'product-analytics', ...K]), { code: 2, err: /--reason/ })
  t.match(await cli(['recipient', 'pause', 'product-analytics', '--reason', 'they asked', ...K]), { code: 0, out: /^paused: nothing more leaves/ })
  await cli(['outbox', 'dead', 'retry', '--all', ...K])
  const first = await startCli(t, K)
  t.match(await cli(['recipient', 'list', ...K]), { out: /product-analytics +paused / })
  t.match(await cli(['recipient', 'pause', 'device-health', '--reason', 'as well', '--json', ...K]), { out: /"paused":\{"reason":"as well","by":"ops"/ })
  await first.stop('SIGKILL')
  const day = join(K[3] ?? '', 'recipients', 'device-health', '2026-01-01')
  mkdirSync(day, { recursive: true })
  writeFileSync(join(day, '0001.ndjson'), '{"whole":1}\n{"to')
  const second = await startCli(t, K)
  while (!second.err().includes('"found"')) await once(second.child.stderr!, 'data')
  const found = second.err().split('\n').find(line => line.includes('"found"')) ?? ''
  t.match(JSON.parse(found), { waiting: { 'product-analytics': 1 }, deadLetters: {}, paused: ['device-health', 'product-analytics'], tornTails: 1 })
  const status = await cli(['outbox', 'status', ...K])
  t.match(status.out, /product-analytics +1 .* paused since[^]* by\s+ops: they asked/)
  t.match(status.out, /device-health +0 .* paused/)
  t.match(await cli(['recipient', 'resume', 'device-health', ...K]), { code: 0, out: /delivered to again/ })
  t.match(await cli(['recipient', 'resume', 'device-health', ...K]), { code: 0, out: /was not paused/ })
  const metrics = await (await fetch(`${second.ready.http}/metrics`)).text()
  t.match(metrics, /curtilage_recipient_paused\{recipient="product-analytics"\} 1/)
  t.match(metrics, /curtilage_recipient_paused\{recipient="device-health"\} 0/)
  t.equal(await second.stop(), 0)
})
