/**
 * Wills: the raw one stays in memory beside its connection; the broker holds a neutral stand-in.
 *
 * When the connection breaks, aedes publishes the stand-in through `authorizePublish`, where the raw will takes the same
 * path as any report.
 */

import type { ConnectPacket, PublishPacket } from 'aedes'

type Will = NonNullable<ConnectPacket['will']>

const standIns = new WeakMap<object, Will>()

export const NEUTRAL_TOPIC = '$curtilage/accepted'

export function neutralWill (will: Will): Will {
  const standIn: Will = { topic: NEUTRAL_TOPIC, payload: Buffer.alloc(0), qos: will.qos ?? 0, retain: false }
  standIns.set(standIn, will)
  return standIn
}

/** Puts the raw will back into its stand-in; false where the packet is no stand-in. */
export function restoreWill (packet: PublishPacket): boolean {
  const will = standIns.get(packet)
  if (will === undefined) return false
  packet.topic = will.topic
  packet.payload = Buffer.from(will.payload as Buffer)
  packet.retain = will.retain ?? false
  return true
}

/** Empties a packet, so that nothing of it is stored, queued or emitted. Topic, payload and retain may be changed here; qos may not. */
export function neutralize (packet: PublishPacket): void {
  packet.topic = NEUTRAL_TOPIC
  packet.payload = Buffer.alloc(0)
  packet.retain = false
}
