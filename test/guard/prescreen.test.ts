/** The prescreen against the finder: what it calls clear is clear, whichever texts an adversary or a device thinks of. */

import t from 'tap'
import fc from 'fast-check'
import { addressesIn, findsAddress, isWorthSearching, type Found } from '../../src/guard/finder.js'
import { KnownAddressCollector } from '../../src/guard/known.js'
import { COUNTS } from '../../src/guard/byte-classes.js'
import { classesOf, CLEAR, MAYBE, prescreen, QUIET, STILL } from '../../src/guard/prescreen.js'
import { isNobody, plainIpv4, plainMac } from '../../src/guard/plain-address.js'
import { KnownIndex } from '../../src/guard/known-index.js'
import { OwnCollector, ownOf, type OwnAddresses } from '../../src/guard/own-addresses.js'
import { isAnswered, questionsOfText } from '../../src/guard/questions.js'
import { addressesOf } from '../../src/guard/raw-facts.js'
import { quickLevel } from '../../src/guard/quick-screen.js'
import { spellIpv4 } from '../../src/guard/spell-ip.js'
import { parseMac } from '../../src/parse-mac.js'
import { TextMemory } from '../../src/guard/text-memory.js'
import { address, benign, ENCODINGS, ipv4, ipv6, mac, RUNS } from './spellings.js'
import type { FingerprintLookup } from '../../src/guard/known.js'

const COUNT = RUNS * 20
const NOBODY: FingerprintLookup = { hasMac: () => false, hasIp: () => false, hasTail: () => false }
/** An answer of yes to whatever is asked: the worst that can be known. */
const EVERYBODY: FingerprintLookup = { hasMac: () => true, hasIp: () => true, hasTail: () => true }

