/** The parts of the gate, against mqtt-packet: what it passes on, that parser reads in the same way; what that parser refuses, it refuses. */

import t from 'tap'
import { PassThrough, Writable } from 'node:stream'
import fc from 'fast-check'
import { generate, parser, type Packet } from 'mqtt-packet'
import { Allowance, Allowances } from '../../src/broker/gate/allowance.js'
import { BufferBudget, type Holder } from '../../src/broker/gate/buffer-budget.js'
import { checkPacket } from '../../src/broker/gate/check-packet.js'
import { PacketCutter } from '../../src/broker/gate/packet-cutter.js'
import { PacketFollower } from '../../src/broker/gate/packet-follower.js'
import { Rounds } from '../../src/broker/gate/rounds.js'
import { WayOut } from '../../src/broker/gate/way-out.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const LIMITS = { maxPacketBytes: 4096, maxConnectBytes: 2048 }

const text = fc.string({ unit: 'binary', maxLength: 24 }).map(string => string.replaceAll('\0', 'x'))
const topic = text.map(string => string.replaceAll(/[+#]/g, '/') || 't')
const filter = fc.array(fc.oneof(fc.constant('+'), topic), { minLength: 1, maxLength: 4 }).chain(levels => fc.constantFrom(levels.join('/'), [...levels, '#'].join('/'), '#'))
const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))
const messageId = fc.integer({ min: 1, max: 65_535 })
const qos = fc.constantFrom(0, 1, 2)
const will = fc.record({ topic, payload: bytes, qos, retain: fc.boolean() })
const connect = fc.record({
  cmd: fc.constant('connect'),
  protocol: fc.constantFrom({ protocolId: 'MQTT', protocolVersion: 4 }, { protocolId: 'MQIsdp', protocolVersion: 3 }),
  clean: fc.constant(true),
  clientId: text.map(string => string || 'c'),
  keepalive: fc.integer({ min: 0, max: 65_535 }),
  will: fc.option(will, { nil: undefined }),
  login: fc.option(fc.record({ username: text.map(string => string || 'u'), password: fc.option(bytes.filter(({ length }) => length > 0), { nil: undefined }) }), { nil: undefined })
}).map(({ protocol, login, will, ...rest }) => ({ ...rest, ...protocol, ...(will !== undefined && { will }), ...login }))
const publish = fc.record({ cmd: fc.constant('publish'), topic, payload: bytes, qos, messageId, dup: fc.boolean(), retain: fc.boolean() }).map(packet => ({ ...packet, dup: packet.dup && packet.qos > 0 }))
const later = fc.oneof(
  publish,
  fc.record({ cmd: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), messageId }),
  fc.record({ cmd: fc.constant('subscribe'), messageId, subscriptions: fc.array(fc.record({ topic: filter, qos }), { minLength: 1, maxLength: 3 }) }),
  fc.record({ cmd: fc.constant('unsubscribe'), messageId, unsubscriptions: fc.array(filter, { minLength: 1, maxLength: 3 }) }),
  fc.constantFrom({ cmd: 'pingreq' }, { cmd: 'disconnect' })
)
const fromClient = fc.tuple(connect, fc.array(later, { maxLength: 6 })).map(([first, rest]) => [first, ...rest] as Packet[])
const fromBroker = fc.array(fc.oneof(
  publish,
  fc.record({ cmd: fc.constant('connack'), returnCode: fc.integer({ min: 0, max: 5 }), sessionPresent: fc.boolean() }),
  fc.record({ cmd: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp', 'unsuback'), messageId }),
  fc.record({ cmd: fc.constant('suback'), messageId, granted: fc.array(fc.constantFrom(0, 1, 2, 128), { minLength: 1, maxLength: 4 }) }),
  fc.constant({ cmd: 'pingresp' })
), { maxLength: 8 }) as fc.Arbitrary<Packet[]>
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 })

/** The stream in pieces of these lengths, over and over. */
function * pieces (stream: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < stream.length; i++) {
    const length = lengths[i % lengths.length] ?? 1
    yield stream.subarray(at, at + length)
    at += length
  }
}

