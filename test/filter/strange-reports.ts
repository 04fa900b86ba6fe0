/** Reports as devices send them, and as nobody should: the same seed gives the same ones. */

import { makeHomes } from '../../simulators/home.js'
import { SAMPLE_EPOCH_MS } from '../../simulators/samples.js'
import { samples } from '../fixtures/path.js'
import { byteMutators } from '../fuzz/mutate-bytes.js'
import { mutateJson } from '../fuzz/mutate-json.js'
import type { Random } from '../fuzz/random.js'
import { ENCODINGS, IPV4_SPELLINGS, IPV6_SPELLINGS, MAC_SPELLINGS } from '../guard/spellings.js'
import type { Json } from '../../src/model/json.js'

export interface SentReport {
  readonly report: string
  readonly payload: Buffer
}

export const WORDS = ['"mac":"50C7BF0D918C",', '"ip":"192.168.1.5",', '"device_id":"8019CD0D936C12A665F5A95BD153C01E25CC4BB1",', '"timestamp":1767608430,', '{"', '"}', '[', ']', ',', '\\u0041', '\\ud800', '\\"', '\\/', ' ', '\n', 'null', '1.50', '-0', '1e3', '0.10', '1E-7', '123456789012345678', '"x":1,', '"alias":"Plug 918C",', '"__proto__":1,', '"0":80,', 'é', '\u00ff']
const VALUES: readonly Json[] = [null, true, 0, -0, 1.5, -64, 1e21, 1e-7, 3232235781, 88817263153548, 1767608430, 95, '', 'Plug 918C', '918C', '50C7BF0D918C', '1735996775', '63862177792B', '12', '-88.5380', '2026-01-05 10:20:30', 'motion', 'Wohnzimmer Küche', 'Tm9haCdzIGtpdGNoZW4gZG9vcg==', 'RFZFU185MThDCg==', 'not base64', '\ud800', 'a\nb', 'tab\t', '"quoted"', [], {}, [1, 2, 3, 4], [80, 199, 191, 13, 145, 140], [192, 168, 1, 5], ['80', 'c7', 'bf', '0d', '91', '8c'], { 0: 80, 1: 199 }, { a: 'b' }, 'b95c4725-f911-41b6-8bf0-633ac145537a', 'IOT.SMARTPLUGSWITCH', 'feedbeef', 'Kids Room']

/** What devices send, from two homes' worth of each kind. */
export function sentReports (homes: number, rounds: number): SentReport[] {
  const sent: SentReport[] = []
  for (let round = 0; round < rounds; round++) {
    for (const home of makeHomes('differential', homes)) {
      for (const device of home.devices) sent.push(...device.reports(SAMPLE_EPOCH_MS + round * 60_000, round))
    }
  }
  return sent
}

export function sampleReports (): SentReport[] {
  return samples().map(({ report, json }) => ({ report, payload: Buffer.from(JSON.stringify(json)) }))
}

const MUTATORS = [...byteMutators(WORDS), mutateJson, mutateJson, mutateJson, mutateJson]

/** A report changed in one to four ways: a value, an address in it, its spelling, its bytes. */
export function mutated ({ report, payload }: SentReport, other: SentReport, random: Random): SentReport {
  let changed: Uint8Array = payload
  for (let i = random.below(4); i >= 0; i--) {
    switch (random.below(8)) {
      case 0: changed = random.pick(MUTATORS)(changed, other.payload, random); break
      case 1: changed = random.pick(MUTATORS)(changed, other.payload, random); break
      case 2: changed = withValue(changed, () => random.pick(VALUES), random); break
      case 3: changed = withValue(changed, () => random.pick(VALUES), random); break
      case 4: changed = withValue(changed, old => planted(typeof old === 'string' ? old : '', random), random); break
      case 5: changed = withValue(changed, old => typeof old === 'number' ? old * random.pick([10, -1, 0.001, 1e6, 1.1, 1e15]) : typeof old === 'string' ? old + random.pick([' ', '1', 'é', '\u200b', '918C', ':']) : old, random); break
      case 6: changed = respelled(changed, random); break
      case 7: changed = withValue(changed, old => [old, old, old].slice(random.below(3)), random); break
    }
  }
  return { report, payload: Buffer.from(changed) }
}

function planted (old: string, random: Random): string {
  const bytes = [...random.bytes(16)]
  const spelled = random.pick([
    () => random.pick(Object.values(MAC_SPELLINGS))(bytes.slice(0, 6)),
    () => random.pick(Object.values(IPV4_SPELLINGS))(bytes.slice(0, 4)),
    () => random.pick(Object.values(IPV6_SPELLINGS))([0x20, 1, ...bytes.slice(2)])
  ])()
  return `${random.chance(2) ? old : ''}${random.chance(2) ? spelled : random.pick(Object.values(ENCODINGS))(spelled)}`
}

function withValue (payload: Uint8Array, change: (old: Json) => Json, random: Random): Uint8Array {
  const json = read(payload)
  if (json === undefined) return payload
  const leaves = countLeaves(json.value)
  let left = random.below(leaves)
  const walk = (value: Json): Json => {
    if (typeof value !== 'object' || value === null) return left-- === 0 ? change(value) : value
    if (Array.isArray(value)) return value.map(walk)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]))
  }
  return Buffer.from(JSON.stringify(walk(json.value)))
}

function countLeaves (json: Json): number {
  if (typeof json !== 'object' || json === null) return 1
  return Object.values(json).reduce<number>((sum, inner) => sum + countLeaves(inner), 0)
}

/** The same JSON in another spelling: spaces, escapes, numbers with zeros behind them. */
function respelled (payload: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(payload).toString('utf8')
  switch (random.below(4)) {
    case 0: return Buffer.from(text.replace(/[,:{[]/g, sign => random.chance(4) ? `${sign} ` : sign))
    case 1: return Buffer.from(text.replace(/[a-z]/g, char => random.chance(60) ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char))
    case 2: return Buffer.from(text.replace(/(?<=[:,])(\d+)(?=[,}])/g, number => random.chance(4) ? `${number}.0` : number))
    default: return Buffer.from(text.replace(/(?<=\.)(\d+)(?=[,}\]])/g, digits => random.chance(2) ? `${digits}0` : digits))
  }
}

function read (payload: Uint8Array): { value: Json } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(payload).toString('utf8')) as Json }
  } catch {
    return undefined
  }
}
