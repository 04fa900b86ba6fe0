import t from 'tap'
import fc from 'fast-check'
import { KnownAddressCollector, type KnownAddresses } from '../../src/guard/known.js'
import { release, releaseNotice, restore, type Released } from '../../src/guard/release.js'
import { address, ENCODINGS, mac, MAC_SPELLINGS, benign, RUNS } from './spellings.js'
import type { Draft, DraftEntry, DraftLeaf, DraftNode } from '../../src/model/draft.js'
import type { Json, Scalar } from '../../src/model/json.js'
import type { SuppressedReason } from '../../src/model/reasons.js'

const MAC = '50:C7:BF:0D:91:8C'
const ID = 'ghijklmnopqrstuvwxyzghijklmnop'

type Marks = Partial<Pick<DraftLeaf, 'suppressed' | 'freeText' | 'numeric' | 'encoding'>>

function leaf (value: Scalar, marks: Marks = {}): DraftLeaf {
  return { kind: 'leaf', value, suppressed: undefined, freeText: false, numeric: false, field: undefined, decision: undefined, ...marks }
}

const gone = (reason: SuppressedReason = 'not-allowed'): DraftLeaf => leaf(null, { suppressed: reason })

function object (entries: Record<string, DraftNode> | [key: string | DraftLeaf, node: DraftNode][]): DraftNode {
  const list = Array.isArray(entries) ? entries : Object.entries(entries)
  return { kind: 'object', entries: list.map(([key, node]): DraftEntry => ({ key: typeof key === 'string' ? leaf(key) : key, node })) }
}

function array (...items: DraftNode[]): DraftNode {
  return { kind: 'array', items }
}

function nodeOf (json: Json): DraftNode {
  if (Array.isArray(json)) return array(...json.map(nodeOf))
  return typeof json === 'object' && json !== null ? object(Object.entries(json).map(([key, value]): [string, DraftNode] => [key, nodeOf(value)])) : leaf(json)
}

function draftOf (data: DraftNode, parts: Partial<Draft> = {}): Draft {
  return { recipient: 'product-analytics', report: 'motion', device: gone(), time: gone(), data, notice: '1.3', policy: 'ggg', ...parts }
}

function knownOf (...texts: string[]): KnownAddresses {
  const collector = new KnownAddressCollector()
  for (const text of texts) collector.add(text, { numeric: false })
  return collector.known()
}

function released (data: DraftNode, known = knownOf(), parts: Partial<Draft> = {}): Released {
  return release(draftOf(data, parts), known, ID)
}

function textOf (outcome: Released): string {
  return 'disclosure' in outcome ? Buffer.from(outcome.disclosure.bytes).toString('utf8') : outcome.withheld
}

function dataOf (outcome: Released): unknown {
  return 'disclosure' in outcome ? (JSON.parse(textOf(outcome)) as { data: unknown }).data : outcome.withheld
}

t.test('release: a draft -> the envelope, its members in order', async t => {
  const data = object({ event: leaf('motion'), ip: leaf('192.168.1.5') })
  const outcome = released(data, knownOf(), { device: leaf('kkkk'), time: leaf('2026-01-05T10:15:00.000Z') })
  t.equal(textOf(outcome), `{"id":"${ID}","recipient":"product-analytics","report":"motion","device":"kkkk","time":"2026-01-05T10:15:00.000Z","data":{"event":"motion"},"notice":"1.3","policy":"ggg"}`)
  t.match(outcome, { disclosure: { id: ID, recipient: 'product-analytics', report: 'motion' } })
  t.ok('disclosure' in outcome && Object.isFrozen(outcome.disclosure))
})

t.test('release: device and time that hold an address -> left out, the rest leaves', async t => {
  const outcome = released(object({ event: leaf('motion') }), knownOf(), { device: leaf('plug_50C7BF0D918C'), time: leaf('10.0.0.1') })
  t.equal(textOf(outcome), `{"id":"${ID}","recipient":"product-analytics","report":"motion","data":{"event":"motion"},"notice":"1.3","policy":"ggg"}`)
})