const hexOf = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength })
const signs = fc.constantFrom('', ':', '-', '_', ' ', '.', ' - ', ', ', '/', ' . ', '[.]', '::', ' dot ', 'x', '0x', '://', 'T', 'Z', 'n', '+', '"', '=', '(', ').', ' colon ')
const group = fc.oneof(hexOf('0123456789', 1, 5), hexOf('0123456789abcdef', 1, 5), hexOf('0123456789ABCDEF', 2, 17), hexOf('0123456789', 6, 21), hexOf('ghKLmnopQRstuvwxyzAB', 1, 9))
/** Groups and signs in a row: near every spelling there is, and mostly none of them. */
const chained = fc.array(fc.tuple(group, signs), { minLength: 1, maxLength: 9 }).map(parts => parts.flat().join(''))
const time = fc.tuple(fc.nat(9999), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99), fc.constantFrom(' ', 'T')).map(([y, mo, d, h, mi, s, by]) => `${pad(y, 4)}-${pad(mo, 2)}-${pad(d, 2)}${by}${pad(h, 2)}:${pad(mi, 2)}:${pad(s, 2)}`)
/** Bytes of which much is text, spelled in hex and base64: decoding them gives text now and then. */
const halfText = fc.array(fc.oneof(fc.nat(255), fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x30, max: 0x3a })), { minLength: 4, maxLength: 30 }).map(bytes => Buffer.from(bytes))
const encoded = fc.tuple(halfText, fc.constantFrom('hex' as const, 'base64' as const, 'base64url' as const), fc.boolean()).map(([bytes, as, bare]) => bare ? bytes.toString(as).replace(/=+$/, '') : bytes.toString(as))
const mutated = fc.tuple(address, fc.nat(40), fc.constantFrom('', 'x', '0', ':', '.', ' ', '-', 'g'), fc.nat(3)).map(([text, at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut))
const wrappedAddress = fc.tuple(address, fc.constantFrom(...Object.values(ENCODINGS))).map(([text, encode]) => encode(text))
const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
const uuid = fc.tuple(fc.uuid({ version: 4 }), fc.boolean()).map(([id, isDecimal]) => isDecimal ? id.replace(/[a-f]/g, '7').replace(/^(.{19})./, '$18') : id)
const named = fc.array(fc.constantFrom('Kids', 'Room', 'feed', 'bead', 'Lamp', '1.', '2', '24', 'A1', 'SMART.TAPOSENSOR', 'IOT.SMARTBULB', 'HS110(US)', 'Europe/London', 'point', 'salon'), { minLength: 1, maxLength: 4 }).map(words => words.join(' '))
/** What members are named: letters and a few signs. */
const word = fc.array(fc.constantFrom(...'abcdefgABCxyz_-+/.: 0()[]{}', 'fdad', 'fe', 'fd', '[colon]', '(dot)', '{ colon }', ' colon ', '[colon][colon]', ' dot ', '.ipv6-literal.net', '--', 's1'), { minLength: 1, maxLength: 10 }).map(parts => parts.join(''))
const texts = fc.oneof(chained, chained, time, encoded, mutated, wrappedAddress, benign, ascii, uuid, named, fc.tuple(named, chained).map(parts => parts.join(' ')))

function pad (number: number, length: number): string {
  return String(number).padStart(length, '0')
}

/** What a report holds: printable, as it stands in JSON; what needs a backslash there is not the prescreen's. */
function levelOf (text: string): number {
  const bytes = Buffer.from(text)
  return JSON.stringify(text) === `"${text}"` ? prescreen(bytes, 0, bytes.length, classesOf(bytes, 0, bytes.length)) : MAYBE
}

t.test('INVARIANT: what the prescreen calls clear, the finder finds no address of the first tier in', async t => {
  const seen = [0, 0, 0, 0]
  fc.assert(fc.property(texts, text => {
    const level = levelOf(text)
    seen[level]!++
    return level === MAYBE || addressesIn(text).length === 0
  }), { numRuns: COUNT })
  t.ok(seen.every(count => count > COUNT / 100), `all four answers were given: ${seen.map(count => count > 0)}`)
})

t.test('INVARIANT: what the prescreen calls quiet, the finder finds no known address in, whichever are known', async () => {
  fc.assert(fc.property(texts, text => {
    const level = levelOf(text)
    if (level <= CLEAR) return true
    const asked = (freeText: boolean): boolean => isWorthSearching(text, freeText) && (questionsOfText(text, freeText).isTold || questionsOfText(text, freeText).questions !== undefined)
    return !asked(false) && (level === QUIET || (level === STILL && !asked(true)))
  }), { numRuns: COUNT })
})

function quickOf (text: string): number {
  const bytes = Buffer.from(text)
  return quickLevel(classesOf(bytes, 0, bytes.length), bytes.reduce((sum, byte) => sum + COUNTS[byte]!, 0), bytes.length)
}

t.test('INVARIANT: what the quick screen calls still or quiet, the prescreen calls no less', async t => {
  const seen = [0, 0, 0, 0]
  fc.assert(fc.property(fc.oneof(texts, word), text => {
    if (JSON.stringify(text) !== `"${text}"`) return true
    const quick = quickOf(text)
    seen[quick]!++
    if (quick === MAYBE) return true
    const asks = (freeText: boolean): boolean => isWorthSearching(text, freeText) && questionsOfText(text, freeText).questions !== undefined
    return levelOf(text) >= quick && addressesIn(text).length === 0 && !asks(false) && (quick === QUIET || !asks(true))
  }), { numRuns: COUNT * 2 })
  for (const text of ['fdad[colon][colon]b', 'fdad(colon)(colon)b', 'fdad colon  colon b']) t.equal(quickOf(text), MAYBE, 'a colon in words is one')
  t.ok(seen[MAYBE]! > COUNT / 100 && seen[QUIET]! > COUNT / 100 && seen[STILL]! > COUNT / 100, `${seen.join()}`)
})

t.test('questions: a text searched once -> the same verdict as a search of its own, for every set of known addresses', async t => {
  const known = fc.array(fc.oneof(mac.map(bytes => ({ kind: 'mac' as const, canonical: Buffer.from(bytes).toString('hex') })), ipv4.map(bytes => ({ kind: 'ip' as const, canonical: bytes.join('.') })), ipv6.map(bytes => addressesIn(Buffer.from(bytes).toString('hex').match(/.{4}/g)!.join(':'))[0]!)), { minLength: 1, maxLength: 4 })
  const spelled = fc.tuple(known, fc.nat(3), chained, fc.nat(6)).map(([found, at, around, form]) => {
    const { canonical } = found[at % found.length]!
    const hex = canonical.replace(/[^0-9a-f]/g, '')
    const forms = [canonical, `f${hex}f`, hex.slice(-4), hex.match(/../g)?.join(' . ') ?? '', Buffer.from(hex, 'hex').toString('base64'), String(Number.parseInt(hex.slice(-12), 16)), `x${hex.slice(-6)}`]
    return { found, text: `${around}${forms[form]}` }
  })
  let hits = 0
  fc.assert(fc.property(spelled, fc.boolean(), fc.constantFrom(NOBODY, NOBODY, EVERYBODY), ({ found, text }, freeText, registry) => {
    const collector = new KnownAddressCollector()
    for (const address of found) collector.know(address)
    const expected = findsAddress(text, { known: collector.known(registry), freeText, numeric: false })
    const asked = new TextMemory().ofText(text).asked(freeText)
    const told = [asIndex(found), asNumbers(found), gathered(found)].map(own => asked.isTold || (asked.questions !== undefined && isAnswered(asked.questions, own, registry)))
    if (expected) hits++
    return told.every(verdict => verdict === expected)
  }), { numRuns: COUNT / 4 })
  t.ok(hits > COUNT / 40, 'many hold one')
})

function asIndex (found: readonly Found[]): OwnAddresses {
  const index = new KnownIndex()
  for (const address of found) index.add(address)
  return { indexes: found.length === 0 ? [] : [index], macs: [], ipv4s: [] }
}

/** As the filter gathers what the finder found. */
function gathered (found: readonly Found[]): OwnAddresses {
  const own = new OwnCollector()
  own.add(ownOf(found))
  return own
}

/** What the filter keeps as numbers. */
function asNumbers (found: readonly Found[]): OwnAddresses {
  const read = found.map(one => ({ one, bytes: Buffer.from(one.canonical) })).map(({ one, bytes }) => ({ one, mac: plainMac(bytes, 0, bytes.length), ipv4: plainIpv4(bytes, 0, bytes.length) }))
  return {
    ...asIndex(read.filter(({ mac, ipv4 }) => mac < 0 && ipv4 < 0).map(({ one }) => one)),
    macs: read.flatMap(({ mac }) => mac < 0 || isNobody(mac) ? [] : [mac]),
    ipv4s: read.flatMap(({ ipv4 }) => ipv4 < 0 ? [] : [ipv4])
  }
}

t.test('plain addresses: what is read as one -> is all that the finder finds, with no extra work', async t => {
  const separators = fc.constantFrom('', ':', '-', '_', '.')
  const pairs = fc.array(fc.oneof(fc.nat(255).map(byte => byte.toString(16).padStart(2, '0')), fc.nat(99).map(byte => pad(byte, 2)), fc.nat(99).map(byte => String(byte + 0x20))), { minLength: 6, maxLength: 6 })
  const near = fc.oneof(fc.tuple(pairs, separators, fc.boolean()).map(([hex, by, upper]) => upper ? hex.join(by).toUpperCase() : hex.join(by)), ipv4.map(bytes => bytes.join('.')), fc.array(fc.nat(300), { minLength: 3, maxLength: 5 }).map(parts => parts.join('.')), mutated)
  let read = 0
  fc.assert(fc.property(near, text => {
    const bytes = Buffer.from(text)
    const mac = plainMac(bytes, 0, bytes.length)
    const value = plainIpv4(bytes, 0, bytes.length)
    if (mac < 0 && value < 0) return true
    read++
    const expected = mac >= 0 ? { kind: 'mac', canonical: mac.toString(16).padStart(12, '0') } : { kind: 'ip', canonical: spellIpv4(value) }
    const { found, extra, isTooMuch } = addressesOf(text)
    const isMeant = parseMac(text) === (mac >= 0 ? expected.canonical : undefined)
    return found.length === 1 && found[0]?.kind === expected.kind && found[0].canonical === expected.canonical && extra === 0 && !isTooMuch && isMeant
  }), { numRuns: COUNT })
  t.ok(read > COUNT / 10)
})

t.test('memory: texts that are asked for again, more of them than it holds -> always the facts of that very text', async () => {
  const memory = new TextMemory()
  fc.assert(fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), list => [...list, ...list].every(text => memory.ofText(text).value === text)), { numRuns: RUNS })
})
