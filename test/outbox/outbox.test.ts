import { deepStrictEqual, ok } from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import type { Key } from 'lmdb'
import t, { type Test } from 'tap'
import type { AlsoWrite, Delivered, Outbox } from '../../src/outbox/contract.js'
import { Heap } from '../../src/outbox/heap.js'
import { Sweeper } from '../../src/outbox/sweeper.js'
import { observe, step } from './observe.js'
import { TestClock } from './test-clock.js'
import { LmdbOutbox, type LmdbOutboxSettings } from '../../src/outbox/lmdb-outbox.js'
import { openStore } from '../../src/store/store.js'
import { restore } from '../../src/guard/release.js'
import { entryOf } from '../contract/disclosure-of.js'
import { emptyDisk, MemoryOutbox } from '../contract/memory-outbox.js'
import { ids, outboxContract, type MakeOutbox } from '../contract/outbox-contract.js'

const numRuns = Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200))

const memory: MakeOutbox = async (_t, maxEntries, maxDeadLetters) => {
  const disk = emptyDisk()
  let nowMs = 0
  let broken = false
  const written: string[] = []
  const make = () => new MemoryOutbox(disk, maxEntries, () => nowMs, delivered => {
    if (broken) throw new Error('broken')
    written.push(...delivered.map(spellDelivered))
  }, maxDeadLetters)
  return { outbox: make(), reopen: make, setNowMs: now => { nowMs = now }, alsoWritten: async () => written, breakAlsoWrite: () => { broken = true } }
}

const lmdb: MakeOutbox = async (t, maxEntries, maxDeadLetters = Infinity) => {
  let [nowMs, broken] = [0, false]
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const counts = store.database<string, string>('counts')
  const alsoWrite: AlsoWrite = delivered => {
    for (const one of delivered) {
      if (counts.doesExist(one.id)) throw new Error('told twice')
      counts.putSync(one.id, spellDelivered(one))
    }
    if (broken) throw new Error('broken')
  }
  const make = () => new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries, maxDeadLetters, nowMs: () => nowMs, alsoWrite })
  const alsoWritten = async () => [...counts.getRange().map(({ value }) => value)]
  return { outbox: make(), reopen: make, setNowMs: now => { nowMs = now }, alsoWritten, breakAlsoWrite: () => { broken = true } }
}

function spellDelivered ({ recipient, report, id, header }: Delivered): string {
  return `${recipient} ${report} ${id} ${header.account}`
}

/** Each call opens the same database anew. */
function lmdbOutboxes (t: Test, settings: Partial<LmdbOutboxSettings> = {}): () => LmdbOutbox {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const database = store.database<unknown, string[]>('outbox')
  return () => new LmdbOutbox({ database, restore, maxEntries: 1000, nowMs: () => 0, ...settings })
}

outboxContract(t, 'memory outbox', memory)
outboxContract(t, 'lmdb outbox', lmdb)

t.test('heap: any pushes and pops -> always the least first', async () => {
  fc.assert(fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 })), steps => {
    const heap = new Heap<number>((a, b) => a < b)
    let model: number[] = []
    for (const step of steps) {
      if (step === null) {
        const popped = heap.pop()
        if (popped !== model.shift()) return false
      } else {
        heap.push(step)
        model = [...model, step].sort((a, b) => a - b)
      }
      if (heap.peek() !== model[0]) return false
    }
    return true
  }), { numRuns })
})

t.test('lmdb outbox: any appends, claims, acks, nacks, refusals, retries, discards, pauses, purges and crashes -> as the memory outbox', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const database = store.database<unknown, string[]>('outbox')
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
    await database.clearAsync()
    const disk = emptyDisk()
    const real = await observe(() => new LmdbOutbox({ database, restore, maxEntries: 12, maxDeadLetters: 4, nowMs: () => 0 }), steps)
    const model = await observe(() => new MemoryOutbox(disk, 12, () => 0, undefined, 4), steps)
    deepStrictEqual(real, model)
  }), { numRuns })
})