const SHAPES: [situation: string, data: () => DraftNode, left: Json][] = [
  ['nothing suppressed', () => nodeOf({ a: [1, 'b', { c: true }], d: { e: 0 } }), { a: [1, 'b', { c: true }], d: { e: 0 } }],
  ['a suppressed field', () => object({ a: gone(), b: leaf(1) }), { b: 1 }],
  ['a suppressed scalar of an array', () => object({ a: array(leaf(1), gone(), leaf(3)), b: leaf(1) }), { b: 1 }],
  ['a suppressed scalar amid containers', () => object({ a: array(gone(), object({ c: leaf(1) })), b: leaf(1) }), { b: 1 }],
  ['an array of objects, one of them empty now', () => object({ a: array(object({ c: gone() }), object({ c: leaf(2) })) }), { a: [{ c: 2 }] }],
  ['containers left empty', () => object({ a: array(object({ c: gone() })), b: object({ d: object({ e: gone() }) }), f: leaf(1) }), { f: 1 }],
  ['containers empty from the start', () => nodeOf({ a: [], b: {}, c: [[], {}], f: 1 }), { f: 1 }],
  ['an array in an array', () => object({ a: array(array(leaf(1), gone()), array(leaf(2))) }), { a: [[2]] }],
  ['a suppressed key', () => object([[leaf('x', { suppressed: 'not-allowed' }), object({ a: leaf(1) })], ['b', leaf(2)]]), { b: 2 }],
  ['an address as a key', () => object({ tags: object({ [MAC]: object({ rssi: leaf(-60) }), lamp: leaf(1) }) }), { tags: { lamp: 1 } }],
  ['an address in an array', () => object({ a: array(leaf('lamp'), leaf(MAC)), b: leaf(1) }), { b: 1 }],
  ['all suppressed', () => object({ a: gone(), b: array(gone()) }), 'nothing-left'],
  ['data that is one suppressed scalar', () => gone(), 'nothing-left'],
  ['data that is one scalar', () => leaf(5), 5],
  ['null and numbers that JSON does not know', () => object({ a: leaf(null), b: leaf(Number.NaN), c: leaf(-0), d: leaf(Infinity) }), { c: 0 }],
  ['base64', () => object({ name: leaf('Emma’s lamp', { encoding: 'base64' }), mac: leaf(`x ${MAC}`, { encoding: 'base64' }) }), { name: Buffer.from('Emma’s lamp').toString('base64') }],
  ['keys made equal', () => object([['a', leaf(1)], ['a', leaf(2)]]), { a: 1 }],
  ['keys made equal, nothing left of the first', () => object([['a', object({ b: gone() })], ['a', leaf(2)], [gone(), leaf(3)], ['null', leaf(4)]]), { a: 2, null: 4 }]
]

t.test('release: shapes', async t => {
  for (const [situation, data, left] of SHAPES) t.strictSame(dataOf(released(data())), left, situation)
})

t.test('release: what goes -> marked with the reason', async t => {
  const inArray = leaf(1)
  const inContainer = leaf(2)
  const underKey = leaf(3)
  const found = leaf(MAC)
  const keyFound = leaf(MAC)
  released(object([['a', array(inArray, gone(), object({ c: inContainer }))], [keyFound, underKey], ['b', found], [gone('rule'), leaf(4)]]))
  t.strictSame([inArray, inContainer, underKey, found, keyFound].map(marked => marked.suppressed), ['array', 'array', 'address', 'address', 'address'])
})

t.test('release: keys such as __proto__ -> plain keys', async t => {
  const data = object([['__proto__', object({ polluted: leaf(true) })], ['constructor', leaf('x')], ['toString', leaf(1)], ['hasOwnProperty', leaf(2)]])
  const text = textOf(released(data))
  t.match(text, '"data":{"__proto__":{"polluted":true},"constructor":"x","toString":1,"hasOwnProperty":2}')
  t.notOk('polluted' in {})
  t.equal(textOf(released(object([['__proto__', leaf(MAC)], ['b', leaf(1)]]))).includes('__proto__'), false)
})

t.test('release: bytes and integers of a known address -> suppressed', async t => {
  const known = knownOf(MAC, '192.168.1.5')
  const bytes = [0x50, 0xc7, 0xbf, 0x0d, 0x91, 0x8c]
  const data = nodeOf({ a: bytes, b: { type: 'Buffer', data: bytes }, c: [192, 168, 1, 5], d: 3232235781, e: 0x50c7bf0d918c, f: bytes.map(byte => byte.toString(16).padStart(2, '0')), g: [1, ...bytes, 2], h: [1, 2, 3, 4], i: 'id50C7BF0D918C00' })
  t.strictSame(dataOf(released(data, known)), { b: { type: 'Buffer' }, h: [1, 2, 3, 4] })
  t.strictSame(dataOf(released(nodeOf({ a: bytes, d: 3232235781 }))), { a: bytes, d: 3232235781 }, 'not known')
})