interface Passed {
  readonly packets: Buffer[]
  readonly reason: string | undefined
  /** Never more memory held than twice the bytes that wait, and a little. */
  readonly isFrugal: boolean
}

/** What a gate lets through of a stream, without its bounds. Pieces are spoiled once they were fed, as far as they may be. */
function passed (chunks: Iterable<Buffer>, limits = LIMITS): Passed {
  const cutter = new PacketCutter(limits)
  const packets: Buffer[] = []
  let isFrugal = true
  for (const chunk of chunks) {
    cutter.feed(Buffer.from(chunk))
    for (;;) {
      const whole = cutter.peek()
      if (typeof whole === 'string') return { packets, reason: whole, isFrugal }
      if (!whole) break
      const reason = checkPacket(cutter.bytes, cutter.first, cutter.body, cutter.packetEnd)
      if (reason !== undefined) return { packets, reason, isFrugal }
      cutter.accept()
      packets.push(Buffer.from(cutter.take()!))
    }
    cutter.take()
    isFrugal &&= cutter.heldBytes <= 2 * cutter.waitingBytes + 64
  }
  return { packets, reason: undefined, isFrugal }
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}

/** What mqtt-packet makes of a stream: its packets until it finds an error. */
function parsed (stream: Buffer): { packets: Packet[], failed: boolean } {
  const packets: Packet[] = []
  const parsing = parser()
  let failed = false
  parsing.on('packet', packet => { if (!failed) packets.push(packet) })
  parsing.on('error', () => { failed = true })
  try {
    parsing.parse(stream)
  } catch {
    failed = true
  }
  return { packets, failed }
}

t.test('gate: packets of a client, cut anyhow -> each passes whole and unchanged', async () => {
  fc.assert(fc.property(fromClient, cuts, (packets, lengths) => {
    const whole = packets.map(packet => generate(packet))
    const result = passed(pieces(Buffer.concat(whole), lengths))
    const read = parsed(Buffer.concat(result.packets)).packets
    return result.reason === undefined && result.isFrugal &&
      result.packets.length === whole.length && whole.every((packet, i) => result.packets[i]?.equals(packet)) &&
      read.length === packets.length && read.every(({ cmd }, i) => cmd === packets[i]?.cmd)
  }), { numRuns: RUNS })
})

t.test('gate: packets of a client, cut in two at every byte -> each passes whole and unchanged', async () => {
  fc.assert(fc.property(fromClient, packets => {
    const stream = Buffer.concat(packets.map(packet => generate(packet)))
    for (let at = 0; at <= stream.length; at++) {
      const result = passed([stream.subarray(0, at), stream.subarray(at)])
      if (result.reason !== undefined || !Buffer.concat(result.packets).equals(stream)) return false
    }
    return passed(pieces(stream, [1])).packets.length === packets.length
  }), { numRuns: Math.ceil(RUNS / 4) })
})

/** A byte set, taken out, put in, or doubled. */
const mutation = fc.record({ kind: fc.constantFrom('set', 'out', 'in', 'bit'), at: fc.nat(), byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 0x10, 0x30, 0x36, 0x80, 0xc0, 0xed, 0xff)) })

function mutated (stream: Buffer, mutations: readonly { kind: string, at: number, byte: number }[]): Buffer {
  return mutations.reduce((current, { kind, at, byte }) => {
    const place = at % (current.length + 1)
    const [before, after] = [current.subarray(0, place), current.subarray(kind === 'in' ? place : place + 1)]
    const changed = kind === 'out' || kind === 'in' ? [] : [kind === 'bit' ? (current[place] ?? 0) ^ (1 << (byte & 7)) : byte]
    return Buffer.concat([before, Buffer.from(kind === 'in' ? [byte] : changed), after])
  }, stream)
}