t.test('lmdb outbox: appended and claimed at random, with crashes -> everything acknowledged arrives, and twice only after a nack or a crash', async t => {
  const open = lmdbOutboxes(t)
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('append', 'deliver', 'fail', 'crash'), { maxLength: 30 }), fc.nat(), async (steps, run) => {
    let outbox = open()
    const acknowledged: string[] = []
    const arrivals = new Map<string, number>()
    const excused = new Set<string>()
    const deliver = (max: number) => outbox.claim('analytics', max, 0).map(item => {
      const id = item.entry!.disclosure.id
      arrivals.set(id, (arrivals.get(id) ?? 0) + 1)
      return item
    })
    for (const [i, step] of steps.entries()) {
      if (step === 'append') {
        await outbox.append([entryOf({ id: `g${run}-${i}` })])
        acknowledged.push(`g${run}-${i}`)
      } else if (step === 'deliver') {
        await outbox.ack('analytics', deliver(2).map(({ sequence }) => sequence))
      } else {
        const items = deliver(2)
        ids(items).forEach(id => excused.add(id))
        if (step === 'crash') outbox = open()
        else await outbox.nack('analytics', items.map(({ sequence }) => sequence))
      }
    }
    await outbox.ack('analytics', deliver(1000).map(({ sequence }) => sequence))
    deepStrictEqual([...arrivals.keys()].sort(), acknowledged.sort())
    for (const [id, times] of arrivals) ok(times === 1 || excused.has(id))
  }), { numRuns })
})

t.test('lmdb outbox: killed with -9 while it appends -> every acknowledged id is there, both halves of each append, and the keys', { timeout: 60_000 }, async t => {
  const folder = t.testdir()
  const acknowledged = new Set<string>()
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('append-until-killed.ts', import.meta.url)), folder, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const atLeast = acknowledged.size + 200 + Math.floor(Math.random() * 800)
    let text = ''
    for await (const chunk of child.stdout) {
      text += String(chunk)
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      lines.forEach(id => acknowledged.add(id))
      if (acknowledged.size >= atLeast) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const store = openStore(folder)
  t.teardown(async () => { await store.close() })
  const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1_000_000, nowMs: Date.now })
  const held = new Set(ids(outbox.claim('analytics', 1_000_000, 0)))
  t.same([...acknowledged].filter(id => !held.has(id)), [])
  t.ok(acknowledged.size >= 600)
  const health = ids(outbox.claim('health', 1_000_000, 0))
  t.same(health.filter(id => !held.has(id)), [], 'an append is whole or absent')
  const last = [...acknowledged].at(-1) ?? ''
  t.equal(await outbox.append([entryOf({ id: 'z' })], { device: 'plug', fingerprint: last, packetId: Number(last.split('-')[1]), redelivered: true }), 'duplicate')
})

t.test('lmdb outbox: restart -> what the guard does not restore, or the disk garbled, is claimed without content', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const database = store.database<unknown, Array<string | number>>('outbox')
  const make = () => new LmdbOutbox({ database, restore: stored => stored.id === 'h' ? undefined : restore(stored), maxEntries: 10, nowMs: () => 0 })
  await make().append(['g', 'h'].map(id => entryOf({ id })))
  await database.put(['held', 'analytics', 77, 0], ['garbled'])
  await database.put(['held', 'analytics', 78, 0], { not: 'a tuple' })
  const items = make().claim('analytics', 9, 0)
  t.same(ids(items), ['g', '', '', ''])
})

t.test('lmdb outbox: a backlog of many recipients -> read back from disk beyond what memory keeps', async t => {
  const open = lmdbOutboxes(t, { maxEntries: 100_000 })
  const outbox = open()
  const size = 200_000
  for (let i = 0; i < 100; i++) await outbox.append([entryOf({ id: `g${i}`, size })])
  const items = outbox.claim('analytics', 1000, 0)
  t.same(ids(items), Array.from({ length: 100 }, (_, i) => `g${i}`))
  t.ok(items.every(({ entry }) => Buffer.from(entry!.disclosure.bytes).includes(entry!.disclosure.id)))
  t.ok(new Set(items.map(({ entry }) => entry!.disclosure.bytes)).size === 100)
  await outbox.ack('analytics', items.map(({ sequence }) => sequence))
  t.same([...open().recipients()], [])
})

