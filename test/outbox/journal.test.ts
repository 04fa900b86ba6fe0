import { deepStrictEqual, ok } from 'node:assert/strict'
import * as fc from 'fast-check'
import type { Database, Key } from 'lmdb'
import t, { type Test } from 'tap'
import { restore } from '../../src/guard/release.js'
import type { AlsoWrite, Delivered, Refused } from '../../src/outbox/contract.js'
import { frameAt, FrameSpeller } from '../../src/outbox/journal/frame.js'
import { LmdbOutbox, type LmdbOutboxSettings } from '../../src/outbox/lmdb-outbox.js'
import { openStore, type Store } from '../../src/store/store.js'
import { entryOf } from '../contract/disclosure-of.js'
import { emptyDisk, MemoryOutbox } from '../contract/memory-outbox.js'
import { ids, outboxContract, type MakeOutbox } from '../contract/outbox-contract.js'
import { observe, step } from './observe.js'
import { TestSegments } from './test-segments.js'

const numRuns = Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200))
const NEVER_MS = 2 ** 31 - 1
const key = (packetId: number, redelivered = false) => ({ device: 'plug', fingerprint: `p${packetId}`, packetId, redelivered })

/** As others promise it: what is acked is on disk. */
class Flushed extends LmdbOutbox {
  override async ack (recipient: string, sequences: readonly number[], refused?: readonly Refused[]): Promise<void> {
    await super.ack(recipient, sequences, refused)
    await this.flush()
  }

  override async withhold (recipient: string, sequences: readonly number[]): Promise<void> {
    await super.withhold(recipient, sequences)
    await this.flush()
  }
}

function storeOf (t: Test): Store {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  return store
}

interface World {
  readonly database: Database<unknown, Key>
  readonly segments: TestSegments
  /** How often each id was told as having arrived. */
  readonly told: () => Map<string, number>
  /** Pieces of checkpoints that may be written; then the disk is full. */
  pieces: number
  open (settings?: Partial<LmdbOutboxSettings>): Flushed
  /** As a crash: what is under way ends where it is. */
  crash (): Promise<void>
}

function world (store: Store, name: string, bytes: number): World {
  const database = store.database<unknown, Key>(`outbox.${name}`)
  const counts = store.database<number, string>(`counts.${name}`)
  const segments = new TestSegments(bytes)
  let alive = { is: true }
  const alsoWrite: AlsoWrite = delivered => { for (const { id } of delivered) counts.putSync(id, (counts.get(id) ?? 0) + 1) }
  const it: World = {
    database,
    segments,
    pieces: Infinity,
    told: () => new Map([...counts.getRange()].map(({ key, value }) => [key, value])),
    open: settings => {
      const own = alive = { is: true }
      const freeBytes = (): number => own.is ? 2 : 0
      const journal = { segments: segments.open(), checkpointMs: NEVER_MS, maxSteps: 3 }
      return new Flushed({ database, restore, maxEntries: 100_000, nowMs: () => 0, alsoWrite, journal, room: { freeBytes, leastToAppend: 1, get leastToWrite () { return it.pieces-- > 0 ? 1 : 3 } }, ...settings })
    },
    crash: async () => {
      alive.is = false
      segments.cut()
      await database.transaction(() => {})
    }
  }
  return it
}

const journaled: MakeOutbox = async (t, maxEntries, maxDeadLetters = Infinity) => {
  const store = storeOf(t)
  const counts = store.database<string, string>('counts')
  const segments = new TestSegments(1024 * 1024)
  let nowMs = 0
  const alsoWrite: AlsoWrite = delivered => {
    for (const one of delivered) {
      if (counts.doesExist(one.id)) throw new Error('told twice')
      counts.putSync(one.id, spellDelivered(one))
    }
  }
  let outbox: Flushed
  const make = () => {
    outbox = new Flushed({ database: store.database('outbox'), restore, maxEntries, maxDeadLetters, nowMs: () => nowMs, alsoWrite, journal: { segments: segments.open(), checkpointMs: NEVER_MS, maxSteps: 3 } })
    return outbox
  }
  const alsoWritten = async () => {
    await outbox.checkpoint()
    return [...counts.getRange().map(({ value }) => value)]
  }
  return { outbox: make(), reopen: make, setNowMs: now => { nowMs = now }, alsoWritten, breakAlsoWrite: () => {}, writesLater: true }
}

function spellDelivered ({ recipient, report, id, header }: Delivered): string {
  return `${recipient} ${report} ${id} ${header.account}`
}

