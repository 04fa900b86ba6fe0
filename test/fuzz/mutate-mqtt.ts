/** Changes of a stream of MQTT packets: whole packets moved, copied and dropped, their headers, flags and lengths altered. */

import { generate, type Packet } from 'mqtt-packet'
import type { Mutator } from './mutate-bytes.js'
import type { Random } from './random.js'

const WHOLE: readonly Uint8Array[] = ([
  { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'c', keepalive: 60, username: 'D', password: Buffer.from('p'), will: { topic: 'a/b', payload: Buffer.from('w'), qos: 1, retain: true } },
  { cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clean: true, clientId: 'c', keepalive: 0 },
  { cmd: 'publish', topic: 'kasa/A/D/motion', payload: '{"event":"motion"}', qos: 0, dup: false, retain: false },
  { cmd: 'publish', topic: 'a', payload: 'x', qos: 1, dup: true, retain: true, messageId: 7 },
  { cmd: 'publish', topic: 'ключ/é', payload: '', qos: 2, dup: false, retain: false, messageId: 65535 },
  { cmd: 'puback', messageId: 1 },
  { cmd: 'pubrel', messageId: 2 },
  { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'a/+/#', qos: 1 }, { topic: '+', qos: 0 }] },
  { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/#'] },
  { cmd: 'pingreq' },
  { cmd: 'disconnect' }
] as Packet[]).map(packet => generate(packet))

export const mutateMqtt: Mutator = (input, other, random) => {
  const packets = split(input)
  const at = random.below(packets.length + 1)
  switch (random.below(6)) {
    case 0: packets.splice(at, 0, random.pick(WHOLE)); break
    case 1: packets.splice(at, 1); break
    case 2: packets.splice(at, 0, random.pick([...split(other), ...WHOLE])); break
    case 3: packets.splice(at, 1, withHeader(packets[at], random)); break
    case 4: packets.splice(at, 1, withLength(packets[at], random)); break
    case 5: packets.splice(at, 1, withInnerLength(packets[at], random))
  }
  return Buffer.concat(packets)
}

/** As far as the lengths go; the rest is one piece. */
function split (input: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let at = 0; at < input.length;) {
    const { length, bytes } = lengthAt(input, at + 1)
    const end = Math.min(input.length, at + 1 + bytes + length)
    packets.push(input.subarray(at, end))
    at = end
  }
  return packets
}

function lengthAt (input: Uint8Array, at: number): { length: number, bytes: number } {
  let length = 0
  for (let i = 0; i < 4; i++) {
    const byte = input[at + i] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * i)
    if ((byte & 0x80) === 0) return { length, bytes: i + 1 }
  }
  return { length, bytes: 4 }
}

function withHeader (packet = WHOLE[0]!, random: Random): Uint8Array {
  const changed = Uint8Array.from(packet)
  changed[0] = random.chance(2) ? random.below(256) : changed[0]! ^ 1 << random.below(4)
  return changed
}

/** The same length written longer, or another one. */
function withLength (packet = WHOLE[0]!, random: Random): Uint8Array {
  const { length, bytes } = lengthAt(packet, 1)
  const written = random.chance(2) ? length : Math.max(0, length + random.below(5) - 2)
  const longer = random.chance(2) ? [written & 0x7f | 0x80, (written >> 7) | (random.chance(2) ? 0x80 : 0), 0] : [written & 0x7f]
  return Buffer.concat([packet.subarray(0, 1), Uint8Array.from(longer), packet.subarray(1 + bytes)])
}

/** Two bytes somewhere within, as the length of a text. */
function withInnerLength (packet = WHOLE[0]!, random: Random): Uint8Array {
  const changed = Uint8Array.from(packet)
  const at = 2 + random.below(Math.max(1, changed.length - 3))
  if (at + 1 < changed.length) [changed[at], changed[at + 1]] = [random.chance(4) ? 255 : 0, random.below(random.chance(2) ? 8 : 256)]
  return changed
}
