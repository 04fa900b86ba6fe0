/** The demo and the simulation as processes of the built program, and what the demo finds fault with. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t, { type Test } from 'tap'
import { ChangeOfMind, type Mind } from '../../src/cli/demo/change-of-mind.js'
import { castHomes, PARTS } from '../../src/cli/demo/cast.js'
import { drawScreen } from '../../src/cli/demo/draw-screen.js'
import { LeakSearch } from '../../src/cli/demo/leak-search.js'
import { Meter } from '../../src/cli/demo/meter.js'
import { summary } from '../../src/cli/demo/summary.js'
import { flow, fold, plainText } from '../../src/cli/demo/text.js'
import type { DemoView } from '../../src/cli/demo/view.js'

const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.js')

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

t.test('demo: some seconds without a terminal -> every kind of home, nothing planted left, exit 0, nothing stays', async t => {
  const temporary = t.testdir()
  const { code, out, err } = await ended(run(['demo', '--seconds', '6', '--homes', '12'], { TMPDIR: temporary }))
  t.equal(code, 0, err)
  t.match(out, /\b0 of \d[\d,]* planted addresses left \(the same search finds [1-9]/)
  for (const { label } of PARTS) t.match(out, new RegExp(`${escaped(label)} +[1-9]`), label)
  t.match(out, /opt-in: granted nothing +\d+ +no consent +no consent +no consent +no consent/)
  t.match(out, /opt-out: a minor's +\d+ +minor +minor +no consent +minor/)
  t.match(out, /opt-in: all, but in EU +\d+ +region +\S+(?: wait)? +\d+ +region/)
  t.match(out, /the unknown device was refused at CONNECT ([1-9]\d*) of \1 times \(counted by the gateway: \1\)/)
  t.match(out, /0 disclosures left after a withdrawal was answered \([1-9]\d* withdrawals?\)/)
  t.match(out, /home-\d+ withdraws its consent to improve-products/)
  t.match(out, /Everything held\.\n$/)
  // eslint-disable-next-line no-control-regex -- no color, no cursor movement
  t.notMatch(out, /\u001b/)
  t.same(readdirSync(temporary), [])
})

t.test('demo: ended by a signal, data folder given -> summary, exit 0, files stay; refused a second time', async t => {
  const data = join(t.testdir(), 'data')
  const process = run(['demo', '--homes', '8', '--data', data])
  await line(process, /^00:/)
  process.kill('SIGINT')
  const { code, out } = await ended(process)
  t.equal(code, 0)
  t.match(out, /Everything held\./)
  t.ok(existsSync(join(data, 'recipients', 'product-analytics')))
  const again = await ended(run(['demo', '--homes', '8', '--data', data]))
  t.equal(again.code, 2)
  t.match(again.err, /empty or not there/)
})

t.test('demo: too few homes, a configuration that is not there -> exit 2, exit 1', async t => {
  const [few, lost] = await Promise.all([ended(run(['demo', '--homes', '7'])), ended(run(['demo', '--config', join(t.testdir(), 'none')]))])
  t.equal(few.code, 2)
  t.match(few.err, /from 8 to/)
  t.equal(lost.code, 1)
})

t.test('simulate: registered first -> all admitted; a stranger seed -> none, exit 1', async t => {
  const data = join(t.testdir(), 'data')
  const registered = await ended(run(['simulate', '--homes', '2', '--register', '--data', data, '--json']))
  t.equal(registered.code, 0, registered.err)
  t.match(JSON.parse(registered.out), { accounts: 2, notTaken: 0 })
  const gateway = run(['start', '--data', data, '--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--json'])
  const { mqtt } = JSON.parse(await line(gateway, /"ready"/)) as { mqtt: string }

  const [known, unknown] = await Promise.all([
    ended(run(['simulate', '--homes', '2', '--url', mqtt, '--duration', '2s', '--rate', '30', '--json'])),
    ended(run(['simulate', '--homes', '1', '--seed', 'strangers', '--url', mqtt, '--duration', '2s']))
  ])
  const counts = JSON.parse(known.out) as { devices: number, connected: number, sent: number, acknowledged: number }
  t.equal(known.code, 0, known.err)
  t.equal(counts.connected, counts.devices)
  t.ok(counts.sent > 0)
  t.equal(counts.acknowledged, counts.sent)
  t.equal(unknown.code, 1)
  t.match(unknown.out, /No device was admitted/)

  const process = run(['simulate', '--homes', '2', '--url', mqtt])
  await line(process, /devices/, 'stderr')
  process.kill('SIGINT')
  t.match(await ended(process), { code: 0, out: /reports sent/ })
  gateway.kill('SIGTERM')
  t.equal((await ended(gateway)).code, 0)
})

t.test('simulate: --registry -> a private file of devices, account commands on standard output', async t => {
  const file = join(t.testdir(), 'devices.ndjson')
  const { code, out } = await ended(run(['simulate', '--homes', '2', '--registry', file]))
  t.equal(code, 0)
  t.match(out, /^curtilage account add home-0001 --regime \S+ --region \S+\ncurtilage account add home-0002 .*\n$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.ok(readFileSync(file, 'utf8').trim().split('\n').every(text => Object.keys(JSON.parse(text) as object).join() === 'account,device,password,mac'))
})

t.test('simulate: wrong usage -> exit 2', async t => {
  const cases = [[], ['--url', 'ws://127.0.0.1:1', '--misbehave'], ['--url', 'http://127.0.0.1:1'], ['--url', 'mqtt://name:word@127.0.0.1'], ['--url', 'mqtt://127.0.0.1', '--rate', '1', '--speed', '2'], ['--url', 'mqtt://127.0.0.1', '--duration', 'soon']]
  const all = await Promise.all(cases.map(async options => await ended(run(['simulate', ...options]))))
  t.same(all.map(({ code }) => code), cases.map(() => 2))
})

t.test('LeakSearch: spelled out, in base64 at any offset, absent -> found, found, not found', async t => {
  const planted = { value: 'secret', spellings: ['AA:BB:CC:00:11:22', 'AABBCC001122'] }
  const search = new LeakSearch([planted, { value: 'other', spellings: ['192.168.7.20'] }])
  const found = (text: string): string[] => [...search.find(text)].map(({ value }) => value)
  t.same(found('{"alias":"lamp AA:BB:CC:00:11:22"}'), ['secret'])
  for (const before of ['', 'x', 'xy', 'xyz']) t.same(found(JSON.stringify({ nickname: Buffer.from(`${before}AABBCC001122`).toString('base64') })), ['secret'])
  t.same(found('192.168.7.20'), ['other'])
  t.same(found('{"alias":"lamp AA:BB:CC:00:11:23","ip":"192.168.7.2"}'), [])
})

t.test('ChangeOfMind: something leaves after a withdrawal was answered -> counted as strayed', async t => {
  for (const [leaving, strayed] of [[0, 0], [3, 3]] as const) {
    const asked: string[] = []
    let departed = 5
    let stopped: Promise<void> | undefined
    // before the next change of mind is due
    const mind = await changing(t, state => {
      asked.push(state)
      stopped = mind.stop()
    }, () => departed)
    await until(() => mind.withdrawals === 1)
    await stopped
    departed += leaving
    t.match(mind.latest, { state: 'withdrawn', departed: leaving })
    mind.settle()
    t.equal(mind.strayed, strayed)
    t.equal(asked[0], 'withdrawn')
  }
})

t.test('ChangeOfMind: the API refuses -> a failure, not a withdrawal', async t => {
  const mind = await changing(t, () => { throw new TypeError('refused') }, () => 0)
  await until(() => mind.failures > 0)
  await mind.stop()
  t.equal(mind.withdrawals, 0)
})

t.test('summary: a check that failed -> said loudly', async t => {
  const text = stripVTControlCharacters(summary(VIEW, [{ ok: true, text: 'one' }, { ok: false, text: '1 of 9 planted addresses left' }], 79))
  t.match(text, /FAILED {2}1 of 9 planted addresses left/)
  t.match(text, /THE GATEWAY DID NOT HOLD: 1 of 2 checks failed\./)
})

t.test('drawScreen: any size from 80x24, any second -> never more columns or rows than there are', async t => {
  const wrong: string[] = []
  for (const columns of [80, 81, 99, 120, 200]) {
    for (const rows of [24, 25, 28, 31, 36, 40, 44, 70]) {
      for (const elapsedMs of [0, 7_000, 14_000, 4_000_000]) {
        const lines = drawScreen({ ...VIEW, elapsedMs }, { columns, rows }).map(stripVTControlCharacters)
        const fits = lines.length <= rows && lines.every(line => line.length <= columns) && lines.at(-1)?.startsWith('ADDRESSES')
        if (fits !== true) wrong.push(`${columns}x${rows} at ${elapsedMs}`)
      }
    }
  }
  t.same(wrong, [])
})

t.test('castHomes: any seed -> every part is played, in its region, and the rest are others', async t => {
  for (const seed of ['a', 'b', 'c']) {
    const residents = castHomes(seed, 20)
    t.equal(residents.length, 20)
    t.equal(new Set(residents.map(({ home }) => home.account)).size, 20)
    for (const part of PARTS) t.equal(residents.filter(resident => resident.part === part && resident.region === part.region).length, 1)
  }
  t.throws(() => castHomes('a', PARTS.length - 1), TypeError)
})

t.test('text: more than fits -> the rest is counted, folded, spelled out', async t => {
  t.same(flow(['aaaa', 'bbbb', 'cccc', 'dddd'], { width: 10, lines: 2 }), ['aaaa  bbbb', 'cccc  dddd'])
  t.same(flow(['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee'], { width: 10, lines: 2 }), ['aaaa  bbbb', 'cccc  +2'])
  t.same(fold('abcdefgh', { width: 3, lines: 2 }), ['abc', 'de…'])
  t.equal(plainText('Büro\u001b[2J\u4e2d\u202e'), 'Büro\\u001b[2J\\u4e2d\\u202e')
})

t.test('Meter: counts over some seconds -> whole seconds of the last five', async t => {
  const meter = new Meter()
  for (let second = 0; second < 20; second++) meter.add(second, second * 1000)
  t.equal(meter.count, 190)
  t.equal(meter.perSecond(20_000), 17)
  t.equal(meter.perSecond(60_000), 0)
})

/** More of everything than fits. */
const VIEW: DemoView = {
  elapsedMs: 61_000,
  gatewayUrl: 'mqtt://127.0.0.1:41234',
  filesFolder: '/tmp/a-folder/recipients',
  homes: 36,
  devices: { all: 12_303, connected: 12_303 },
  cameIn: { count: 1_234_567, perSecond: 1_408, unreadable: 2, types: Array.from({ length: 24 }, (_, at) => ({ report: `report-type-${at}`, count: 10_000 * at, perSecond: at / 3, categories: ['device.id', 'device.model', 'time.event', 'network.mac', 'sensor.motion', 'usage.light'] })) },
  recipients: ['one-recipient-of-a-long-name', 'device-health', 'home-integration', 'product-analytics', 'off'].map((name, at) => ({
    name, enabled: name !== 'off', categories: ['device.id', 'time.event', 'sensor.motion', 'sensor.contact', 'sensor.leak', 'sensor.climate', 'energy.power', 'location.geo'].slice(0, 2 * at), left: 123_456, perSecond: 12.3, waiting: 77, waitsUntilMs: 3_600_000, withheld: [{ reason: 'region' as const, count: 9_999 }, { reason: 'consent-unset' as const, count: 8_888 }, { reason: 'minor' as const, count: 777 }, { reason: 'nothing-left' as const, count: 66 }, { reason: 'report-not-listed' as const, count: 1_000_000 }]
  })),
  residents: [...PARTS.map(({ label }, at) => ({
    account: `home-000${at}`, label, reported: 123_456, cells: [{ left: 0, waiting: 5, reason: undefined, unlinkable: true }, { left: 12_345, waiting: 0, reason: undefined, unlinkable: false }, { left: 0, waiting: 0, reason: 'consent-unset' as const, unlinkable: false }, { left: 12_345, waiting: 0, reason: 'consent-withdrawn' as const, unlinkable: false }]
  }))],
  addresses: { byKind: 123_456, inText: 12_345, planted: 12_345, leaked: 0 },
  strangers: { tried: 1_234, refused: 1_234 },
  change: { state: 'withdrawn', atMs: 0, agoMs: 14_000, reported: 123, departed: 0, purpose: 'improve-products', account: 'home-0007' },
  latest: { recipient: 'home-integration', line: JSON.stringify({ data: '中文'.repeat(400) }) }
}