t.test('gate: mutated packets -> the same verdict however they are cut, and what passes mqtt-packet reads to the same bounds without an error', async t => {
  let [refused, passedOn] = [0, 0]
  fc.assert(fc.property(fromClient, fc.array(mutation, { minLength: 1, maxLength: 4 }), cuts, (packets, mutations, lengths) => {
    const stream = mutated(Buffer.concat(packets.map(packet => generate(packet))), mutations)
    const whole = passed([stream])
    const cut = passed(pieces(stream, lengths))
    if (whole.reason === undefined) passedOn++
    else refused++
    const readable = whole.packets.every(packet => {
      const { packets, failed } = parsed(packet)
      return !failed && packets.length === 1
    })
    // mqtt-packet refuses some by the first byte of their header, where the gate waits until they are whole
    const refusedByItOnly = parsed(stream).failed && whole.reason === undefined && wholePackets(stream) > whole.packets.length
    return cut.reason === whole.reason && Buffer.concat(cut.packets).equals(Buffer.concat(whole.packets)) && readable && !refusedByItOnly
  }), { numRuns: 3 * RUNS })
  t.ok(refused > RUNS / 10 && passedOn > RUNS / 10, 'both were tried')
})

/** How many packets of a stream are whole, by their lengths alone. */
function wholePackets (stream: Buffer): number {
  let count = 0
  for (let at = 0; at < stream.length;) {
    let length = 0
    let i = 1
    for (; i <= 4 && at + i < stream.length; i++) {
      const byte = stream.readUInt8(at + i)
      length += (byte & 0x7f) * 2 ** (7 * (i - 1))
      if (byte < 0x80) break
    }
    if (at + i >= stream.length && length === 0) return count
    at += i + 1 + length
    if (at <= stream.length) count++
  }
  return count
}

/** A packet by hand: the first byte, the body; the length in between. */
function packet (first: number, ...body: (number | string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(body.map(part => typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part as string)))
  return Buffer.concat([Buffer.from([first, ...(bytes.length < 128 ? [bytes.length] : [bytes.length % 128 | 0x80, bytes.length >> 7])]), bytes])
}