t.test('lmdb outbox: disk full -> appends are refused, nothing acknowledged is lost, the process lives on', async t => {
  const folder = t.testdir()
  const script = fileURLToPath(new URL('append-until-full.ts', import.meta.url))
  // A limit on file sizes stands in for the full disk; tap's own bookkeeping in the child would trip over it first.
  const loaders = process.execArgv.filter(option => !option.includes('processinfo'))
  const command = ['-c', 'unset NODE_OPTIONS; ulimit -f 2048; exec "$0" "$@"', process.execPath, ...loaders, script, folder]
  const child = spawn('sh', command, { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = (await child.stdout.toArray()).join('').trim().split('\n')
  t.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0)
  t.equal(lines.pop(), 'outbox-write')
  const store = openStore(folder)
  t.teardown(async () => { await store.close() })
  const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 100_000, nowMs: () => 0 })
  const held = ids(outbox.claim('analytics', 100_000, 0))
  t.same(lines.filter(id => !held.includes(id)), [])
  t.ok(lines.length > 10)
})

t.test('lmdb outbox: another program takes the last byte of the disk after the question -> what was let in is durable, the process lives on', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-disk-'))
  t.teardown(() => { rmdirSync(folder) })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return t.pass('skipped: mounting a small disk takes root')
  }
  t.teardown(() => { execFileSync('umount', [folder]) })
  const script = fileURLToPath(new URL('append-into-full-disk.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv.filter(option => !option.includes('processinfo')), script, folder], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' } })
  const out = (await child.stdout.toArray()).join('')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  t.same([child.exitCode, child.signalCode, out], [0, null, '176'])
  const store = openStore(folder)
  const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1000, nowMs: () => 0 })
  t.equal(outbox.depth('analytics'), 176)
  await outbox.close()
  await store.close()
})

t.test('lmdb outbox: the disk nearly full -> takes nothing more, still gives out; full -> writes nothing; room again -> goes on', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  let free = 100
  const room = { freeBytes: () => free, leastToAppend: 64, leastToWrite: 16 }
  const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 10, nowMs: () => 0, room })
  await outbox.append([entryOf({ id: 'g' })])
  await outbox.append([entryOf({ id: 'h' })])
  free = 63
  await t.rejects(outbox.append([entryOf({ id: 'i' })]), { code: 'outbox-write' })
  const [first, second] = outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)
  await outbox.ack('analytics', [first ?? -1])
  free = 15
  await t.rejects(outbox.ack('analytics', [second ?? -1]), { code: 'outbox-write' })
  t.equal(outbox.depth('analytics'), 1)
  free = 100
  await outbox.ack('analytics', [second ?? -1])
  await outbox.append([entryOf({ id: 'i' })])
  t.equal(outbox.depth('analytics'), 1)
})

t.test('lmdb outbox: a removal fails -> still claimed, can be acked later', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const database = store.database<unknown, string[]>('outbox')
  const outbox = new LmdbOutbox({ database, restore, maxEntries: 10, nowMs: () => 0 })
  await outbox.append([entryOf({ id: 'g' })])
  const sequences = outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)
  const childTransaction = database.childTransaction
  database.childTransaction = async () => await Promise.reject(new Error('Commit failed'))
  await t.rejects(outbox.ack('analytics', sequences), { code: 'outbox-write' })
  database.childTransaction = childTransaction
  t.same(outbox.claim('analytics', 9, 0), [])
  t.equal(outbox.depth('analytics'), 1)
  await outbox.ack('analytics', sequences)
  t.equal(outbox.depth('analytics'), 0)
})

/** How devices number their packets. */
const numberings: Record<string, () => Numbering> = {
  'always the same': () => ({ next: () => 1 }),
  'going round five': () => cycle(5),
  'the lowest that is free, seven at most': () => ({ next: busy => [1, 2, 3, 4, 5, 6, 7].find(id => !busy.has(id)) }),
  'going round a hundred': () => cycle(100),
  'going round all': () => cycle(65_535)
}