function run (options: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...options], { env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended (child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout?.on('data', text => { out += String(text) })
  child.stderr?.on('data', text => { err += String(text) })
  const [code] = await once(child, 'close') as [number | null]
  return { code, out, err }
}

/** Resolves to the first line that matches. */
async function line (child: ChildProcess, pattern: RegExp, from: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = ''
    child[from]?.on('data', more => {
      text += String(more)
      const found = text.split('\n').slice(0, -1).find(one => pattern.test(one))
      if (found !== undefined) resolve(found)
    })
    child.once('close', () => reject(new Error('ended before it said so')))
  })
}

async function changing (t: Test, say: (state: string) => void, departed: Mind['departed']): Promise<ChangeOfMind> {
  const api = createServer((request, response) => {
    request.setEncoding('utf8').on('data', body => {
      try {
        say((JSON.parse(String(body)) as { state: string }).state)
        response.writeHead(201).end('{}')
      } catch {
        response.writeHead(403).end()
      }
    })
  })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  t.teardown(() => { api.close(); api.closeAllConnections() })
  const { port } = api.address() as AddressInfo
  return new ChangeOfMind({ account: 'home-1', purpose: 'improve-products', gatewayApi: `http://127.0.0.1:${port}`, token: 'token', everyMs: 50, departed, reported: () => 0 }, Date.now)
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

function escaped (text: string): string {
  return text.replace(/[^\w\s]/g, '\\$&')
}