function field (content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

const NAME = field('MQTT')

t.test('gate: what MQTT 3.1.1 has no packet for -> refused, with the reason', async t => {
  const id = Buffer.from([0, 1])
  const rows: [string, Buffer, string | undefined][] = [
    ['CONNECT', packet(0x10, NAME, 4, 2, 0, 60, field('c')), undefined],
    ['CONNECT 3.1', packet(0x10, field('MQIsdp'), 3, 2, 0, 60, field('c')), undefined],
    ['CONNECT, header flags', packet(0x11, NAME, 4, 2, 0, 60, field('c')), 'malformed-packet'],
    ['CONNECT, another protocol', packet(0x10, field('MQTX'), 4, 2, 0, 60, field('c')), 'malformed-packet'],
    ['CONNECT, MQTT 5', packet(0x10, NAME, 5, 2, 0, 60, 0, field('c')), 'protocol-version'],
    ['CONNECT, a bridge', packet(0x10, NAME, 0x84, 2, 0, 60, field('c')), 'protocol-version'],
    ['CONNECT, reserved flag', packet(0x10, NAME, 4, 3, 0, 60, field('c')), 'malformed-packet'],
    ['CONNECT, will QoS 3', packet(0x10, NAME, 4, 0x1e, 0, 60, field('c'), field('t'), field('')), 'malformed-packet'],
    ['CONNECT, will QoS without will', packet(0x10, NAME, 4, 0x0a, 0, 60, field('c')), 'malformed-packet'],
    ['CONNECT, will retain without will', packet(0x10, NAME, 4, 0x22, 0, 60, field('c')), 'malformed-packet'],
    ['CONNECT, empty will topic', packet(0x10, NAME, 4, 0x06, 0, 60, field('c'), field(''), field('x')), 'malformed-packet'],
    ['CONNECT, NUL in will topic', packet(0x10, NAME, 4, 0x06, 0, 60, field('c'), field('a\0'), field('x')), 'malformed-packet'],
    ['CONNECT, password without user name', packet(0x10, NAME, 4, 0x42, 0, 60, field('c'), field('p')), 'malformed-packet'],
    ['CONNECT, user name missing', packet(0x10, NAME, 4, 0x82, 0, 60, field('c')), 'malformed-packet'],
    ['CONNECT, NUL in user name', packet(0x10, NAME, 4, 0x82, 0, 60, field('c'), field('u\0')), 'malformed-packet'],
    ['CONNECT, NUL in password', packet(0x10, NAME, 4, 0xc2, 0, 60, field('c'), field('u'), field('\0')), undefined],
    ['CONNECT, NUL in client id', packet(0x10, NAME, 4, 2, 0, 60, field('\0')), 'malformed-packet'],
    ['CONNECT, something behind it', packet(0x10, NAME, 4, 2, 0, 60, field('c'), 0), 'malformed-packet'],
    ['CONNECT, cut short', packet(0x10, NAME, 4, 2, 0), 'malformed-packet'],
    ['CONNECT, no level', packet(0x10, NAME), 'malformed-packet'],
    ['CONNECT, empty', packet(0x10), 'malformed-packet'],
    ['PUBLISH', packet(0x30, field('t'), 'x'), undefined],
    ['PUBLISH, no payload', packet(0x30, field('t')), undefined],
    ['PUBLISH, QoS 3', packet(0x36, field('t'), id), 'malformed-packet'],
    ['PUBLISH, DUP at QoS 0', packet(0x38, field('t'), 'x'), 'malformed-packet'],
    ['PUBLISH, DUP at QoS 1', packet(0x3a, field('t'), id), undefined],
    ['PUBLISH, packet id 0', packet(0x32, field('t'), 0, 0), 'malformed-packet'],
    ['PUBLISH, packet id cut', packet(0x32, field('t'), 0), 'malformed-packet'],
    ['PUBLISH, empty topic', packet(0x30, field(''), 'x'), 'malformed-packet'],
    ['PUBLISH, topic cut', packet(0x30, 0, 9, 't'), 'malformed-packet'],
    ['PUBLISH, nothing', packet(0x30), 'malformed-packet'],
    ['PUBLISH, NUL', packet(0x30, field('t\0'), 'x'), 'malformed-packet'],
    ['PUBLISH, overlong', packet(0x30, field(Buffer.from([0x61, 0xc0, 0xaf]))), 'malformed-packet'],
    ['PUBLISH, overlong NUL', packet(0x30, field(Buffer.from([0xc0, 0x80]))), 'malformed-packet'],
    ['PUBLISH, surrogate', packet(0x30, field(Buffer.from([0xed, 0xa0, 0x80]))), 'malformed-packet'],
    ['PUBLISH, pair of surrogates', packet(0x30, field(Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]))), 'malformed-packet'],
    ['PUBLISH, beyond Unicode', packet(0x30, field(Buffer.from([0xf4, 0x90, 0x80, 0x80]))), 'malformed-packet'],
    ['PUBLISH, cut character', packet(0x30, field(Buffer.from([0xe2, 0x82]))), 'malformed-packet'],
    ['PUBLISH, four bytes', packet(0x30, field('😀')), undefined],
    ['PUBLISH, byte order mark', packet(0x30, field('\ufefft')), undefined],
    ['PUBLISH, wildcards', packet(0x30, field('a/+')), 'wildcard'],
    ['PUBLISH, wildcard', packet(0x30, field('a/#')), 'wildcard'],
    ['PUBACK', packet(0x40, id), undefined],
    ['PUBACK, flags', packet(0x42, id), 'malformed-packet'],
    ['PUBACK, too long', packet(0x40, id, 0), 'malformed-packet'],
    ['PUBACK, empty', packet(0x40), 'malformed-packet'],
    ['PUBREL', packet(0x62, id), undefined],
    ['PUBREL, flags', packet(0x60, id), 'malformed-packet'],
    ['PUBREC, packet id 0', packet(0x50, 0, 0), 'malformed-packet'],
    ['SUBSCRIBE', packet(0x82, id, field('a/+/b'), 1, field('+'), 0, field('#'), 2, field('a/#'), 0, field('/'), 0), undefined],
    ['SUBSCRIBE, flags', packet(0x80, id, field('a'), 1), 'malformed-packet'],
    ['SUBSCRIBE, nothing', packet(0x82, id), 'malformed-packet'],
    ['SUBSCRIBE, QoS 3', packet(0x82, id, field('a'), 3), 'malformed-packet'],
    ['SUBSCRIBE, reserved bits', packet(0x82, id, field('a'), 4), 'malformed-packet'],
    ['SUBSCRIBE, QoS missing', packet(0x82, id, field('a')), 'malformed-packet'],
    ['SUBSCRIBE, empty filter', packet(0x82, id, field(''), 0), 'malformed-packet'],
    ['SUBSCRIBE, second filter malformed', packet(0x82, id, field('a'), 0, field('b\0'), 0), 'malformed-packet'],
    ['SUBSCRIBE, # not last', packet(0x82, id, field('a/#/b'), 0), 'malformed-packet'],
    ['SUBSCRIBE, # within a level', packet(0x82, id, field('a#'), 0), 'malformed-packet'],
    ['SUBSCRIBE, + behind text', packet(0x82, id, field('a+'), 0), 'malformed-packet'],
    ['SUBSCRIBE, + before text', packet(0x82, id, field('+a'), 0), 'malformed-packet'],
    ['SUBSCRIBE, packet id 0', packet(0x82, 0, 0, field('a'), 0), 'malformed-packet'],
    ['UNSUBSCRIBE', packet(0xa2, id, field('a'), field('b/#')), undefined],
    ['UNSUBSCRIBE, nothing', packet(0xa2, id), 'malformed-packet'],
    ['UNSUBSCRIBE, flags', packet(0xa0, id, field('a')), 'malformed-packet'],
    ['PINGREQ', packet(0xc0), undefined],
    ['PINGREQ, flags', packet(0xc1), 'malformed-packet'],
    ['PINGREQ, content', packet(0xc0, 0), 'malformed-packet'],
    ['DISCONNECT', packet(0xe0), undefined],
    ['DISCONNECT, content', packet(0xe0, 0), 'malformed-packet'],
    ['DISCONNECT, flags', packet(0xe2), 'malformed-packet'],
    ['type 0', packet(0x00), 'malformed-packet'],
    ['type 15', packet(0xf0), 'malformed-packet'],
    ['CONNACK', packet(0x20, 0, 0), 'unexpected-packet'],
    ['SUBACK', packet(0x90, id, 0), 'unexpected-packet'],
    ['PINGRESP', packet(0xd0), 'unexpected-packet'],
    ['length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), 'malformed-packet'],
    ['longer than allowed', Buffer.from([0x30, 0x81, 0x20]), 'packet-too-large'],
    ['longer than allowed, by an unfinished length', Buffer.from([0x30, 0xff, 0xff]), 'packet-too-large'],
    ['as long as allowed', Buffer.from([0x30, 0x80, 0x20]), undefined],
    ['CONNECT longer than allowed', Buffer.from([0x10, 0x81, 0x10]), 'packet-too-large'],
    ['CONNECT as long as allowed', Buffer.from([0x10, 0x80, 0x10]), undefined]
  ]
  for (const [name, bytes, expected] of rows) {
    t.equal(passed([bytes]).reason, expected, name)
    t.equal(passed(pieces(bytes, [1])).reason, expected, `${name}, byte by byte`)
  }
})