outboxContract(t, 'lmdb outbox with a journal', journaled)

for (const bytes of [8 * 1024, 1024 * 1024]) {
  t.test(`journal of ${bytes} bytes: any appends, claims, acks, nacks, refusals, retries, discards, pauses, purges and crashes -> as the memory outbox`, async t => {
    const store = storeOf(t)
    const database = store.database<unknown, Key>('outbox')
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      await database.clearAsync()
      const [disk, segments] = [emptyDisk(), new TestSegments(bytes)]
      const real = await observe(() => new Flushed({ database, restore, maxEntries: 12, maxDeadLetters: 4, nowMs: () => 0, journal: { segments: segments.open(), checkpointMs: NEVER_MS, maxSteps: 3 } }), steps)
      const model = await observe(() => new MemoryOutbox(disk, 12, () => 0, undefined, 4), steps)
      deepStrictEqual(real, model)
    }), { numRuns })
  })
}

t.test('frame: spelled and read -> the same; one byte changed anywhere -> none', async t => {
  const records = [[0, [['a', 1, 0, 9, ['g', 'motion', 3, 'x\u2028é\ud800']]], 0], [1, 'a', 5, 1, [1, 2]]] as const
  const frame = Buffer.from(new FrameSpeller().spell(7, records, [Buffer.from('{"}')]))
  const segment = Buffer.concat([frame, Buffer.alloc(50)])
  const read = frameAt(segment, 0)
  t.match(read, { first: 7, last: 8, end: frame.length })
  t.same(JSON.parse(Buffer.from(read!.head).toString()), records)
  for (let at = 0; at < frame.length; at++) {
    const changed = Buffer.from(segment)
    changed[at]! ^= 1
    if (frameAt(changed, 0) !== undefined) t.fail(`byte ${at}`)
  }
})

t.test('crash at every byte of a write -> what was acknowledged before is there, the write as a whole or not at all, torn tails are told', async t => {
  const it = world(storeOf(t), 'a', 64 * 1024)
  const outbox = it.open()
  await outbox.append([entryOf({ id: 'g' }), entryOf({ id: 'h', recipient: 'health' })], key(1))
  await Promise.all(['i', 'j', 'k'].map(async (id, i) => { await outbox.append([entryOf({ id }), entryOf({ id, recipient: 'health' })], key(2 + i)) }))
  t.equal(it.segments.log.length, 2, 'those that come together are written together')
  await it.crash()
  const { at, bytes } = it.segments.log[1]!
  const stale = Buffer.alloc(bytes.length, 0xaa)
  for (const rest of [Buffer.alloc(bytes.length), stale]) {
    for (let cut = 0; cut <= bytes.length; cut++) {
      it.segments.contents[0].set(rest, at)
      it.segments.contents[0].set(bytes.subarray(0, cut), at)
      const again = it.open()
      const [analytics, health] = ['analytics', 'health'].map(recipient => ids(again.claim(recipient, 9, 0)))
      const whole = cut === bytes.length
      deepStrictEqual([analytics, health], whole ? [['g', 'i', 'j', 'k'], ['h', 'i', 'j', 'k']] : [['g'], ['h']], `cut at ${cut}`)
      deepStrictEqual(again.foundInJournal, { records: whole ? 4 : 1, isTorn: !whole && cut >= (rest === stale ? 8 : 14) }, `cut at ${cut}`)
    }
  }
  it.segments.contents[0].set(bytes.subarray(0, 40), at)
  it.segments.contents[0].fill(0, at + 40)
  const again = it.open()
  await again.append([entryOf({ id: 'z' })])
  t.same(ids(it.open().claim('analytics', 9, 0)), ['g', 'z'], 'it goes on where it was torn')
})

t.test('crash: any of the sectors of a write on disk, and not the others -> as a whole or not at all', async t => {
  const it = world(storeOf(t), 'a', 256 * 1024)
  const outbox = it.open()
  await outbox.append([entryOf({ id: 'g' })])
  await Promise.all(Array.from({ length: 12 }, async (_, i) => { await outbox.append([entryOf({ id: `h${i}`, size: 300 })]) }))
  await it.crash()
  t.equal(it.segments.log.length, 2)
  const { at, bytes } = it.segments.log[1]!
  const before = Buffer.from(it.segments.contents[0])
  before.fill(0, at)
  const after = Buffer.from(it.segments.contents[0])
  const sectors = Math.ceil((at + bytes.length) / 512)
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: sectors, maxLength: sectors }), written => {
    written.forEach((isWritten, i) => { (isWritten ? after : before).copy(it.segments.contents[0], i * 512, i * 512, (i + 1) * 512) })
    const found = it.open().depth('analytics')
    return found === 1 || found === 13
  }), { numRuns })
})