interface Numbering {
  /** Undefined: it has to wait. */
  next (busy: ReadonlySet<number>): number | undefined
}

function cycle (length: number): Numbering {
  let last = 0
  return { next: busy => { last = last % length + 1; return busy.has(last) ? undefined : last } }
}

interface Flight {
  readonly report: number
  readonly packetId: number
  readonly payload: string
  sent: boolean
}

type Fate = 'arrives' | 'lost' | 'ack lost' | 'crash before' | 'crash after'

/**
 * A device that keeps what was not acknowledged and sends it again in its order when it connects again, as MQTT demands, over
 * a network and a gateway that fail. Resolves to how often each report was appended.
 */
async function deviceRun (make: () => Outbox, numbering: Numbering, payloads: readonly number[], fates: readonly Fate[]): Promise<number[]> {
  let outbox = make()
  let [turn, attempt] = [0, 0]
  const flying: Flight[] = []
  const appended = payloads.map(() => 0)
  /** Answers whether the connection is still there. */
  const send = async (flight: Flight): Promise<boolean> => {
    const fate = fates.length === 0 || attempt > 20 * payloads.length ? 'arrives' : fates[turn++ % fates.length]!
    const redelivered = flight.sent
    flight.sent = true
    if (fate === 'crash before') outbox = make()
    if (fate === 'lost' || fate === 'crash before') return false
    const key = { device: 'plug', fingerprint: `${flight.packetId} ${flight.payload}`, packetId: flight.packetId, redelivered }
    const outcome = await outbox.append([entryOf({ id: `r${flight.report}-${attempt++}` })], key)
    if (outcome === 'appended') appended[flight.report]!++
    if (fate === 'crash after') outbox = make()
    if (fate !== 'arrives') return false
    flying.splice(flying.indexOf(flight), 1)
    return true
  }
  for (const [report, payload] of payloads.entries()) {
    for (let packetId = numbering.next(busy(flying)); ; packetId = numbering.next(busy(flying))) {
      if (packetId !== undefined) {
        const flight = { report, packetId, payload: `payload ${payload}`, sent: false }
        flying.push(flight)
        if (await send(flight)) break
      }
      while (!await sendAll(flying, send)) attempt++
      if (packetId !== undefined) break
    }
  }
  return appended
}

async function sendAll (flying: readonly Flight[], send: (flight: Flight) => Promise<boolean>): Promise<boolean> {
  for (const flight of [...flying]) if (!await send(flight)) return false
  return true
}

function busy (flying: readonly Flight[]): Set<number> {
  return new Set(flying.map(({ packetId }) => packetId))
}

const fate = fc.oneof({ weight: 6, arbitrary: fc.constant<Fate>('arrives') }, fc.constantFrom<Fate>('lost', 'ack lost', 'crash before', 'crash after'))

for (const [name, numbering] of Object.entries(numberings)) {
  t.test(`INVARIANT: no report is taken for another one: packet ids ${name} -> each report is there at least once`, async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(1), { minLength: 1, maxLength: 60 }), fc.array(fate, { maxLength: 20 }), async (payloads, fates) => {
      const disk = emptyDisk()
      const appended = await deviceRun(() => new MemoryOutbox(disk, Infinity, () => 0), numbering(), payloads, fates)
      ok(appended.every(times => times >= 1), appended.join(' '))
    }), { numRuns })
  })
}

t.test('redelivered: packet ids going round all, once the device is known -> each report is there exactly once', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(1), { minLength: 1, maxLength: 60 }), fc.array(fate, { maxLength: 20 }), async (payloads, fates) => {
    const disk = emptyDisk()
    const calm = cycle(65_535)
    const make = () => new MemoryOutbox(disk, Infinity, () => 0)
    await deviceRun(make, calm, Array<number>(8).fill(0), [])
    deepStrictEqual(await deviceRun(make, calm, payloads, fates), payloads.map(() => 1))
  }), { numRuns })
})

