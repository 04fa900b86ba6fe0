/** The hook door: `authorizePublish`, where what a connection publishes and no lane takes is judged before it is acknowledged. */

import { errorOf } from '../model/errors.js'
import { publishRight } from './topics.js'
import { neutralize } from './will.js'
import type { Client, PublishPacket } from 'aedes'
import type { Intake } from '../model/report.js'
import type { RefusedReason } from '../model/reasons.js'
import type { AppDelivery } from './app-delivery.js'
import type { Door, Transport } from './door.js'
import { sessionOf, type Session } from './session.js'

/**
 * Judges one packet. Resolves to null where the packet may be acknowledged, to an error where the connection must close.
 *
 * A report is neutralized here, so that what the broker stores, queues and emits afterwards is empty. A withheld report is
 * no error.
 */
export async function judgePublish (client: Client | null, packet: PublishPacket, isWill: boolean, door: Door, apps: AppDelivery): Promise<Error | null> {
  const session = sessionOf(client)
  if (session?.identity === undefined) return refuse(packet, 'foreign-topic', door)
  const right = publishRight(session.identity, packet.topic, packet.retain)
  if (right.kind === 'refused') return refuse(packet, right.reason, door)
  if (right.kind === 'command') return null
  const intake = intakeOf(session, packet, right.topicTail)
  const transport = transportOf(packet, isWill)
  neutralize(packet)
  return await take(intake, transport, door, apps)
}

async function take (intake: Intake, transport: Transport, door: Door, apps: AppDelivery): Promise<Error | null> {
  try {
    if (await withDeadline(taken(intake, transport, door), door.limits.stageTimeoutMs)) apps.show(intake, transport.qos)
    return null
  } catch {
    if (transport.qos > 0) return errorOf('report-not-taken')
    door.dropped()
    return null
  }
}

function taken (intake: Intake, transport: Transport, door: Door): Promise<boolean> {
  return new Promise((resolve, reject) => {
    door.take({ ...intake, ...transport, final: resolve, failed: () => reject(errorOf('report-not-taken')) })
  })
}

/** What came under another name than its own never enters the broker either. */
export function refuse (packet: PublishPacket, reason: RefusedReason, door: Door): Error {
  neutralize(packet)
  door.refused(reason)
  return errorOf('topic-refused')
}

function intakeOf (session: Session, packet: PublishPacket, topicTail: string): Intake {
  if (session.identity?.kind !== 'device') throw new TypeError('only a device reports')
  const { account, device } = session.identity
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
  const surroundings = [session.remoteAddress, session.clientId, session.userName, topicTail]
  return { account, device, topicTail, payload, receivedMs: Date.now(), surroundings }
}

function transportOf (packet: PublishPacket, isWill: boolean): Transport {
  return { qos: isWill ? 0 : packet.qos, dup: packet.dup, packetId: isWill ? undefined : packet.messageId }
}

function withDeadline<T> (work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(errorOf('stage-timeout')), timeoutMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