t.test('a frame damaged with others behind it -> refused by name; the last one -> cannot be told from one that was torn', async t => {
  const it = world(storeOf(t), 'a', 64 * 1024)
  const outbox = it.open()
  for (const id of ['g', 'h', 'i']) await outbox.append([entryOf({ id })])
  await it.crash()
  const { log, contents } = it.segments
  for (const damaged of [0, 1]) {
    const { at } = log[damaged]!
    for (const offset of [0, 9, 25, 40]) {
      contents[0][at + offset]! ^= 1
      t.throws(() => it.open(), { code: 'outbox-journal', message: new RegExp(`records ${damaged + 1} to ${damaged + 1} are not to be found`) }, `frame ${damaged}, byte ${offset}`)
      contents[0][at + offset]! ^= 1
    }
  }
  contents[0][log[2]!.at + 40]! ^= 1
  t.same(ids(it.open().claim('analytics', 9, 0)), ['g', 'h'])
  contents[0][log[2]!.at + 40]! ^= 1
  const again = it.open()
  t.same(ids(again.claim('analytics', 9, 0)), ['g', 'h', 'i'])
  await again.checkpoint()
  contents[0].fill(7, 0, 200)
  t.same(ids(it.open().claim('analytics', 9, 0)), ['g', 'h', 'i'], 'what the store holds is not asked of the journal')
})

t.test('segments full, over and over -> used again, what waits is in the database, in order', async t => {
  const it = world(storeOf(t), 'a', 16 * 1024)
  let again = it.open()
  const acked = new Set<string>()
  for (let i = 0; i < 400; i++) {
    await again.append([entryOf({ id: `g${i}` }), entryOf({ id: `g${i}`, recipient: 'health' })], key(i))
    await again.ack('health', again.claim('health', 9, 0).map(({ sequence }) => sequence))
    const items = again.claim('analytics', 400, 0)
    const leaving = items.filter(({ entry }) => Number(entry!.disclosure.id.slice(1)) % 7 !== 0)
    await again.nack('analytics', items.filter(item => !leaving.includes(item)).map(({ sequence }) => sequence))
    await again.ack('analytics', leaving.map(({ sequence }) => sequence))
    for (const { entry } of leaving) acked.add(entry!.disclosure.id)
    if (i % 50 === 0) {
      await it.crash()
      again = it.open()
    }
  }
  const left = ids(again.claim('analytics', 400, 0))
  t.same(left, Array.from({ length: 400 }, (_, i) => `g${i}`).filter(id => !acked.has(id)))
  await again.checkpoint()
  t.ok(it.segments.log.filter(({ at }) => at === 0).length > 10, 'they were begun often')
  const told = it.told()
  t.same([...told].filter(([, times]) => times === 2).map(([id]) => id).sort(), [...acked].sort())
})

t.test('the database takes nothing -> appends go on until both segments are full, then are refused; nothing acknowledged is lost', async t => {
  const it = world(storeOf(t), 'a', 16 * 1024)
  const outbox = it.open()
  it.pieces = 0
  const acknowledged: string[] = []
  const append = async (id: string) => {
    await outbox.append([entryOf({ id })])
    acknowledged.push(id)
  }
  for (let i = 0; ; i++) {
    const code = await append(`g${i}`).then(() => undefined, (error: { code: string }) => error.code)
    if (code !== undefined) { t.equal(code, 'outbox-write'); break }
  }
  t.ok(acknowledged.length > 30)
  await t.rejects(append('x'), { code: 'outbox-write' })
  await t.rejects(outbox.checkpoint(), { code: 'outbox-write' })
  await it.crash()
  const again = it.open()
  t.same(ids(again.claim('analytics', 1000, 0)).filter(id => id !== 'x'), acknowledged)
  it.pieces = Infinity
  await again.append([entryOf({ id: 'y' })])
  await again.close()
  const last = it.open()
  t.equal(last.foundInJournal.records, 0, 'an end in good order leaves nothing in it')
  t.same(ids(last.claim('analytics', 1000, 0)).filter(id => id !== 'x'), [...acknowledged, 'y'])
})

