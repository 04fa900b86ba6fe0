/** What simulated devices say: determinism, shapes and sizes, and everything planted in them. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { macSpellings } from '../../simulators/addresses.js'
import { Agenda } from '../../simulators/agenda.js'
import type { SimulatedDevice } from '../../simulators/device.js'
import { makeHome, makeHomes, type Home } from '../../simulators/home.js'
import { Random } from '../../simulators/random.js'
import { accountLines, registryLines, writeRegistry } from '../../simulators/registry-lines.js'
import { leafPaths, makeSamples } from '../../simulators/samples.js'

const EPOCH_MS = Date.parse('2026-02-03T04:05:06Z')
const ROUNDS = 30
/** Some recordings stand without the names of module and method around them. */
const WRAPPING = 40

/** Bytes of each report as recorded from real devices: shortest, median, longest. */
const RECORDED: Readonly<Record<string, readonly [number, number, number]>> = {
  sysinfo: [557, 796, 1428],
  'energy-realtime': [20, 49, 101],
  'energy-usage': [169, 174, 913],
  usage: [53, 161, 292],
  'trigger-log': [37, 89, 597],
  'pir-config': [143, 144, 144],
  'ambient-light': [424, 425, 578],
  climate: [1591, 2838, 2838],
  'camera-alarm': [79, 95, 95],
  'detection-config': [75, 121, 216],
  'wifi-scan': [39, 467, 3924],
  children: [53, 2031, 8763],
  discovery: [317, 382, 825],
  schedule: [62, 93, 1768],
  'light-state': [110, 113, 135],
  firmware: [137, 161, 439],
  cloud: [229, 232, 236],
  clock: [54, 74, 142],
  storage: [145, 927, 1066],
  vacuum: [95, 698, 2355]
}

const ALL_REPORTS = [...Object.keys(RECORDED), 'device-info', 'motion', 'contact', 'leak'].sort()

t.test('random: the same seed -> the same sequence, another seed another one', t => {
  const sequence = (seed: string) => Array.from({ length: 50 }, function (this: Random) { return this.next() }, new Random(seed))
  t.same(sequence('a'), sequence('a'))
  t.notSame(sequence('a'), sequence('b'))
  const random = new Random('bounds')
  for (let round = 0; round < 2000; round++) {
    const drawn = random.integer(-3, 3)
    if (drawn < -3 || drawn > 3) t.fail('out of bounds')
  }
  t.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.end()
})

t.test('home: the same seed and number -> the same devices and bytes, whatever else was made', t => {
  const [first] = makeHomes('s', 3)
  t.same(said(first as Home), said(makeHome('s', 1)))
  t.notSame(said(makeHome('s', 1)), said(makeHome('s', 2)))
  t.notSame(said(makeHome('s', 1)), said(makeHome('other', 1)))
  t.same(registryLines(makeHomes('s', 4)), registryLines(makeHomes('s', 4)))
  t.end()
})

t.test('home: many of them -> ids, passwords and accounts that a registry takes', t => {
  const homes = makeHomes('registry', 50)
  const devices = homes.flatMap(home => home.devices)
  t.equal(new Set(devices.map(device => device.device)).size, devices.length, 'device ids are unique')
  t.equal(new Set(devices.map(device => device.clientId)).size, devices.length, 'client ids are unique')
  t.ok(devices.every(device => /^([0-9A-F]{40}|[a-z-]+-\d{4}-\d{2})$/.test(device.device)))
  t.ok(devices.every(device => device.password.length >= 20))
  t.equal(homes[0]?.account, 'home-0001')
  t.same(Object.keys(JSON.parse(registryLines(homes)[0] ?? '')), ['account', 'device', 'password', 'mac'])
  t.ok(accountLines(homes).every(line => ['opt-in', 'opt-out', 'notice'].includes(line.regime) && ['us', 'eu'].includes(line.region)))
  t.end()
})

t.test('registry file: written -> one line for each device, readable by its owner only', async t => {
  const file = `${t.testdir()}/devices.ndjson`
  const homes = makeHomes('file', 2)
  await writeRegistry(file, homes)
  t.equal(readFileSync(file, 'utf8'), registryLines(homes).join('\n') + '\n')
})

