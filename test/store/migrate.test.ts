/** Stores of earlier formats, written by the programs that had them, brought to today's. */

import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import t, { type Test } from 'tap'
import { openCore, pseudonymKeyAt } from '../../src/core.js'
import { curtilage } from '../../src/gateway.js'
import { openOutbox } from '../../src/open-outbox.js'
import { pseudonymOf } from '../../src/minimize/pseudonym.js'
import { FORMAT, type Step } from '../../src/store/format.js'
import { migrateStore } from '../../src/store/migrate.js'
import { COPY_KEPT_MS, removeOldCopies } from '../../src/store/old-copies.js'
import { openStore } from '../../src/store/store.js'

const FIXTURE = join(import.meta.dirname, 'fixtures/format-1')
const expected = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8'))
const NOW = expected.madeMs + 1_000
const code = (wanted: string) => ({ name: 'CurtilageError', code: wanted })

/** A data folder as the program of format 1 left it. */
function folderOfFormat1 (t: Test): string {
  const data = join(t.testdir(), 'data')
  cpSync(FIXTURE, data, { recursive: true })
  chmodSync(join(data, 'secret'), 0o600)
  return data
}

const copies = (data: string): string[] => readdirSync(data).filter(name => name.startsWith('store.'))

t.test('format 1: opened by this program -> everything reads as before, a copy lies beside it', async t => {
  const data = folderOfFormat1(t)
  const broker = await Aedes.createBroker()
  const gateway = await curtilage(broker, { config: 'config', data, now: () => NOW })
  t.teardown(async () => {
    await new Promise<void>(resolve => broker.close(() => resolve()))
    await gateway.close()
  })
  const { core } = gateway
  const { registry, ledger } = core
  t.match(core.migrated, { from: 1, to: FORMAT, copy: /^store\.format-1\.20260615T120001Z$/ })
  t.match(await ledger.verify([expected.head]), { ok: true, problems: [] })
  for (const [account, { shown, history, consent }] of Object.entries<{ shown: object, history: object, consent: object }>(expected.accounts)) {
    t.same(registry.accounts.show(account), shown)
    t.same(ledger.history(account), history)
    t.same(ledger.current(account), consent)
  }
  t.equal(ledger.current('home-gone'), undefined)
  t.same(registry.devices.list(), expected.devices)
  for (const device of expected.devices) t.match(registry.authenticate(device, expected.passwords[device]), { kind: 'device', device })
  t.match(registry.authenticate('account:home-1', expected.app), { kind: 'app' })
  t.match(registry.authenticate('recipient:home-integration', expected.recipient), { kind: 'recipient' })
  t.same([expected.opsToken, expected.auditor, expected.own].map(token => registry.tokens.check(token)), ['ops', 'auditor', 'account:home-1'])
  t.same(registry.tokens.list(), expected.tokens)
  t.ok(registry.devices.fingerprintLookup('cam-1').hasMac('00158d0003aabbcc'))
  t.ok(registry.devices.fingerprintLookup('plug-1').hasTail('918c'))
  t.ok(core.archive.list().some(({ digest }) => digest === expected.policy))
  const { value, scope, is } = expected.pseudonym
  // format 1 made pseudonyms with the account's own key for every recipient
  t.equal(pseudonymOf(value, scope, { gatewayKeyAt: pseudonymKeyAt(core.keyring), accountKey: registry.accounts.key('home-1') ?? new Uint8Array() }), is, 'the keys are the same')
  for (const { recipient } of expected.waiting) t.ok(gateway.outbox.depth(recipient) === 1 || existsSync(join(data, 'recipients', recipient)), 'what waited waits, or has left')
  t.same(copies(data), [core.migrated?.copy])
})

t.test('format 2: the outbox has a journal now -> what waits, dead letters, pauses, counts and redelivery keys are as before', async t => {
  const data = join(t.testdir(), 'data')
  const fixture = join(import.meta.dirname, 'fixtures/format-2')
  cpSync(fixture, data, { recursive: true })
  chmodSync(join(data, 'secret'), 0o600)
  const was = JSON.parse(readFileSync(join(fixture, 'expected.json'), 'utf8'))
  const core = await openCore({ config: 'config', data, now: () => was.madeMs + 1_000 }, 'command')
  t.match(core.migrated, { from: 2, to: FORMAT, about: [/a journal/] })
  const outbox = openOutbox(core)
  t.teardown(async () => {
    await outbox.close()
    await core.close()
  })
  t.same(outbox.deadLetters(), was.dead)
  t.same(outbox.paused(), was.paused)
  t.same([...core.counts.of('home-1')], was.counts)
  t.same(core.counts.names('home-1'), was.names)
  for (const [recipient, ids] of Object.entries<string[]>(was.waiting)) {
    t.equal(outbox.depth(recipient), was.depths[recipient])
    const claimed = outbox.claim(recipient, 99, was.madeMs).map(({ entry }) => entry?.disclosure.id)
    t.same(claimed, ids.filter(id => recipient === 'device-health' || id !== was.dueLater))
  }
  const [again] = outbox.claim('product-analytics', 1, was.madeMs + 60_000)
  t.equal(await outbox.append([again!.entry!], was.redelivered), 'duplicate')
})