t.test('a write that fails and is on disk all the same -> its numbers are given again, and it is not taken for the next one', async t => {
  const it = world(storeOf(t), 'a', 64 * 1024)
  const outbox = it.open()
  await outbox.append([entryOf({ id: 'g' })])
  const { contents } = it.segments
  it.segments.fate = ({ which, at, bytes }) => {
    contents[which]!.set(bytes, at)
    return new Error('EIO')
  }
  await t.rejects(outbox.append([entryOf({ id: 'h', size: 900 })]), { code: 'outbox-write' })
  it.segments.fate = () => true
  await outbox.append([entryOf({ id: 'i' })])
  await outbox.append([entryOf({ id: 'j' })])
  await it.crash()
  t.same(ids(it.open().claim('analytics', 9, 0)), ['g', 'i', 'j'])
})

t.test('an end that cannot be written -> kept, tried again, on disk with the next write', async t => {
  const it = world(storeOf(t), 'a', 64 * 1024)
  const outbox = it.open()
  await outbox.append([entryOf({ id: 'g' })])
  it.segments.fate = () => new Error('EIO')
  await t.rejects(outbox.ack('analytics', outbox.claim('analytics', 9, 0).map(({ sequence }) => sequence)), { code: 'outbox-write' })
  t.equal(outbox.depth('analytics'), 0)
  it.segments.fate = () => true
  await outbox.append([entryOf({ id: 'h' })])
  await it.crash()
  const again = it.open()
  t.same(ids(again.claim('analytics', 9, 0)), ['h'])
  await again.checkpoint()
  t.same([...it.told()], [['g', 1]])
})

t.test('redelivered: the first sending is in the journal alone, or was, before a crash -> a duplicate', async t => {
  const it = world(storeOf(t), 'a', 64 * 1024)
  let outbox = it.open()
  for (let i = 0; i < 10; i++) await outbox.append([entryOf({ id: `g${i}` })], key(i))
  t.equal(await outbox.append([entryOf({ id: 'z' })], key(3, true)), 'duplicate')
  await it.crash()
  outbox = it.open()
  t.equal(await outbox.append([entryOf({ id: 'z' })], key(4, true)), 'duplicate')
  await outbox.checkpoint()
  for (let i = 10; i < 14; i++) await outbox.append([entryOf({ id: `g${i}` })], key(i))
  t.equal(await outbox.append([entryOf({ id: 'z' })], key(4, true)), 'duplicate')
  t.equal(await outbox.append([entryOf({ id: 'z' })], key(12, true)), 'duplicate')
  await outbox.forgetDevice('plug')
  await it.crash()
  t.equal(await it.open().append([entryOf({ id: 'z' })], key(12, true)), 'appended')
})

t.test('an append larger than a frame may be -> durable, whole, and recognized when it comes again', async t => {
  const it = world(storeOf(t), 'a', 64 * 1024)
  const outbox = it.open()
  for (let i = 0; i < 8; i++) await outbox.append([entryOf({ id: `g${i}` })], key(i))
  await outbox.append([entryOf({ id: 'large', size: 100_000 }), entryOf({ id: 'large', recipient: 'health' })], key(8))
  await it.crash()
  const again = it.open()
  t.ok(ids(again.claim('analytics', 99, 0)).includes('large'))
  t.same(ids(again.claim('health', 99, 0)), ['large'])
  t.equal(await again.append([entryOf({ id: 'z' })], key(8, true)), 'duplicate')
})

t.test('overwritten -> nothing of what was appended is in the segments; what waits is there all the same', async t => {
  const it = world(storeOf(t), 'a', 16 * 1024)
  const outbox = it.open()
  for (let i = 0; i < 60; i++) await outbox.append([entryOf({ id: `canary${i}`, account: 'canary' })], key(i))
  t.ok(it.segments.contents.every(content => content.includes('canary')))
  const appending = Promise.all(Array.from({ length: 5 }, async (_, i) => { await outbox.append([entryOf({ id: `later${i}`, account: 'other' })]) }))
  await outbox.overwrite()
  t.ok(it.segments.contents.every(content => !content.includes('canary')))
  await appending
  await it.crash()
  const again = it.open()
  t.equal(ids(again.claim('analytics', 99, 0)).length, 65)
  await again.overwrite()
  t.ok(it.segments.contents.every(content => content.every(byte => byte === 0)))
})