t.test('reports: of sixty homes -> every report, JSON objects, sizes near the recorded ones', t => {
  const sizes = new Map<string, number[]>()
  for (const { report, payload } of rounds(makeHomes('sizes', 60), 8)) {
    const value = JSON.parse(payload.toString())
    const known = sizes.get(report)
    if (known) known.push(payload.length)
    else sizes.set(report, [payload.length])
    if (typeof value !== 'object' || value === null || Array.isArray(value)) t.fail(`${report} is no object`)
  }
  t.same([...sizes.keys()].sort(), ALL_REPORTS)
  for (const [report, [least, median, most]] of Object.entries(RECORDED)) {
    const sorted = (sizes.get(report) ?? []).sort((a, b) => a - b)
    const middle = sorted[sorted.length >> 1] ?? 0
    t.ok((sorted[0] ?? 0) >= least * 0.6 && (sorted.at(-1) ?? 0) <= most * 2, `${report}: within bounds`)
    t.ok(middle >= median / 2 && middle <= median * 2 + WRAPPING, `${report}: median of the recorded order`)
  }
  t.end()
})

t.test('samples: made anew -> equal to the files, and their paths hold all that devices send', t => {
  const samples = makeSamples()
  const known = new Map<string, Set<string>>()
  for (const [name, text] of samples) {
    t.equal(readFileSync(`simulators/samples/${name}`, 'utf8'), text, name)
    const report = name.split(/[/.]/)[0] ?? ''
    known.set(report, new Set([...known.get(report) ?? [], ...leafPaths(JSON.parse(text))]))
  }
  t.same([...known.keys()].sort(), ALL_REPORTS)
  const unknown = new Set<string>()
  for (const { report, payload } of rounds(makeHomes('paths', 80), 6)) {
    for (const path of leafPaths(JSON.parse(payload.toString()))) if (!known.get(report)?.has(path)) unknown.add(`${report}${path}`)
  }
  t.same([...unknown], [])
  t.end()
})

t.test('planted: every secret of a home -> found in what its devices send', t => {
  for (const home of makeHomes('planted', 30)) {
    const text = [...rounds([home], ROUNDS)].map(({ payload }) => readable(payload)).join('\n')
    for (const { kind, spellings } of home.planted) {
      if (!spellings.some(spelling => text.includes(spelling))) t.fail(`a planted ${kind} was never sent`)
    }
  }
  t.end()
})

t.test('planted: every address in a report -> is planted', t => {
  const wanted = /(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])|(?<![\d.])192\.168\.\d{1,3}\.\d{1,3}(?!\d)/g
  for (const home of makeHomes('reverse', 40)) {
    const planted = new Set(home.planted.flatMap(secret => secret.spellings))
    for (const { report, payload } of rounds([home], 3)) {
      const found = [...readable(payload).matchAll(wanted)].map(match => match[0])
      if (found.some(text => !planted.has(text))) t.fail(`an address in ${report} is not planted`)
    }
  }
  t.end()
})

