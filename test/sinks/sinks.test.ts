import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { closedSink } from '../../src/sinks/closed-sink.js'
import { openFileSink, type FileSinkSettings } from '../../src/sinks/file/file-sink.js'
import type { OpenFile } from '../../src/sinks/file/line-file.js'
import { cutTornTail } from '../../src/sinks/file/torn-tail.js'
import { LocalMqttSink, type LocalSubscribers } from '../../src/sinks/mqtt/local-mqtt-sink.js'
import { openSink } from '../../src/sinks/open-sink.js'
import { errorOf } from '../../src/model/errors.js'
import { ChaosSink } from '../contract/chaos-sink.js'
import { disclosureOf } from '../contract/disclosure-of.js'
import { batchOf, linesOf, sinkContract, unreliableSinkContract } from '../contract/sink-contract.js'

const numRuns = Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200))
const noAbort = new AbortController().signal
const noonMs = Date.UTC(2026, 0, 5, 12)
const dayMs = 86_400_000

function settings (t: Test, more: Partial<FileSinkSettings> = {}): FileSinkSettings {
  const recipients = more.recipients ?? join(t.testdir(), 'recipients')
  return { folder: 'analytics', nowMs: () => noonMs, ...more, recipients }
}

/** Every file of the recipient with its lines, oldest first. */
function filesOf ({ recipients, folder }: FileSinkSettings): Record<string, string[]> {
  const paths = (readdirSync(join(recipients, folder), { recursive: true }) as string[]).filter(path => path.endsWith('.ndjson')).sort()
  return Object.fromEntries(paths.map(path => [path, readFileSync(join(recipients, folder, path), 'utf8').split('\n').slice(0, -1)]))
}

class Subscribers implements LocalSubscribers {
  readonly arrived: string[] = []
  readonly topics = new Set<string>()
  connected = true
  mostInFlight = 0

  async deliverAll (recipient: string, packets: readonly { topic: string, payload: Buffer }[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.connected) throw errorOf('recipient-not-connected')
    this.mostInFlight = Math.max(this.mostInFlight, packets.length)
    for (const { topic, payload } of packets) {
      this.topics.add(`${recipient} ${topic}`)
      await new Promise(resolve => setImmediate(resolve))
      signal.throwIfAborted()
      this.arrived.push(payload.toString())
    }
  }
}

sinkContract(t, 'file sink', async t => {
  const used = settings(t)
  return { sink: await openFileSink(used), arrived: async () => Object.values(filesOf(used)).flat() }
})

sinkContract(t, 'mqtt sink', async () => {
  const subscribers = new Subscribers()
  return { sink: new LocalMqttSink('analytics', subscribers), arrived: async () => subscribers.arrived }
})

sinkContract(t, 'chaos sink without chaos', async () => {
  const sink = new ChaosSink(() => 1)
  return { sink, arrived: async () => linesOf(sink.arrived) }
})

unreliableSinkContract(t, 'chaos sink', async random => {
  const refuses = (id: string) => id.endsWith('3')
  const sink = new ChaosSink({ random, refuses, slow: true })
  return { sink, arrived: async () => linesOf(sink.arrived), refuses: ({ id }) => refuses(id) }
}, { numRuns })

t.test('file sink: first delivery -> the day of delivery in UTC, numbered file, modes 700 and 600', async t => {
  const used = settings(t, { nowMs: () => Date.UTC(2026, 0, 5, 23, 59, 59, 999) })
  const sink = await openFileSink(used)
  await sink.deliver(batchOf(0, 1), noAbort)
  t.same(filesOf(used), { '2026-01-05/0001.ndjson': linesOf(batchOf(0, 1)) })
  const folder = join(used.recipients, 'analytics')
  const modes = [used.recipients, folder, join(folder, '2026-01-05'), join(folder, '2026-01-05', '0001.ndjson')].map(path => (statSync(path).mode & 0o777).toString(8))
  t.same(modes, ['700', '700', '700', '600'])
  await sink.close()
})

t.test('file sink: midnight -> a new folder; the old file stays as it is', async t => {
  let nowMs = noonMs
  const used = settings(t, { nowMs: () => nowMs })
  const sink = await openFileSink(used)
  await sink.deliver(batchOf(0, 1), noAbort)
  nowMs += dayMs
  await sink.deliver(batchOf(1, 1), noAbort)
  t.same(filesOf(used), { '2026-01-05/0001.ndjson': linesOf(batchOf(0, 1)), '2026-01-06/0001.ndjson': linesOf(batchOf(1, 1)) })
  await sink.close()
})