type Step =
  | { readonly do: 'append', readonly count: number, readonly size: number }
  | { readonly do: 'ack' | 'ack lazily' | 'withhold' | 'refuse', readonly max: number }
  | { readonly do: 'checkpoint', readonly pieces: number }
  | { readonly do: 'purge' | 'overwrite' | 'crash' | 'fail' }
  | { readonly do: 'tear', readonly share: number }

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append'), count: fc.integer({ min: 1, max: 5 }), size: fc.constantFrom(8, 300, 3000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('ack', 'ack lazily', 'withhold', 'refuse'), max: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('checkpoint'), pieces: fc.constantFrom(0, 1, 2, 3, Infinity) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('purge', 'overwrite', 'crash', 'fail') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tear'), share: fc.double({ min: 0, max: 1, noNaN: true }) }) }
)

t.test('INVARIANT: what was appended is claimed until it is acked, withheld or purged; what is written with an arrival is written once: any steps, torn writes, full disks, cut-off checkpoints and crashes', async t => {
  const store = storeOf(t)
  let run = 0
  await fc.assert(fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async all => {
    const it = world(store, String(run++ % 20), 8 * 1024)
    await it.database.clearAsync()
    await store.database(`counts.${(run - 1) % 20}`).clearAsync()
    let outbox = it.open()
    let next = 0
    const [acknowledged, unsure, gone, lazily, arrived, dead] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()]
    const restart = async (): Promise<void> => {
      await it.crash()
      it.pieces = Infinity
      it.segments.fate = () => true
      outbox = it.open()
      const held = new Set(ids(outbox.claim('analytics', 1000, 0)))
      for (const id of acknowledged) if (!gone.has(id) && !lazily.has(id)) ok(held.has(id), `${id} is lost`)
      for (const id of gone) ok(!held.has(id), `${id} comes again`)
      for (const id of held) ok(acknowledged.has(id) || unsure.has(id), `${id} was never appended`)
      for (const id of held) {
        acknowledged.add(id)
        lazily.delete(id)
        arrived.delete(id)
      }
      for (const id of lazily) gone.add(id)
      lazily.clear()
      deepStrictEqual(new Set(outbox.deadLetters().map(({ id }) => id)), dead)
      outbox = it.open()
    }
    const append = async (count: number, size: number): Promise<void> => {
      await Promise.all(Array.from({ length: count }, async () => {
        const id = `g${next++}`
        unsure.add(id)
        await outbox.append([entryOf({ id, size, account: next % 3 === 0 ? 'a' : 'b' })], { device: `d${next % 2}`, fingerprint: id, packetId: next, redelivered: false }).then(() => acknowledged.add(id), () => {})
      }))
    }
    for (const step of all) {
      switch (step.do) {
        case 'append': await append(step.count, step.size); break
        case 'checkpoint':
          it.pieces = step.pieces
          await outbox.checkpoint().catch(() => {})
          it.pieces = Infinity
          break
        case 'purge':
          await outbox.purge(({ account }) => account === 'a')
          for (const id of acknowledged) if ((Number(id.slice(1)) + 1) % 3 === 0) { gone.add(id); lazily.delete(id); dead.delete(id) }
          break
        case 'overwrite': await outbox.overwrite(); break
        case 'crash': await restart(); break
        case 'fail':
          it.segments.fate = () => new Error('EIO')
          await append(2, 8)
          it.segments.fate = () => true
          break
        case 'tear':
          it.segments.fate = ({ bytes }) => Math.floor(bytes.length * step.share)
          append(2, 8).catch(() => {})
          await new Promise(resolve => { setTimeout(resolve, 2) })
          await restart()
          break
        default: {
          const items = outbox.claim('analytics', step.max, 0)
          const [sequences, claimed] = [items.map(({ sequence }) => sequence), ids(items)]
          if (step.do === 'withhold') await outbox.withhold('analytics', sequences)
          else if (step.do === 'refuse') await outbox.ack('analytics', [], sequences.map(sequence => ({ sequence, reason: 'http-422' })))
          else if (step.do === 'ack') await outbox.ack('analytics', sequences)
          else await LmdbOutbox.prototype.ack.call(outbox, 'analytics', sequences)
          for (const id of claimed) {
            if (step.do === 'ack lazily') lazily.add(id)
            else gone.add(id)
            if (step.do === 'refuse') dead.add(id)
            if (step.do.startsWith('ack')) arrived.add(id)
          }
        }
      }
    }
    await restart()
    await outbox.checkpoint()
    const held = new Set(ids(outbox.claim('analytics', 1000, 0)))
    deepStrictEqual(it.told(), new Map([...arrived].filter(id => !held.has(id)).sort().map(id => [id, 1])))
    deepStrictEqual(new Set([...acknowledged].filter(id => !gone.has(id))), held)
    await outbox.close()
  }), { numRuns })
})