t.test('oddities: over many homes -> each way in which devices spell addresses, names, places and times', t => {
  const homes = makeHomes('oddities', 150)
  const devices = homes.flatMap(home => home.devices)
  const text = [...rounds(homes, 4)].map(({ payload }) => payload.toString()).join('\n')
  const oddities: Readonly<Record<string, RegExp>> = {
    'colon MAC': /"mac":"([0-9A-F]{2}:){5}[0-9A-F]{2}"/,
    'dash MAC': /"mac":"([0-9A-F]{2}-){5}[0-9A-F]{2}"/,
    'bare MAC': /"mic_mac":"[0-9A-F]{12}"/,
    neighbors: /"bssid":"[0-9A-F]{12}"/,
    'EUI-64': /"ext_addr":"[0-9A-F]{6}FFFE[0-9A-F]{6}"/,
    'MAC as a key': /"tags":\{"([0-9A-F]{2}:){5}/,
    'MAC in a host name': /http:\/\/shelly-[0-9a-f]{12}\.local/,
    'MAC as bytes': /\{"type":"Buffer","data":\[\d+(,\d+){5}\]\}/,
    'MAC in JSON in a string': /\{\\"mac\\":\\"([0-9A-F]{2}-){5}/,
    SLAAC: /fe80::[0-9a-f:]+ff:fe/,
    'IP in parentheses': /"0\.0\.0\.0 \(192\.168\./,
    'no IP': /"ip":"0"/,
    'MAC tail in a name': /"alias":"TP-LINK_[A-Za-z ]+_[0-9A-F]{4}"/,
    'MAC glued to a word': /_and([0-9A-F]{2}-){5}/,
    'child id as a key': /"child_devices":\{"[0-9A-F]{40}00":/,
    'unset coordinates': /-1879048193/,
    'coordinates in text': /"latitude":"-?\d+\.\d{4}"/,
    'coordinates in degrees': /"latitude":-?\d+\.\d+/,
    'short coordinates': /"la":-?\d+,"lo":-?\d+/,
    'first generation of energy': /"current":[\d.]+,"voltage":[\d.]+,"power":[\d.]+,"total":[\d.]+/,
    'second generation of energy': /"current_ma":\d+,"voltage_mv":\d+,"power_mw":\d+,"total_wh":\d+/,
    'a size of twelve hex digits': /"63862177792B"/,
    'time in text': /"last_alarm_time":"\d{10}"/,
    'local time': /"local_time":"2026-02-0\d \d\d:\d\d:\d\d"/,
    'missing readings': /-1000,-1000/,
    'pairing codes': /"mfi_setup_code":"\d{3}-\d\d-\d{3}"/,
    'serial number': /"board_sn":"\d{12}"/,
    'e-mail': /"username":"[^"]+@/,
    'firmware with a letter': /"1\.4\.3 Build 251128 Rel\.63757n"/,
    'scene name': /"scene_name":"[A-Za-z0-9+/]+=*"/
  }
  for (const [name, pattern] of Object.entries(oddities)) t.match(text, pattern, name)
  t.ok(devices.some(device => /\p{Script=Han}|\p{Script=Hebrew}|\p{Script=Katakana}/u.test(device.identity.name)), 'names in other scripts')
  t.ok(homes.some(home => home.household.neighbors.length > 20), 'a crowded neighborhood')
  t.end()
})

t.test('addresses: spellings of one -> without repetition of a wrong one', t => {
  const spellings = macSpellings('50C7BF0D918C')
  for (const expected of ['50:C7:BF:0D:91:8C', '50-c7-bf-0d-91-8c', '50C7.BF0D.918C', '50C7BFFFFE0D918C', '52c7:bfff:fe0d:918c', 'NTBDN0JGMEQ5MThD']) t.ok(spellings.includes(expected))
  t.end()
})

t.test('agenda: many devices -> in order of time, near the natural rates, motion in bursts and lulls', t => {
  const agenda = new Agenda()
  const device = makeHome('agenda', 1).devices.find(each => each.kind === 'motion-sensor') as SimulatedDevice
  for (const each of makeHome('agenda', 1).devices) agenda.add(each)
  const motions: number[] = []
  let before = 0
  while (agenda.nextMs < 72 * 3_600_000) {
    const due = agenda.take()
    if (due === undefined || due.atMs < before) return t.fail('out of order')
    before = due.atMs
    if (due.act.report === 'motion' && due.device.device === device.device) motions.push(due.atMs)
  }
  const gaps = motions.slice(1).map((at, index) => at - (motions[index] ?? 0))
  t.ok(gaps.some(gap => gap >= 23 * 60_000) && gaps.some(gap => gap <= 35_000))
  t.ok(gaps.every(gap => (gap >= 16_000 && gap <= 35_000) || (gap >= 23 * 60_000 && gap <= 7 * 3_600_000)))
  t.end()
})

function * rounds (homes: readonly Home[], count: number) {
  for (const home of homes) {
    for (const device of home.devices) {
      for (let round = 0; round < count; round++) yield * device.reports(EPOCH_MS, round)
    }
  }
}

/** A payload, and after it what its base64 texts say. */
function readable (payload: Buffer): string {
  const text = payload.toString()
  return [text, ...[...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].map(match => Buffer.from(match[1] ?? '', 'base64').toString())].join('\n')
}

function said (home: Home): string[] {
  return [...rounds([home], 2)].map(({ report, payload }) => `${report} ${payload.toString()}`)
}