t.test('release: bytes of a known address with a container between them -> suppressed', async t => {
  const data = object({ a: array(leaf(0x50), leaf(0xc7), leaf(0xbf), object({ x: gone() }), leaf(0x0d), leaf(0x91), leaf(0x8c)), b: leaf(1) })
  t.strictSame(dataOf(released(data, knownOf(MAC))), { b: 1 })
})

t.test('release: a known address in pieces of one array, or of members numbered like one -> suppressed', async t => {
  const hex = '50C7BF0D918C'
  const bytes = [0x50, 0xc7, 0xbf, 0x0d, 0x91, 0x8c]
  const pieces: Record<string, Json> = {
    decimals: bytes.map(String),
    signed: bytes.map(byte => byte > 127 ? byte - 256 : byte),
    digits: [...hex],
    quads: hex.match(/.{4}/g)!,
    halves: hex.match(/.{6}/g)!,
    marked: hex.match(/../g)!.map(pair => `\\x${pair}`),
    parted: ['50 C7', 'BF 0D', '91 8C'],
    unpadded: ['50', 'C7', 'BF', 'd', '91', '8C'],
    octets: ['192', '168', '1', '5'],
    signedOctets: [-64, -88, 1, 5],
    dotted: ['192.', '168.', '1.', '5'],
    typed: Object.fromEntries(bytes.entries()),
    typedText: Object.fromEntries(hex.match(/../g)!.entries())
  }
  t.strictSame(dataOf(released(nodeOf({ ...pieces, event: 'motion' }), knownOf(MAC, '192.168.1.5'))), { event: 'motion' })
  t.strictSame(dataOf(released(nodeOf(pieces))), pieces, 'not known')
})

t.test('release: tails of a known MAC -> suppressed in free text only', async t => {
  const data = object({ a: leaf('Power Strip_918C', { freeText: true }), b: leaf('Rel.918C'), c: leaf('Strip 918C', { freeText: true, encoding: 'base64' }) })
  t.strictSame(dataOf(released(data, knownOf(MAC))), { b: 'Rel.918C' })
})

t.test('release: text that is a number by its type -> leaves if it is spelled as one and known to nobody', async t => {
  const data = (): DraftNode => object({
    size: leaf('63862177792B', { numeric: true }),
    again: leaf('63862177792B', { numeric: true }),
    encoded: leaf('63862177792B', { numeric: true, encoding: 'base64' }),
    text: leaf('63862177792B'),
    lie: leaf(MAC, { numeric: true }),
    lieToo: leaf('50C7BF0D918C', { numeric: true })
  })
  const left = { size: '63862177792B', again: '63862177792B', encoded: Buffer.from('63862177792B').toString('base64') }
  t.strictSame(dataOf(released(data())), left)
  t.strictSame(dataOf(released(data(), knownOf('63:86:21:77:79:2B'))), 'nothing-left')
  const outcome = released(data())
  t.ok('disclosure' in outcome && restore(outcome.disclosure))
})

/** A leaf that shows the first look something else than the second: another value after some reads. */
function turncoat (marks: Marks, value: Scalar, reads: number): DraftLeaf {
  const shifty = leaf('', marks)
  let left = reads
  Object.defineProperty(shifty, 'value', { get: () => left-- > 0 ? 'lamp' : value })
  return shifty
}

t.test('second look: an address that the first look did not see -> guard-alarm', async t => {
  const honest = { event: leaf('motion') }
  t.equal(textOf(released(object(honest), knownOf(), { recipient: `to ${MAC}` })), 'guard-alarm', 'outside of the leaves')
  t.equal(textOf(released(object(honest), knownOf(), { notice: '1.2.3.4' })), 'guard-alarm')
  t.equal(textOf(release(draftOf(object(honest)), knownOf(), '50c7bf0d918c')), 'guard-alarm', 'in the id')
  const shifty: [situation: string, marks: Marks, value: Scalar][] = [
    ['a leaf that changes', {}, MAC],
    ['a number that comes later', {}, 3232235781],
    ['text that did not pass as a number', { numeric: true }, '63862177792B']
  ]
  for (const [situation, marks, value] of shifty) {
    const texts = [1, 2, 3, 4, 5].map(reads => textOf(released(object({ a: turncoat(marks, value, reads) }), knownOf('192.168.1.5'))))
    t.ok(texts.includes('guard-alarm'), situation)
  }
})

