/**
 * What MQTT 3.1.1 says to close a connection for, judged on the bytes of one whole packet from a client.
 *
 *     [type and flags: 1][remaining length: 1–4][variable header and payload]
 *                                               ^ body                      ^ end
 *
 * Pure. Stricter than the broker's own parser: whatever passes here is read by that parser in the same way.
 */

import { checkConnect } from './check-connect.js'
import type { GateReason } from './gate-reason.js'
import { hasWildcard, isFilter, textEnd } from './mqtt-text.js'
import { CONNECT, DISCONNECT, PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBSCRIBE, UNSUBSCRIBE } from './packet-type.js'

const DUP = 0x08
/** Flags of PUBREL, SUBSCRIBE and UNSUBSCRIBE: [MQTT-2.2.2-1]. */
const RESERVED = 0x02

/** Undefined where nothing is wrong. `first` is the packet's first byte. */
export function checkPacket (bytes: Buffer, first: number, body: number, end: number): GateReason | undefined {
  const flags = first & 0x0f
  switch (first >> 4) {
    case CONNECT: return flags === 0 ? checkConnect(bytes, body, end) : 'malformed-packet'
    case PUBLISH: return checkPublish(bytes, flags, body, end)
    case PUBACK:
    case PUBREC:
    case PUBCOMP: return malformedUnless(flags === 0 && end - body === 2 && hasId(bytes, body, end))
    case PUBREL: return malformedUnless(flags === RESERVED && end - body === 2 && hasId(bytes, body, end))
    case SUBSCRIBE: return malformedUnless(flags === RESERVED && hasId(bytes, body, end) && areFilters(bytes, body + 2, end, true))
    case UNSUBSCRIBE: return malformedUnless(flags === RESERVED && hasId(bytes, body, end) && areFilters(bytes, body + 2, end, false))
    case PINGREQ:
    case DISCONNECT: return malformedUnless(flags === 0 && body === end)
    case 0:
    case 15: return 'malformed-packet'
    default: return 'unexpected-packet'
  }
}

/** [MQTT-3.3.1-2] no DUP at QoS 0, [MQTT-3.3.1-4] no QoS 3, [MQTT-4.7.3-1] no empty topic. */
function checkPublish (bytes: Buffer, flags: number, body: number, end: number): GateReason | undefined {
  const qos = (flags >> 1) & 3
  const topicEnd = textEnd(bytes, body, end)
  if (qos === 3 || topicEnd < body + 3 || (qos === 0 && (flags & DUP) !== 0)) return 'malformed-packet'
  if (qos > 0 && !hasId(bytes, topicEnd, end)) return 'malformed-packet'
  return hasWildcard(bytes, body + 2, topicEnd) ? 'wildcard' : undefined
}

/** [MQTT-2.3.1-1]: a packet id is not 0. */
function hasId (bytes: Buffer, at: number, end: number): boolean {
  return at + 2 <= end && bytes.readUInt16BE(at) !== 0
}

/** [MQTT-3.8.3-3] and [MQTT-3.10.3-2]: one at least. [MQTT-3.8.3-4]: a QoS of 0, 1 or 2 behind each that is subscribed to. */
function areFilters (bytes: Buffer, from: number, end: number, withQos: boolean): boolean {
  let at = from
  while (at < end) {
    const to = textEnd(bytes, at, end)
    if (to < 0 || !isFilter(bytes, at + 2, to)) return false
    at = to
    if (withQos && (at >= end || bytes.readUInt8(at++) > 2)) return false
  }
  return at > from
}

function malformedUnless (fine: boolean): GateReason | undefined {
  return fine ? undefined : 'malformed-packet'
}