t.test('file sink: a file has its size -> the next batch begins the next file, also after a restart', async t => {
  const used = settings(t, { maxFileBytes: 150 })
  const sink = await openFileSink(used)
  for (let i = 0; i < 5; i++) await sink.deliver(batchOf(i, 1), noAbort)
  await sink.close()
  const again = await openFileSink(used)
  await again.deliver(batchOf(5, 1), noAbort)
  await again.close()
  t.same(Object.entries(filesOf(used)).map(([path, lines]) => [path.slice(-11), lines.length]), [['0001.ndjson', 2], ['0002.ndjson', 2], ['0003.ndjson', 2]])
})

t.test('file sink: torn tail at start -> cut from the last file of each day, whole lines and other files stay', async t => {
  const analytics = {
    '2026-01-04': { '0001.ndjson': '{"whole":1}\n', '0002.ndjson': '{"whole":2}\n{"to' },
    '2026-01-05': { '0001.ndjson': '{"torn":', 'notes.txt': 'no line' },
    notes: { '0001.ndjson': 'not ours' }
  }
  const recipients = join(t.testdir({ recipients: { analytics } }), 'recipients')
  const used = settings(t, { recipients })
  const sink = await openFileSink(used)
  const raw = (path: string) => readFileSync(join(recipients, 'analytics', path), 'utf8')
  t.equal(raw('2026-01-04/0001.ndjson'), '{"whole":1}\n')
  t.equal(raw('2026-01-04/0002.ndjson'), '{"whole":2}\n')
  t.equal(raw('2026-01-05/0001.ndjson'), '')
  t.equal(raw('notes/0001.ndjson'), 'not ours')
  await sink.deliver(batchOf(0, 1), noAbort)
  t.same(filesOf(used)['2026-01-05/0001.ndjson'], linesOf(batchOf(0, 1)))
  await sink.close()
})

t.test('torn tail: any content -> all up to the last line feed', async t => {
  const path = join(t.testdir({ file: '' }), 'file')
  const piece = fc.oneof(fc.constantFrom('', '\n', 'x', '\n\n'), fc.nat(70_000).map(size => 'x'.repeat(size)))
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async pieces => {
    const content = pieces.join('')
    writeFileSync(path, content)
    await cutTornTail(path)
    return readFileSync(path, 'latin1') === content.slice(0, content.lastIndexOf('\n') + 1)
  }), { numRuns })
})

/** Files whose disk fails as told. */
function failingDisk (fault: { write?: 'throws' | 'short', datasync?: boolean, truncate?: boolean }): OpenFile {
  const broken = async () => await Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
  return async (path, flags, mode) => {
    const handle = await open(path, flags, mode)
    return {
      stat: async () => await handle.stat(),
      close: async () => { await handle.close() },
      datasync: async () => { await (fault.datasync === true ? broken() : handle.datasync()) },
      truncate: async (length: number) => { await (fault.truncate === true ? broken() : handle.truncate(length)) },
      write: async (lines: Buffer) => {
        if (fault.write === 'throws') return await broken()
        return await handle.write(fault.write === 'short' ? lines.subarray(0, 20) : lines)
      }
    } as Awaited<ReturnType<OpenFile>>
  }
}

t.test('file sink: the disk fails -> rejects, cuts back to whole lines, works again when the disk does', async t => {
  const faults = [{ write: 'throws' }, { write: 'short' }, { datasync: true }, { write: 'short', truncate: true }] as const
  for (const [i, kind] of faults.entries()) {
    const fault: Parameters<typeof failingDisk>[0] = {}
    const used = settings(t, { folder: `folder${i}`, openFile: failingDisk(fault) })
    const sink = await openFileSink(used)
    await sink.deliver(batchOf(0, 1), noAbort)
    Object.assign(fault, kind)
    await t.rejects(sink.deliver(batchOf(1, 2), noAbort), { code: 'file-sink-write' })
    await t.rejects(sink.deliver(batchOf(1, 2), noAbort), { code: 'file-sink-write' })
    for (const key of Object.keys(fault)) delete fault[key as keyof typeof fault]
    await sink.deliver(batchOf(1, 2), noAbort)
    t.same(Object.values(filesOf(used)).flat(), linesOf([...batchOf(0, 1), ...batchOf(1, 2)]), JSON.stringify(kind))
    await sink.close()
  }
})