t.test('gate: a large packet, a byte at a time -> memory follows what came, not what was announced', async t => {
  const cutter = new PacketCutter({ maxPacketBytes: 1 << 20, maxConnectBytes: 1 << 16 })
  const large = generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(500_000), qos: 0, dup: false, retain: false })
  for (let at = 0; at < 3000; at++) {
    cutter.feed(large.subarray(at, at + 1))
    if (cutter.peek() !== false) t.fail('not whole yet')
    cutter.take()
    if (cutter.heldBytes > 2 * cutter.waitingBytes + 64) t.fail(`${cutter.heldBytes} held for ${cutter.waitingBytes}`)
  }
  cutter.feed(large.subarray(3000))
  t.equal(cutter.peek(), true)
  cutter.accept()
  t.ok(cutter.take()?.equals(large))
  t.equal(cutter.heldBytes, 0)
})

t.test('gate: packets of the broker, cut anyhow -> all are seen, CONNACK with its code', async () => {
  const types: Partial<Record<Packet['cmd'], number>> = { connack: 2, publish: 3, puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, suback: 9, unsuback: 11, pingresp: 13 }
  fc.assert(fc.property(fromBroker, cuts, (packets, lengths) => {
    const stream = Buffer.concat(packets.map(packet => generate(packet)))
    return [pieces(stream, lengths), pieces(stream, [1]), [stream]].every(chunks => {
      const seen: [number, number][] = []
      const follower = new PacketFollower()
      for (const chunk of chunks) follower.feed(chunk, (type, lastByte) => seen.push([type, lastByte]))
      return seen.length === packets.length && packets.every((packet, i) => {
        const [type, lastByte] = seen[i] ?? []
        return type === types[packet.cmd] && (packet.cmd !== 'connack' || lastByte === packet.returnCode)
      })
    })
  }), { numRuns: RUNS })
})