t.test('restore: what release gave -> a disclosure again', async t => {
  const outcome = released(nodeOf({ event: 'motion', size: 12 }))
  if (!('disclosure' in outcome)) return t.fail()
  const { id, recipient, report, bytes } = outcome.disclosure
  t.strictSame({ ...restore({ id, recipient, report, bytes }) }, { id, recipient, report, bytes })
  const other = (change: (envelope: Record<string, unknown>) => void): Uint8Array => {
    const envelope = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>
    change(envelope)
    return Buffer.from(JSON.stringify(envelope))
  }
  const deep = Buffer.from(Buffer.from(bytes).toString().replace('{"event":"motion","size":12}', `${'['.repeat(50_000)}"${MAC}"${']'.repeat(50_000)}`))
  const bad: [string, Parameters<typeof restore>[0]][] = [
    ['another id', { id: 'g', recipient, report, bytes }],
    ['another recipient', { id, recipient: 'x', report, bytes }],
    ['another report', { id, recipient, report: 'x', bytes }],
    ['no JSON', { id, recipient, report, bytes: bytes.slice(1) }],
    ['no UTF-8', { id, recipient, report, bytes: Buffer.concat([bytes, Buffer.from([0xff])]) }],
    ['two lines', { id, recipient, report, bytes: Buffer.concat([bytes, Buffer.from('\n')]) }],
    ['no envelope', { id, recipient, report, bytes: Buffer.from('[]') }],
    ['null', { id, recipient, report, bytes: Buffer.from('null') }],
    ['a foreign member', { id, recipient, report, bytes: other(envelope => { envelope.account = 'a' }) }],
    ['a missing member', { id, recipient, report, bytes: other(envelope => { delete envelope.data }) }],
    ['an address', { id, recipient, report, bytes: other(envelope => { envelope.data = { x: [MAC] } }) }],
    ['an address as a key', { id, recipient, report, bytes: other(envelope => { envelope.data = { [MAC]: 1 } }) }],
    ['an address very deep', { id, recipient, report, bytes: deep }]
  ]
  for (const [situation, stored] of bad) t.equal(restore(stored), undefined, situation)
})

const marks = fc.record({
  freeText: fc.boolean(),
  numeric: fc.boolean(),
  encoding: fc.constantFrom(undefined, 'base64' as const),
  suppressed: fc.constantFrom(undefined, undefined, undefined, 'not-allowed' as const)
})

/** Any draft at all, with the given texts at leaves, keys and the envelope. */
function drafts (text: fc.Arbitrary<string>): fc.Arbitrary<Draft> {
  const scalar = fc.oneof({ weight: 3, arbitrary: text }, fc.integer(), fc.boolean(), fc.double({ noNaN: true }))
  const { node } = fc.letrec<{ node: DraftNode, leaf: DraftLeaf }>(tie => ({
    leaf: fc.tuple(scalar, marks).map(([value, flags]) => leaf(value, flags)),
    node: fc.oneof({ maxDepth: 3, depthSize: 'small' },
      tie('leaf'),
      fc.array(tie('node'), { maxLength: 4 }).map(items => array(...items)),
      fc.array(fc.tuple(fc.tuple(fc.oneof(text, fc.string()), marks).map(([key, flags]) => leaf(key, { ...flags, encoding: undefined })), tie('node')), { maxLength: 4 }).map(object)
    )
  }))
  return fc.record({ data: node, device: fc.tuple(text, marks), time: fc.tuple(text, marks) })
    .map(({ data, device, time }) => draftOf(object({ data, event: leaf('motion') }), { device: leaf(...device), time: leaf(...time) }))
}

/** All texts of a JSON, and what base64 in them stands for; another way than the finder's. */
function textsOf (json: Json): string[] {
  if (typeof json === 'object' && json !== null) return Object.entries(json).flatMap(([key, value]) => [...textsOf(key), ...textsOf(value)])
  const text = String(json)
  return [text, Buffer.from(text, 'base64').toString('utf8'), Buffer.from(Buffer.from(text, 'base64').toString('utf8'), 'base64').toString('utf8')]
}

function squeezed (text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[^0-9a-z]/g, '')
}