t.test('room: one recipient takes its share -> refused by name; what does not concern it is taken until the whole is full', async t => {
  const outbox = lmdbOutboxes(t, { maxEntries: 8, maxShare: 0.75 })()
  const append = async (...recipients: string[]) => await outbox.append(recipients.map((recipient, i) => entryOf({ id: `g${i}`, recipient })))
  for (let i = 0; i < 6; i++) await append('down')
  const refused = await append('down', 'fine').catch((error: unknown) => error)
  t.match(refused, { code: 'outbox-full', recipient: 'down', message: /down takes 6 disclosures, one recipient may take 6 of 8.*limits.maxOutboxEntries/ })
  t.equal(outbox.depth('fine'), 0, 'whole or not at all')
  await append('fine')
  await append('fine')
  t.match(await append('fine').catch((error: unknown) => error), { code: 'outbox-full', recipient: 'down', message: /down takes 6 disclosures, the outbox has room for 8/ }, 'named is who takes most')
  await outbox.ack('down', outbox.claim('down', 1, 0).map(({ sequence }) => sequence))
  await append('fine', 'fine').then(() => t.fail(), error => t.equal(error.code, 'outbox-full'))
  await append('fine')
})

t.test('room: bytes -> bounded as entries are, dead letters included, and the same after a restart', async t => {
  const open = lmdbOutboxes(t, { maxBytes: 100_000 })
  const outbox = open()
  let taken = 0
  const fill = async (to: Outbox) => { for (;; taken++) await to.append([entryOf({ id: 'g', size: 5000 })]) }
  t.match(await fill(outbox).catch((error: unknown) => error), { code: 'outbox-full', recipient: 'analytics', message: /bytes, .*limits.maxOutboxBytes/ })
  t.ok(taken >= 10 && taken <= 20)
  t.ok(outbox.bytes('analytics') <= 100_000)
  t.equal(open().bytes('analytics'), outbox.bytes('analytics'))
  const sequences = outbox.claim('analytics', 3, 0).map(({ sequence }) => sequence)
  await outbox.ack('analytics', [], sequences.map(sequence => ({ sequence, reason: 'too-large' })))
  await t.rejects(outbox.append([entryOf({ id: 'h', size: 5000 })]), { code: 'outbox-full' }, 'dead letters take room')
  await outbox.discard(() => true)
  await outbox.append([entryOf({ id: 'h', size: 5000 })])
})

t.test('disk room: entries of many sizes -> near what the database takes', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  for (const size of [1, 100, 250, 400, 700, 1200, 1700, 2500, 5000, 20_000]) {
    const database = store.database<unknown, Key>(`size${size}`)
    const outbox = new LmdbOutbox({ database, restore, maxEntries: 10_000, nowMs: () => 0 })
    await Promise.all(Array.from({ length: 1500 }, async (_, i) => { await outbox.append([entryOf({ id: `g${i}`, size })]) }))
    const { treeBranchPageCount, treeLeafPageCount, overflowPages, pageSize } = database.getStats() as Record<string, number>
    const ratio = outbox.bytes('analytics') / ((treeBranchPageCount! + treeLeafPageCount! + overflowPages!) * pageSize!)
    t.ok(ratio > 0.7 && ratio < 1.4, `${size}: ${ratio.toFixed(2)}`)
    await outbox.close()
  }
})

t.test('keys without sizes, of a store written before -> brought up when it is opened, in the old order', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const database = store.database<unknown, Key>('outbox')
  const open = () => new LmdbOutbox({ database, restore, maxEntries: 10, nowMs: () => 0 })
  const written = open()
  await written.append(['g', 'h'].map(id => entryOf({ id, notBeforeMs: 7 })))
  for (const key of [...database.getKeys({ start: ['held'], end: ['helf'] })] as Array<[string, string, number, number, number]>) {
    const value = database.get(key)
    await database.remove(key)
    await database.put(key.slice(0, 4) as Key, value)
  }
  for (const outbox of [open(), open()]) {
    t.equal(outbox.bytes('analytics'), written.bytes('analytics'))
    t.same(ids(outbox.claim('analytics', 9, 6)), [])
    t.same(ids(outbox.claim('analytics', 9, 7)), ['g', 'h'])
  }
})