t.test('way out: written in any pieces to a socket of any pace -> the same bytes in the same order, counted until they have left', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 30 }), fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), async (chunks, pauses) => {
    const arrived: Buffer[] = []
    const socket = new PassThrough({ highWaterMark: 1 })
    const way = new WayOut(socket, () => {})
    const expected = Buffer.concat(chunks)
    const all = new Promise<void>(resolve => {
      if (expected.length === 0) return resolve()
      socket.on('data', (chunk: Buffer) => {
        arrived.push(chunk)
        if (Buffer.concat(arrived).length === expected.length) resolve()
      })
    })
    socket.pause()
    for (const [i, chunk] of chunks.entries()) {
      // a write that is changed afterwards, as the broker's buffers may be, must not change what is stored
      way.write(Buffer.from(chunk))
      if (pauses[i]) await new Promise(resolve => setImmediate(resolve))
    }
    socket.resume()
    await all
    await new Promise(resolve => setImmediate(resolve))
    return Buffer.concat(arrived).equals(expected) && way.unsentBytes === 0
  }), { numRuns: Math.ceil(RUNS / 4) })
})

t.test('way out: a socket that takes nothing -> all that waits is counted, in pieces of 64 KiB at most', async t => {
  const pieces: number[] = []
  const accept: (() => void)[] = []
  const socket = new Writable({ write (chunk: Buffer, _encoding, done) { pieces.push(chunk.length); accept.push(done) } })
  let sent = 0
  const way = new WayOut(socket as unknown as PassThrough, () => { sent++ })
  way.write(Buffer.alloc(100_000))
  way.write(Buffer.alloc(50_000))
  t.equal(way.unsentBytes, 150_000)
  while (accept.length > 0) {
    accept.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(way.unsentBytes, 0)
  t.equal(sent, pieces.length)
  t.equal(pieces.reduce((sum, length) => sum + length), 150_000)
  t.ok(pieces.every(length => length <= 65_536))
})

t.test('budget: more than the bound -> the oldest go, strangers first, and never more than needed', async t => {
  const gone: string[] = []
  const budget = new BufferBudget(100)
  const holder = (name: string): Holder => ({ evict () { gone.push(name) } })
  const [known, old, young] = [holder('known'), holder('old'), holder('young')]
  budget.holds(known, 40, true)
  budget.holds(old, 30, false)
  budget.holds(young, 30, false)
  t.strictSame(gone, [])
  budget.holds(old, 20, false)
  budget.holds(young, 45, false)
  t.strictSame(gone, ['old'])
  t.equal(budget.bytes, 85)
  budget.holds(known, 60, true)
  t.strictSame(gone, ['old', 'young'])
  budget.holds(old, 10, false)
  budget.holds(old, 10, true)
  budget.holds(young, 40, true)
  t.strictSame(gone, ['old', 'young', 'known'], 'who has authenticated is no stranger any more')
  t.strictSame([...budget.holders()], [old, young])
  budget.holds(old, 0, true)
  budget.holds(young, 0, true)
  t.equal(budget.bytes, 0)
  t.strictSame([...budget.holders()], [])
})

t.test('budget: any sequence -> never above the bound, and the sum is what is held', async () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(50), fc.boolean()), { maxLength: 60 }), steps => {
    const budget = new BufferBudget(120)
    const held = new Map<number, number>()
    const holders = Array.from({ length: 10 }, (_, i): Holder => ({ evict () { held.delete(i) } }))
    return steps.every(([i, bytes, isKnown]) => {
      held.set(i, bytes)
      budget.holds(holders[i]!, bytes, isKnown)
      return budget.bytes <= 120 && budget.bytes === [...held.values()].reduce((sum, n) => sum + n, 0)
    })
  }), { numRuns: RUNS })
})