t.test('INVARIANT: no address of the first column, and no known address of the second, leaves, whatever the configuration', async t => {
  const encodings = Object.values(ENCODINGS)
  const planted = fc.tuple(address, fc.constantFrom(...encodings)).map(([text, encode]) => encode(text))
  fc.assert(fc.property(fc.gen(), g => {
    const secrets = [g(() => planted), g(() => planted)]
    const draft = g(drafts, fc.oneof(fc.constantFrom(...secrets), benign))
    const text = textOf(release(draft, knownOf(), ID))
    return secrets.every(secret => !text.includes(JSON.stringify(secret).slice(1, -1)) && !text.includes(Buffer.from(secret).toString('base64')))
  }), { numRuns: RUNS })
  fc.assert(fc.property(mac, fc.gen(), (bytes, g) => {
    const hex = MAC_SPELLINGS.bare!(bytes)
    const spellings = [hex, `801c${hex}0123`, `and${hex}`, hex.split('').join(' '), hex.split('').join('.'), String(Number.parseInt(hex, 16)), `x-${hex.slice(0, 5)}-${hex.slice(5)}ab`, ...Object.values(MAC_SPELLINGS).map(spell => spell(bytes))]
    const draft = g(drafts, fc.oneof(fc.constantFrom(...spellings, ...spellings.map(text => Buffer.from(text).toString('base64'))), benign))
    const outcome = release(draft, knownOf(MAC_SPELLINGS.colons!(bytes)), ID)
    if (!('disclosure' in outcome)) return true
    const texts = textsOf(JSON.parse(textOf(outcome)) as Json)
    return texts.every(text => !squeezed(text).includes(hex) && !text.includes(String(Number.parseInt(hex, 16))))
  }), { numRuns: RUNS })
  fc.assert(fc.property(mac, fc.boolean(), (bytes, wrapped) => {
    const data = nodeOf({ a: wrapped ? { type: 'Buffer', data: bytes } : bytes, n: Number.parseInt(MAC_SPELLINGS.bare!(bytes), 16), event: 'motion' })
    const left = dataOf(release(draftOf(data), knownOf(MAC_SPELLINGS.dashes!(bytes)), ID)) as Record<string, unknown>
    return left.n === undefined && !JSON.stringify(left).includes(bytes.join(','))
  }), { numRuns: RUNS })
  t.pass('held')
})

t.test('release: benign drafts -> leave byte for byte, and restore as they are', async t => {
  const { json } = fc.letrec<{ json: Json }>(tie => ({
    json: fc.oneof({ maxDepth: 3 }, benign, fc.integer(), fc.boolean(), fc.array(tie('json'), { minLength: 1, maxLength: 4 }), fc.dictionary(fc.constantFrom('event', 'name', 'rssi', 'on'), tie('json'), { minKeys: 1 }))
  }))
  fc.assert(fc.property(json, data => {
    const outcome = released(nodeOf(data), knownOf(MAC, '10.0.0.7'))
    return 'disclosure' in outcome && JSON.stringify(dataOf(outcome)) === JSON.stringify(data) && restore(outcome.disclosure) !== undefined
  }), { numRuns: RUNS })
  t.pass('held')
})

t.test('erasure notice: names of devices -> an envelope under the reserved name, and the same again from disk', async t => {
  const notice = { id: ID, recipient: 'product-analytics', devices: ['ghij', 'plug-1'], notice: '1.3', policy: 'ggg' }
  const disclosure = releaseNotice(notice, knownOf())
  t.equal(Buffer.from(disclosure?.bytes ?? []).toString(), `{"id":"${ID}","recipient":"product-analytics","report":"erasure","data":{"devices":["ghij","plug-1"]},"notice":"1.3","policy":"ggg"}`)
  t.same(disclosure && restore(disclosure), disclosure)
})

t.test('INVARIANT: an erasure notice with an address of the first column, or a known one -> is not made', async t => {
  const noticeOf = (name: string) => ({ id: ID, recipient: 'product-analytics', devices: ['ghij', name], notice: '1.3', policy: 'ggg' })
  fc.assert(fc.property(address, text => releaseNotice(noticeOf(text), knownOf()) === undefined), { numRuns: RUNS })
  const longer = '80' + MAC.replaceAll(':', '') + 'F0'.repeat(13)
  t.not(releaseNotice(noticeOf(longer), knownOf()), undefined)
  t.equal(releaseNotice(noticeOf(longer), knownOf(MAC)), undefined)
})
