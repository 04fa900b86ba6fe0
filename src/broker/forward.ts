/** Hooks `authorizeSubscribe` and `authorizeForward`: who may read what. Both look, since a denied subscription can leak through a stored session. */

import { errorOf } from '../model/errors.js'
import { grantedQos, subscriptionsOf } from './app-delivery.js'
import { sessionOf } from './session.js'
import { mayReceive, subscribeRefusal } from './topics.js'
import type { AedesPublishPacket, Client, Subscription } from 'aedes'
import type { RefusedReason } from '../model/reasons.js'
import type { Door } from './door.js'

/** The broker keeps each filter in memory, and one SUBSCRIBE can hold tens of thousands. */
const MAX_FILTERS = 256

/** An error closes the connection. */
export function judgeSubscribe (client: Client, subscription: Subscription, door: Door): Error | null {
  const identity = sessionOf(client)?.identity
  const reason = identity === undefined ? 'foreign-topic' : subscribeRefusal(identity, subscription.topic) ?? tooMany(client, subscription.topic)
  if (reason !== undefined) {
    door.refused(reason)
    return errorOf('topic-refused')
  }
  if (identity?.kind === 'recipient') {
    // a disclosure counts as delivered at its PUBACK, so it is always sent at QoS 1
    subscription.qos = 1
  }
  return null
}

function tooMany (client: Client, filter: string): RefusedReason | undefined {
  const granted = subscriptionsOf(client)
  if (!(filter in granted) && Object.keys(granted).length >= MAX_FILTERS) return 'too-many-subscriptions'
}

/** A packet may come at the QoS of the client's subscription at most; the broker holds to that for filters without wildcards only. */
export function judgeForward (client: Client, packet: AedesPublishPacket): boolean {
  const session = sessionOf(client)
  if (session?.identity === undefined) return false
  if (session.handingOver) return true
  if (!mayReceive(session.identity, packet.topic)) return false
  const granted = grantedQos(client, packet.topic) ?? 0
  if (granted < packet.qos) packet.qos = granted === 1 ? 1 : 0
  return true
}
