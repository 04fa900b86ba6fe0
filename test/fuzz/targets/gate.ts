/**
 * The gate: however a stream of a client is cut, the same packets pass, none of them above its bound, and the parser of the
 * broker reads each of them without an error, as one packet.
 */

import assert from 'node:assert/strict'
import { parser, type Packet } from 'mqtt-packet'
import { checkPacket } from '../../../src/broker/gate/check-packet.js'
import { PacketCutter } from '../../../src/broker/gate/packet-cutter.js'
import { PacketFollower } from '../../../src/broker/gate/packet-follower.js'
import { byteMutators } from '../mutate-bytes.js'
import { mutateMqtt } from '../mutate-mqtt.js'
import { Random } from '../random.js'
import type { Target } from '../target.js'

const LIMITS = { maxPacketBytes: 600, maxConnectBytes: 200 }

export const gate: Target = {
  name: 'gate',
  sources: /\/src\/broker\/gate\//,
  mutators: [...byteMutators(['\u0000\u0004MQTT\u0004', '\u0000\u0006MQIsdp\u0003', '\u0000\u0003a/#', '\u0000\u0000', '\u00ed\u00a0\u0080', '\u00c0\u0080', '\u00ff\u00ff\u00ff\u007f', '\u0080\u0000']), mutateMqtt, mutateMqtt, mutateMqtt],
  maxBytes: 2048,
  isLinear: true,
  open: async () => ({ attempt })
}

interface Passed {
  readonly packets: Buffer[]
  readonly reason: string | undefined
}

function attempt (input: Uint8Array): void {
  const stream = Buffer.from(input)
  const whole = pass([stream])
  assert.deepEqual(pass([...stream].map(byte => Buffer.of(byte))), whole, 'byte by byte')
  assert.deepEqual(pass(pieces(stream)), whole, 'in pieces')
  for (const packet of whole.packets) judge(packet)
  judgeFollower(whole.packets)
}

/** As the gate goes about it: cut, check, accept, take. */
function pass (chunks: readonly Buffer[]): Passed {
  const cutter = new PacketCutter(LIMITS)
  const packets: Buffer[] = []
  for (const chunk of chunks) {
    if (chunk.length === 0) continue
    cutter.feed(chunk)
    const reason = passWhole(cutter, packets)
    if (reason !== undefined) return { packets, reason }
  }
  return { packets, reason: undefined }
}

function passWhole (cutter: PacketCutter, packets: Buffer[]): string | undefined {
  for (;;) {
    const whole = cutter.peek()
    if (typeof whole === 'string') return whole
    if (!whole) return undefined
    const reason = checkPacket(cutter.bytes, cutter.first, cutter.body, cutter.packetEnd)
    if (reason !== undefined) return reason
    cutter.accept()
    packets.push(Buffer.from(cutter.take() ?? []))
  }
}

function judge (packet: Buffer): void {
  const type = packet.readUInt8(0) >> 4
  assert(packet.length <= (type === 1 ? LIMITS.maxConnectBytes : LIMITS.maxPacketBytes) + 5, 'larger than its bound')
  const read: Packet[] = []
  const parsing = parser({ protocolVersion: 4 })
  parsing.on('packet', one => read.push(one))
  parsing.on('error', () => { throw new Error(`the parser refuses what the gate let pass, type ${type}`) })
  assert.equal(parsing.parse(packet), 0, `the parser has bytes left, type ${type}`)
  assert.equal(read.length, 1, `${read.length} packets in one, type ${type}`)
}

/** What goes out is followed by the same lengths. */
function judgeFollower (packets: readonly Buffer[]): void {
  const types: number[] = []
  const follower = new PacketFollower()
  for (const piece of pieces(Buffer.concat(packets))) follower.feed(piece, type => { types.push(type) })
  assert.deepEqual(types, packets.map(packet => packet.readUInt8(0) >> 4), 'followed otherwise')
}

function pieces (stream: Buffer): Buffer[] {
  const random = new Random(stream.length)
  const cut: Buffer[] = []
  for (let at = 0; at < stream.length;) {
    const end = at + 1 + random.below(random.chance(3) ? 100 : 4)
    cut.push(stream.subarray(at, end))
    at = end
  }
  return cut
}