t.test('migration: the copy -> whole, private, and a store of the old format', async t => {
  const data = folderOfFormat1(t)
  const migrated = await migrateStore(data, { now: () => NOW })
  const copy = join(data, migrated?.copy ?? '')
  t.equal(statSync(copy).mode & 0o777, 0o700)
  t.equal(statSync(join(copy, 'data.mdb')).mode & 0o777, 0o600)
  const back = join(data, '../back')
  cpSync(copy, join(back, 'store'), { recursive: true })
  t.throws(() => openStore(back), { ...code('store-format'), message: /earlier format 1: start the gateway once/ })
  t.match(await migrateStore(back, { now: () => NOW }), { from: 1 })
  t.equal(await migrateStore(back, { now: () => NOW }), undefined, 'a second time there is nothing to do')
  const store = openStore(back)
  t.match(store.meta.get('migrations'), [{ from: 1, to: 2, atMs: NOW }, { from: 2, to: 3, atMs: NOW }])
  await store.close()
})

t.test('migration: too little room for a copy -> refused, the store as it was', async t => {
  const data = folderOfFormat1(t)
  const before = readFileSync(join(data, 'store/data.mdb'))
  await t.rejects(migrateStore(data, { now: () => NOW, freeBytes: () => 60 * 1024 * 1024 }), { ...code('store-migration'), message: /65 MiB of free space are needed, 60 MiB are there/ })
  t.ok(before.equals(readFileSync(join(data, 'store/data.mdb'))))
  t.same(copies(data), [])
})

t.test('migration: a newer format, or one from which no way leads -> refused; no store -> nothing to do', async t => {
  t.equal(await migrateStore(t.testdir({}), { now: () => NOW }), undefined)
  const data = folderOfFormat1(t)
  await t.rejects(migrateStore(data, { now: () => NOW, steps: [] }), code('store-format'))
  const store = openStore(join(t.testdirName, 'newer'))
  await store.transaction(() => { store.meta.putSync('format', 99) })
  await store.close()
  t.equal(await migrateStore(join(t.testdirName, 'newer'), { now: () => NOW }), undefined)
  t.throws(() => openStore(join(t.testdirName, 'newer')), code('store-format'))
})

/** Two steps of several transactions each, and a hook between any two of them. */
function longSteps (between: () => void): Step[] {
  const step = (from: number): Step => ({
    from,
    to: from + 1,
    about: `step ${from}`,
    run: async ({ database, transaction }) => {
      const rows = database<number, string>(`step.${from}`)
      for (let i = 0; i < 3; i++) {
        if (rows.get(`row-${i}`) === undefined) await transaction(() => { rows.putSync(`row-${i}`, i) })
        between()
      }
    }
  })
  return [step(1), step(2)]
}

t.test('INVARIANT: a store in the middle of a migration is finished at the next start, and nothing but a migration opens it', async t => {
  for (let cut = 1; cut <= 6; cut++) {
    const data = folderOfFormat1(t)
    let left = cut
    const failing = longSteps(() => { if (--left === 0) throw new Error('cut off') })
    await t.rejects(migrateStore(data, { now: () => NOW, format: 3, steps: failing }), code('store-migration'))
    t.throws(() => openStore(data), code('store-format'), `cut after transaction ${cut}`)
    t.equal(copies(data).length, 1)
    const migrated = await migrateStore(data, { now: () => NOW + 60_000, format: 3, steps: longSteps(() => {}) })
    t.match(migrated, { from: cut <= 3 ? 1 : 2, to: 3, copy: copies(data)[0] ?? 'none' }, 'no second copy, and the first is told')
  }
})

t.test('migration: killed with -9 at every step -> finished by the next start, all rows there', async t => {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  for (const dieAt of ['copy', '1', '4', '6']) {
    const data = folderOfFormat1(t)
    const script = `
      import { migrateStore } from ${url('../../src/store/migrate.ts')}
      let left = ${Number(dieAt) || 0}
      const die = () => process.kill(process.pid, 'SIGKILL')
      const step = from => ({ from, to: from + 1, about: '', run: async ({ database, transaction }) => {
        const rows = database('step.' + from)
        for (let i = 0; i < 3; i++) { await transaction(() => { rows.putSync('row-' + i, i) }); if (--left === 0) die() }
      } })
      let asked = 0
      await migrateStore(${JSON.stringify(data)}, { now: () => { if (${dieAt === 'copy'} && asked++ === 0) die(); return ${NOW} }, format: 3, steps: [step(1), step(2)] })`
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [, signal] = await once(child, 'exit')
    t.equal(signal, 'SIGKILL', dieAt)
    t.throws(() => openStore(data), code('store-format'))
    t.ok(await migrateStore(data, { now: () => NOW + 1, format: 3, steps: longSteps(() => {}) }))
    t.notOk(existsSync(join(data, 'store.copy')))
  }
})

t.test('old copies: a week later -> removed, the store and young copies stay', async t => {
  const data = t.testdir({ store: {}, 'store.format-1.20260615T120001Z': { 'data.mdb': 'old' }, 'store.format-1.20260616T120001Z': {}, recipients: {} })
  t.equal(removeOldCopies(data, Date.UTC(2026, 5, 22, 12, 0, 2) - COPY_KEPT_MS), 1)
  t.same(readdirSync(data).sort(), ['recipients', 'store', 'store.format-1.20260616T120001Z'])
  const core = await openCore({ config: 'config', data, now: () => Date.UTC(2026, 5, 24) }, 'command')
  t.same(copies(data), [], 'opening the folder does it')
  await core.close()
})
