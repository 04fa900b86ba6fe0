import t, { type Test } from 'tap'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { openFileSink } from '../../src/sinks/file/file-sink.js'
import { FolderTurns } from '../../src/sinks/file/folder-turns.js'
import { removeLines } from '../../src/sinks/file/remove-lines.js'
import { disclosureOf } from '../contract/disclosure-of.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const alone = async (work: () => Promise<void>): Promise<void> => await work()

function line (id: string, recipient = 'analytics', filling = 'x'): string {
  return `{"id":"${id}","recipient":"${recipient}","report":"motion","data":{"filling":"${filling}"},"notice":"1.3","policy":"g"}`
}

function dayIn (t: Test, files: Record<string, string>): { folder: string, day: string } {
  const folder = t.testdir()
  const day = join(folder, '2026-01-05')
  mkdirSync(day)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(day, name), text)
  return { folder, day }
}

t.test('remove lines: any file -> exactly those that go are gone, the rest byte for byte', async t => {
  const folder = t.testdir()
  const day = join(folder, '2026-01-05')
  mkdirSync(day)
  const anyLine = fc.oneof(
    fc.record({ id: fc.constantFrom('g', 'h', 'jk'), size: fc.constantFrom(0, 1, 5_000, 300_000) }).map(({ id, size }) => line(id, 'analytics', 'ü'.repeat(size))),
    fc.constantFrom('', 'g', '{}', '{"id":"g"}', ' {"id":"g","recipient":"analytics"}', line('g', 'other'), line('gg'))
  )
  await fc.assert(fc.asyncProperty(fc.array(anyLine, { maxLength: 12 }), fc.boolean(), async (lines, isTorn) => {
    const text = lines.map(text => `${text}\n`).join('')
    writeFileSync(join(day, '0001.ndjson'), isTorn ? text.slice(0, -1) : text)
    const removed = await removeLines(folder, { goes: ({ id, recipient }) => id === 'g' && recipient === 'analytics', alone })
    const isMine = (text: string) => text.startsWith('{"id":"g","recipient":"analytics",')
    const left = lines.filter(text => !isMine(text)).map(text => `${text}\n`).join('')
    const found = readFileSync(join(day, '0001.ndjson'), 'utf8')
    return removed === lines.filter(isMine).length && (found === left || (isTorn && found === left.slice(0, -1)))
  }), { numRuns: Math.min(RUNS, 200) })
})

t.test('remove lines: files without such a line -> not touched; the one with it -> another file, mode 600', async t => {
  const { folder, day } = dayIn(t, { '0001.ndjson': `${line('h')}\n`, '0002.ndjson': `${line('g')}\n${line('h')}\n`, 'notes.txt': line('g') })
  const before = [1, 2].map(number => statSync(join(day, `000${number}.ndjson`)))
  t.equal(await removeLines(folder, { goes: ({ id }) => id === 'g', alone }), 1)
  t.equal(statSync(join(day, '0001.ndjson')).ino, before[0]?.ino)
  t.not(statSync(join(day, '0002.ndjson')).ino, before[1]?.ino)
  t.equal(statSync(join(day, '0002.ndjson')).mode & 0o777, 0o600)
  t.equal(readFileSync(join(day, 'notes.txt'), 'utf8'), line('g'), 'what is not the gateway\'s stays')
})

t.test('remove lines: what a crash left beside the file -> removed; no folder, a day that goes meanwhile -> nothing to do', async t => {
  const { folder, day } = dayIn(t, { '0001.ndjson': `${line('g')}\n`, '0001.ndjson.rewriting': `${line('h')}\n` })
  t.equal(await removeLines(folder, { goes: ({ id }) => id === 'g', alone }), 1)
  t.same(readdirSync(day), ['0001.ndjson'])
  t.equal(readFileSync(join(day, '0001.ndjson'), 'utf8'), '')
  t.equal(await removeLines(join(folder, 'nobody'), { goes: () => true, alone }), 0)
  writeFileSync(join(day, '0001.ndjson'), `${line('g')}\n`)
  const { rmSync } = await import('node:fs')
  t.equal(await removeLines(folder, { goes: () => true, alone: async work => { rmSync(day, { recursive: true }); await work() } }), 0)
  t.notOk(existsSync(day))
})

t.test('remove lines: while the sink delivers -> every line that stays is there once, none that goes', async t => {
  const data = t.testdir()
  const turns = new FolderTurns()
  const sink = await openFileSink({ recipients: join(data, 'recipients'), folder: 'analytics', nowMs: () => Date.UTC(2026, 0, 5), maxFileBytes: 4_000, turns })
  const folder = join(data, 'recipients', 'analytics')
  const load = { isRunning: true, sent: 0 }
  const delivering = (async () => {
    for (; load.isRunning; load.sent += 2) {
      await sink.deliver([disclosureOf({ id: lettered('g', load.sent), size: 40 }), disclosureOf({ id: lettered('h', load.sent), size: 40 })], new AbortController().signal)
    }
  })()
  let removed = 0
  while (removed < 100) {
    removed += await removeLines(folder, { goes: ({ id }) => id.startsWith('g'), alone: async work => await turns.rewrite('analytics', work) })
    await new Promise(resolve => setImmediate(resolve))
  }
  load.isRunning = false
  await delivering
  removed += await removeLines(folder, { goes: ({ id }) => id.startsWith('g'), alone: async work => await turns.rewrite('analytics', work) })
  await sink.close()
  const day = join(folder, '2026-01-05')
  const ids = readdirSync(day).sort().flatMap(name => readFileSync(join(day, name), 'utf8').split('\n').filter(text => text !== '').map(text => (JSON.parse(text) as { id: string }).id))
  t.same(ids, Array.from({ length: load.sent / 2 }, (_, i) => lettered('h', 2 * i)))
  t.equal(removed, load.sent / 2)
})

t.test('turns: one at a time in a folder, folders beside each other; a failure ends its turn', async t => {
  const turns = new FolderTurns()
  const order: string[] = []
  const work = (name: string) => async () => { order.push(`${name} begins`); await new Promise(resolve => setImmediate(resolve)); order.push(`${name} ends`) }
  const failing = turns.run('a', async () => { await work('a1')(); throw new Error('disk') })
  await Promise.allSettled([failing, turns.rewrite('a', work('a2')), turns.run('b', work('b1'))])
  t.same(order.filter(text => text.startsWith('a')), ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends'])
  t.ok(order.indexOf('b1 begins') < order.indexOf('a1 ends'))
  t.equal(turns.rewrites('a'), 1)
  await t.rejects(failing, /disk/)
})

/** Ids are letters. */
function lettered (prefix: string, number: number): string {
  return prefix + [...String(number)].map(digit => 'ghijklmnop'[Number(digit)]).join('')
}