t.test('sweeper: dead letters kept long enough -> gone and counted, the others stay; what fails is tried again', async t => {
  const clock = new TestClock()
  const outbox = new MemoryOutbox(emptyDisk(), 100, () => clock.nowMs())
  const refuse = async () => await outbox.ack('analytics', [], outbox.claim('analytics', 9, 1e9).map(({ sequence }) => ({ sequence, reason: 'http-400' })))
  await outbox.append([entryOf({ id: 'g' }), entryOf({ id: 'h' })])
  await refuse()
  await clock.advance(1_000_000)
  await outbox.append([entryOf({ id: 'i' })])
  await refuse()
  const gone: string[] = []
  let broken = true
  const forgetOldRedeliveries = async () => { if (broken) throw new Error('broken'); return 0 }
  const sweeper = new Sweeper({ outbox: { discard: async match => await outbox.discard(match), forgetOldRedeliveries }, clock, retentionMs: () => 2_000_000, onExpired: (recipient, count) => gone.push(`${recipient} ${count}`) })
  await clock.advance(0)
  t.same(gone, [])
  await clock.advance(1_200_000)
  t.same(gone, ['analytics 2'])
  broken = false
  t.same(outbox.deadLetters().map(({ id }) => id), ['i'])
  await clock.advance(1_200_000)
  t.same(gone, ['analytics 2', 'analytics 1'])
  await sweeper.stop()
  t.equal(clock.waiting, 0)
})

t.test('redeliveries: records older than a day -> swept; one written meanwhile stays', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const database = store.database<unknown, Key>('outbox')
  let nowMs = 0
  const outbox = new LmdbOutbox({ database, restore, maxEntries: 100_000, nowMs: () => nowMs })
  const record = async (device: string, i: number) => await outbox.append([entryOf({ id: `g${i}`, recipient: device })], { device, fingerprint: `p${i}`, packetId: i, redelivered: false })
  await Promise.all(Array.from({ length: 2500 }, async (_, i) => { await record(`device-${i % 25}`, i) }))
  await database.put(['seen', 'device-x', 3], 'garbled')
  nowMs = 80_000_000
  for (let i = 0; i < 10; i++) await record('device-3', i)
  const seen = () => [...database.getKeys({ start: ['seen'], end: ['seeo'] })].length
  const before = seen()
  nowMs = 86_400_001
  const sweeping = outbox.forgetOldRedeliveries(nowMs)
  await record('device-7', 1)
  t.ok(await sweeping >= 2489)
  t.ok(seen() <= before - 2480 && seen() >= 11)
  await outbox.close()
})

t.test('append: beside a purge of everything and a walk over all headers -> acknowledged within a few commits, none of them starved', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1_000_000, nowMs: () => 0 })
  const load = async (recipient: string) => await Promise.all(Array.from({ length: 40 }, async (_, i) => { await outbox.append(Array.from({ length: 500 }, (_, j) => entryOf({ id: `${i}-${j}`, recipient }))) }))
  await load('analytics')
  const commits = () => (store.root.getStats() as { lastTxnId: number }).lastTxnId
  const walking = new AbortController()
  let walked = 0
  const walks = Promise.all([
    outbox.purge((_, recipient) => recipient === 'analytics'),
    (async () => { for await (const { dead } of outbox.headers()) walked += dead ? 0 : 1 })()
  ]).finally(() => { walking.abort() })
  const waits: number[] = []
  while (!walking.signal.aborted) {
    const before = commits()
    await outbox.append([entryOf({ id: 'z', recipient: 'health' })])
    waits.push(commits() - before)
  }
  await walks
  t.ok(walked > 0)
  t.ok(waits.length >= 10, `${waits.length} appends meanwhile`)
  t.ok(waits.every(wait => wait <= 4), `commits waited for: at most ${Math.max(...waits)}`)
  t.equal(outbox.depth('analytics'), 0)
  await outbox.close()
})
