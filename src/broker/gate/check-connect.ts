/**
 * The CONNECT packet, MQTT 3.1.1 section 3.1 (and 3.1, whose protocol name differs), judged on its bytes.
 *
 *     [protocol name][level: 1][flags: 1][keep alive: 2][client id]{[will topic][will payload]}{[user name]{[password]}}
 */

import type { GateReason } from './gate-reason.js'
import { blobEnd, textEnd } from './mqtt-text.js'

const RESERVED = 0x01
const WILL = 0x04
const WILL_QOS = 0x18
const WILL_QOS_3 = 0x18
const WILL_RETAIN = 0x20
const PASSWORD = 0x40
const USER_NAME = 0x80
const LEVELS = [3, 4]

/** `protocol-version` where the level is none of 3 and 4: such a client is told so with CONNACK 1 [MQTT-3.1.2-2]. */
export function checkConnect (bytes: Buffer, body: number, end: number): GateReason | undefined {
  const nameEnd = textEnd(bytes, body, end)
  if (nameEnd < 0 || !isName(bytes.toString('latin1', body + 2, nameEnd)) || nameEnd >= end) return 'malformed-packet'
  if (!LEVELS.includes(bytes.readUInt8(nameEnd))) return 'protocol-version'
  const flagsAt = nameEnd + 1
  if (flagsAt + 3 > end) return 'malformed-packet'
  const flags = bytes.readUInt8(flagsAt)
  return areFlags(flags) && payloadEnd(bytes, flags, flagsAt + 3, end) === end ? undefined : 'malformed-packet'
}

function isName (name: string): boolean {
  return name === 'MQTT' || name === 'MQIsdp'
}

/** [MQTT-3.1.2-3], [MQTT-3.1.2-13] to [MQTT-3.1.2-15], [MQTT-3.1.2-22]. */
function areFlags (flags: number): boolean {
  if ((flags & RESERVED) !== 0 || (flags & WILL_QOS) === WILL_QOS_3) return false
  if ((flags & WILL) === 0 && (flags & (WILL_QOS | WILL_RETAIN)) !== 0) return false
  return (flags & USER_NAME) !== 0 || (flags & PASSWORD) === 0
}

/** The offset behind the last field that the flags announce, or -1. */
function payloadEnd (bytes: Buffer, flags: number, from: number, end: number): number {
  let at = textEnd(bytes, from, end)
  if (at >= 0 && (flags & WILL) !== 0) {
    const topicEnd = textEnd(bytes, at, end)
    at = topicEnd > at + 2 ? blobEnd(bytes, topicEnd, end) : -1
  }
  if (at >= 0 && (flags & USER_NAME) !== 0) at = textEnd(bytes, at, end)
  if (at >= 0 && (flags & PASSWORD) !== 0) at = blobEnd(bytes, at, end)
  return at
}