t.test('file sink: unusable folder -> refused', async t => {
  for (const folder of ['', '..', 'a/b', '../out', '.hidden', 'a b', 'x'.repeat(65)]) {
    await t.rejects(openFileSink(settings(t, { folder })), { code: 'file-sink-folder' }, JSON.stringify(folder))
  }
  const used = settings(t)
  mkdirSync(used.recipients)
  writeFileSync(join(used.recipients, 'analytics'), 'a file')
  await t.rejects(openFileSink(used), { code: 'file-sink-folder' })
  await t.rejects(openFileSink({ ...used, recipients: join(used.recipients, 'no', 'such') }), { code: 'file-sink-folder' })
})

t.test('file sink: a symbolic link in place of its file -> not followed', async t => {
  const used = settings(t)
  const sink = await openFileSink(used)
  mkdirSync(join(used.recipients, 'analytics', '2026-01-05'))
  const elsewhere = join(used.recipients, 'elsewhere')
  writeFileSync(elsewhere, '')
  symlinkSync(elsewhere, join(used.recipients, 'analytics', '2026-01-05', '0001.ndjson'))
  await t.rejects(sink.deliver(batchOf(0, 1), noAbort), { code: 'file-sink-write' })
  t.equal(readFileSync(elsewhere, 'utf8'), '')
  await sink.close()
})

t.test('file sink: a symbolic link in place of its folder -> refused', async t => {
  const used = settings(t)
  const elsewhere = join(used.recipients, '..', 'elsewhere')
  mkdirSync(used.recipients)
  mkdirSync(elsewhere)
  symlinkSync(elsewhere, join(used.recipients, 'analytics'))
  await t.rejects(openFileSink(used), { code: 'file-sink-folder' })
  t.same(readdirSync(elsewhere), [])
})

t.test('file sink: file, day or folder taken away while it runs -> rejects, and the lines come again into new ones', async t => {
  for (const [i, path] of ['2026-01-05/0001.ndjson', '2026-01-05', '.'].entries()) {
    const used = settings(t, { folder: `taken${i}` })
    const sink = await openFileSink(used)
    await sink.deliver(batchOf(0, 1), noAbort)
    rmSync(join(used.recipients, used.folder, path), { recursive: true })
    await t.rejects(sink.deliver(batchOf(1, 1), noAbort), { code: 'file-sink-write' })
    await sink.deliver(batchOf(1, 1), noAbort)
    t.same(Object.values(filesOf(used)).flat(), linesOf(batchOf(1, 1)), path)
    await sink.close()
  }
})

t.test('file sink: its file moved away while it runs -> nothing is lost with it', async t => {
  const used = settings(t)
  const sink = await openFileSink(used)
  await sink.deliver(batchOf(0, 1), noAbort)
  renameSync(join(used.recipients, 'analytics', '2026-01-05'), join(used.recipients, 'moved'))
  await t.rejects(sink.deliver(batchOf(1, 1), noAbort), { code: 'file-sink-write' })
  await sink.deliver(batchOf(1, 1), noAbort)
  t.same(Object.values(filesOf(used)).flat(), linesOf(batchOf(1, 1)))
  await sink.close()
})

t.test('file sink: all recipients taken away -> rejects until they are back', async t => {
  const used = settings(t)
  const sink = await openFileSink(used)
  rmSync(used.recipients, { recursive: true })
  await t.rejects(sink.deliver(batchOf(0, 1), noAbort), { code: 'file-sink-write' })
  mkdirSync(used.recipients)
  await sink.deliver(batchOf(0, 1), noAbort)
  t.same(Object.values(filesOf(used)).flat(), linesOf(batchOf(0, 1)))
  await sink.close()
})

t.test('retention: any days, time and retention -> a day goes exactly when it ended so long ago', async t => {
  const recipients = join(t.testdir(), 'recipients')
  let count = 0
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.integer({ min: -40, max: 2 }), { maxLength: 6 }), fc.integer({ min: 1, max: 30 * dayMs }), fc.nat(dayMs - 1), async (offsets, retentionMs, intoDayMs) => {
    const used = { recipients, folder: `f${count++}`, nowMs: () => Date.UTC(2026, 0, 5) + intoDayMs, retentionMs }
    const days = offsets.map(offset => new Date(Date.UTC(2026, 0, 5) + offset * dayMs).toISOString().slice(0, 10))
    for (const day of days) {
      mkdirSync(join(recipients, used.folder, day), { recursive: true })
      writeFileSync(join(recipients, used.folder, day, '0001.ndjson'), '{}\n')
    }
    const removed: unknown[] = []
    await (await openFileSink({ ...used, onRetention: number => removed.push(number) })).close()
    const kept = days.filter(day => Date.parse(day) + dayMs > used.nowMs() - retentionMs)
    t.same(readdirSync(join(recipients, used.folder)).sort(), [...kept].sort())
    t.same(removed, kept.length === days.length ? [] : [days.length - kept.length])
    t.ok(offsets.filter(offset => offset >= 0).length <= kept.length, 'today never goes')
  }), { numRuns })
})