t.test('rounds: a burst of one -> each of the others gets its step after one of the burst\'s', async t => {
  const rounds = new Rounds()
  const order: string[] = []
  const slow = (): void => { const until = performance.now() + 1; while (performance.now() < until); }
  let left = 20
  rounds.enter({ step () { slow(); order.push('burst'); return --left > 0 } })
  t.strictSame(order, ['burst'], 'the first step is taken at once, and the time of the turn is used up')
  for (const name of ['a', 'b']) rounds.enter({ step () { order.push(name); return false } })
  await until(() => left === 0)
  t.strictSame(order.slice(0, 4), ['burst', 'burst', 'a', 'b'])
  t.equal(order.length, 22)
  const quick: number[] = []
  rounds.enter({ step () { quick.push(1); return false } })
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  t.equal(quick.length, 1)
})

t.test('rounds: many cheap steps -> a turn ends all the same', async t => {
  const rounds = new Rounds()
  let steps = 0
  rounds.enter({ step () { return ++steps < 1000 } })
  t.ok(steps <= 64)
  await until(() => steps === 1000)
  t.equal(steps, 1000)
})

t.test('rounds: a runner that has had enough of the turn -> one step in each, whoever else waits or not', async t => {
  const rounds = new Rounds()
  const turns: number[] = []
  const hog = { step (): 'next-turn' | false { turns.push(rounds.turn); return turns.length < 5 ? 'next-turn' : false } }
  rounds.enter(hog)
  rounds.enter(hog)
  t.equal(turns.length, 1, 'to be entered again does not help')
  let others = 0
  rounds.enter({ step () { others++; return others < 3 } })
  t.equal(others, 3, 'the turn goes on for others')
  await until(() => turns.length === 5)
  t.equal(new Set(turns).size, 5)
  const gone = { step (): 'next-turn' { turns.push(-1); return 'next-turn' } }
  rounds.enter(gone)
  rounds.leave(gone)
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  t.equal(turns.filter(turn => turn === -1).length, 1, 'who leaves has no further step')
})

t.test('allowance: any moments -> never more in any stretch than its rate and a second\'s worth', async t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(400), { maxLength: 200 }), (perSecond, waits) => {
    const allowance = new Allowance(perSecond, 0)
    const takenMs: number[] = []
    let nowMs = 0
    for (const wait of waits) {
      nowMs += wait
      if (allowance.take(nowMs)) takenMs.push(nowMs)
    }
    return takenMs.every((from, i) => takenMs.slice(i).every((to, n) => n + 1 <= perSecond + (to - from) * perSecond / 1000 + 1e-6))
  }), { numRuns: RUNS })
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.constant('answer' as const), fc.nat(1 << 20)))), packets => {
    const allowance = new Allowance(1, 0)
    let [nowMs, spent] = [0, 0]
    for (const [wait, cost] of packets) {
      nowMs += wait
      if (!allowance.takeOther(cost, nowMs)) continue
      // a packet may go below none, so it is what was spent before it that is bounded
      if (spent > 1000 + nowMs) return false
      spent += cost === 'answer' ? 1 / 16 : 1 + cost / 64
    }
    return true
  }), { numRuns: RUNS })
  const all = new Allowances(10)
  const first = all.join('d', 0)
  for (let i = 0; i < 10; i++) t.ok(first.take(0))
  first.users--
  all.sweep(500)
  t.equal(all.join('d', 500), first, 'coming back gains nothing')
  first.users--
  all.sweep(2000)
  t.equal(all.size, 0)
})
