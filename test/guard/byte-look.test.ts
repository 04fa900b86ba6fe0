/** The second look over bytes against the second look: what it calls clear holds nothing, whichever addresses are known. */

import t from 'tap'
import fc from 'fast-check'
import { ByteLook } from '../../src/guard/byte-look.js'
import type { Found } from '../../src/guard/finder.js'
import { KnownAddressCollector, type FingerprintLookup } from '../../src/guard/known.js'
import { LevelMemory } from '../../src/guard/level-memory.js'
import { OwnCollector, ownOf } from '../../src/guard/own-addresses.js'
import { prescreen } from '../../src/guard/prescreen.js'
import { secondLook } from '../../src/guard/second-look.js'
import { TextLevels } from '../../src/guard/text-levels.js'
import { TextMemory } from '../../src/guard/text-memory.js'
import { windowOf } from '../../src/guard/words.js'
import { address, benign, ENCODINGS, ipv4, mac, RUNS } from './spellings.js'

const COUNT = RUNS * 10
const NOBODY: FingerprintLookup = { hasMac: () => false, hasIp: () => false, hasTail: () => false, isEmpty: true }
const SOME: FingerprintLookup = { hasMac: hex => hex.charCodeAt(11) % 3 === 0, hasIp: ip => ip.length % 3 === 0, hasTail: () => false }

const found: fc.Arbitrary<Found> = fc.oneof(
  mac.map(bytes => ({ kind: 'mac' as const, canonical: Buffer.from(bytes).toString('hex') })),
  fc.nat(2 ** 32 - 1).map(value => ({ kind: 'mac' as const, canonical: value.toString(16).padStart(12, '0') })),
  ipv4.map(bytes => ({ kind: 'ip' as const, canonical: bytes.join('.') })),
  mac.map(bytes => ({ kind: 'mac' as const, canonical: Buffer.from([...bytes, 7, 9]).toString('hex') })),
  fc.constant({ kind: 'ip' as const, canonical: 'fe80::1234:5678' })
)

/** The forms in which a known address may stand as numbers or text, whole and in part, signed and turned around. */
function formsOf ({ kind, canonical }: Found): unknown[] {
  const bytes = kind === 'mac' ? [...Buffer.from(canonical, 'hex')] : canonical.split('.').map(Number).filter(byte => !Number.isNaN(byte))
  const value = bytes.slice(0, 6).reduce((sum, byte) => sum * 256 + byte, 0)
  const signed = bytes.map(byte => byte > 127 ? byte - 256 : byte)
  return [bytes, signed, [300, ...bytes, -200], [...bytes, true, 1, 2], [1, 2, ...bytes], [...bytes, ...bytes], [bytes.map(String)], bytes.map(byte => byte.toString(16)), value, -value, value - 2 ** 32, -value - 0.5, value + 0.25, value * 10, { a: bytes }, String(value), canonical, canonical.slice(-6), bytes.join(', ')]
}

const plain = fc.oneof(benign, fc.nat(300), fc.integer({ min: -200, max: 2 ** 33 }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.array(fc.nat(260), { maxLength: 9 }), address, fc.tuple(address, fc.constantFrom(...Object.values(ENCODINGS))).map(([text, encode]) => encode(text)))

t.test('INVARIANT: what the look over bytes calls clear, the second look finds nothing in', async t => {
  const memory = new TextMemory()
  const look = new ByteLook(memory, new TextLevels())
  let clear = 0
  let held = 0
  fc.assert(fc.property(fc.array(found, { maxLength: 3 }), fc.array(plain, { maxLength: 4 }), fc.nat(18), fc.nat(5), fc.constantFrom(NOBODY, NOBODY, SOME), (known, parts, form, at, registry) => {
    const forms = known.length === 0 ? [] : [formsOf(known[at % known.length]!)[form]]
    const text = JSON.stringify({ id: 'ghijk', data: [...parts, ...forms], device: { x: forms[0] ?? 1, y: parts[0] ?? [] } })
    const own = new OwnCollector()
    own.add(ownOf(known))
    const collector = new KnownAddressCollector()
    for (const one of known) collector.know(one)
    const window = windowOf(Buffer.from(text))
    const isClear = look.isClear(window, Buffer.byteLength(text), { own, registry }, undefined)
    const isHeld = secondLook(text, collector.known(registry), new Map())
    if (isClear) clear++
    if (isHeld) held++
    return !isClear || !isHeld
  }), { numRuns: COUNT })
  t.ok(clear > COUNT / 20, `${clear} clear of ${COUNT}`)
  t.ok(held > COUNT / 20, `${held} held one of ${COUNT}`)
})

t.test('memory of levels: texts asked for again and again, more of them than it holds -> always the level of that very text', async t => {
  let screened = 0
  const memory = new LevelMemory((bytes, start, end, classes) => { screened++; return prescreen(bytes, start, end, classes) })
  const texts = Array.from({ length: 60_000 }, (_, i) => `${i.toString(7)}-${'Ab:9.'.charAt(i % 5)}${(i * 7919).toString(i % 30 + 2)}`)
  const levels = (): number[] => texts.map(text => {
    const { bytes, view } = windowOf(Buffer.from(text))
    return memory.at(bytes, view, 0, text.length, 4)
  })
  const own = texts.map(text => prescreen(Buffer.from(text), 0, text.length, 4))
  t.strictSame(levels(), own)
  t.strictSame(levels(), own)
  t.ok(screened < 2 * texts.length, 'some were remembered')
  memory.forget()
  t.strictSame(levels(), own)
})