t.test('retention: what is not the gateway\'s own -> stays', async t => {
  const analytics = {
    '2025-01-01': { '0001.ndjson': '{}\n', '0002.ndjson': '{}\n' },
    '2025-01-02': { '0001.ndjson': '{}\n', 'notes.txt': 'mine' },
    '2025-01-03': {},
    '2025-13-01': { '0001.ndjson': 'no day\n' },
    notes: { '0001.ndjson': 'mine' }
  }
  const recipients = join(t.testdir({ recipients: { analytics }, elsewhere: { '0001.ndjson': 'mine' } }), 'recipients')
  symlinkSync(join(recipients, '..', 'elsewhere'), join(recipients, 'analytics', '2025-01-04'))
  const removed: unknown[] = []
  const sink = await openFileSink(settings(t, { recipients, retentionMs: dayMs, onRetention: number => removed.push(number) }))
  t.same(removed, [3])
  t.same(filesOf(settings(t, { recipients }))['2025-13-01/0001.ndjson'], ['no day'])
  t.same(readdirSync(join(recipients, 'analytics')).sort(), ['2025-01-02', '2025-01-04', '2025-13-01', 'notes'])
  t.same(readdirSync(join(recipients, 'analytics', '2025-01-02')), ['notes.txt'])
  t.equal(readFileSync(join(recipients, '..', 'elsewhere', '0001.ndjson'), 'utf8'), 'mine')
  await sink.close()
})

t.test('retention: something that cannot be removed -> told, the others go, disclosures are taken nevertheless', async t => {
  const stuck = { '0001.ndjson': { in: 'a folder' }, '0002.ndjson': '{}\n' }
  const recipients = join(t.testdir({ recipients: { analytics: { '2025-01-01': stuck, '2025-01-02': { '0001.ndjson': '{}\n' } } } }), 'recipients')
  const told: unknown[] = []
  const used = settings(t, { recipients, retentionMs: dayMs, onRetention: number => told.push(number) })
  const sink = await openFileSink(used)
  await sink.deliver(batchOf(0, 1), noAbort)
  t.same(told, [undefined])
  t.same(readdirSync(join(recipients, 'analytics')).sort(), ['2025-01-01', '2026-01-05'])
  await sink.close()
})

t.test('mqtt sink: topic -> disclosures, recipient, report; at most a batch in flight', async t => {
  const subscribers = new Subscribers()
  const sink = new LocalMqttSink('analytics', subscribers)
  await sink.deliver([...batchOf(0, sink.maxBatch - 1), disclosureOf({ id: 'h', report: 'sysinfo' })], noAbort)
  t.same([...subscribers.topics].sort(), ['analytics disclosures/analytics/motion', 'analytics disclosures/analytics/sysinfo'])
  t.equal(subscribers.mostInFlight, sink.maxBatch)
})

t.test('mqtt sink: the recipient is not connected -> rejects with that code', async t => {
  const subscribers = new Subscribers()
  subscribers.connected = false
  await t.rejects(new LocalMqttSink('analytics', subscribers).deliver(batchOf(0, 3), noAbort), { code: 'recipient-not-connected' })
})

t.test('closed sink: any batch -> refused', async t => {
  await t.rejects(closedSink.deliver(batchOf(0, 1), noAbort), { code: 'recipient-not-connected' })
  await closedSink.close()
})

t.test('open sink: settings -> the sink of that type', async t => {
  const subscribers = new Subscribers()
  const surroundings = { dataFolder: t.testdir(), subscribers, nowMs: () => noonMs }
  const file = await openSink('analytics', { type: 'file', folder: 'product' }, surroundings)
  await file.deliver(batchOf(0, 1), noAbort)
  t.ok(statSync(join(surroundings.dataFolder, 'recipients', 'product', '2026-01-05', '0001.ndjson')).isFile())
  await file.close()
  const mqtt = await openSink('analytics', { type: 'mqtt' }, surroundings)
  await mqtt.deliver(batchOf(0, 1), noAbort)
  t.equal(subscribers.arrived.length, 1)
})
