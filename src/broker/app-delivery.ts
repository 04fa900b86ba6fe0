/** Raw reports to the account's own app, and to nobody else: handed over directly, past the broker's routing. */

import { matches, reportTopic } from './topics.js'
import { handOver } from './hand-over.js'
import type { Client } from 'aedes'
import type { Intake } from '../model/report.js'
import type { Connections } from './connections.js'

export class AppDelivery {
  readonly #connections: Connections

  constructor (connections: Connections) {
    this.#connections = connections
  }

  /** Shows a report to every connected app of its account that subscribed to its topic, at most once each. */
  show (intake: Pick<Intake, 'account' | 'device' | 'topicTail' | 'payload'>, qos: 0 | 1 | 2): void {
    const topic = reportTopic(intake.account, intake.device, intake.topicTail)
    for (const client of this.#connections.of({ kind: 'app', account: intake.account })) {
      const granted = grantedQos(client, topic)
      if (granted !== undefined) handOver(client, { topic, payload: Buffer.from(intake.payload), qos: granted === 0 || qos === 0 ? 0 : 1 })
    }
  }
}

/** The highest QoS among the client's subscriptions that match a topic; undefined where none does. */
export function grantedQos (client: Client, topic: string): number | undefined {
  let granted: number | undefined
  for (const [filter, { qos }] of Object.entries(subscriptionsOf(client))) {
    if (matches(filter, topic)) granted = Math.max(granted ?? 0, qos)
  }
  return granted
}

/** By topic filter. aedes keeps them on the client, though its types do not say so. */
export function subscriptionsOf (client: Client): Record<string, { qos: number }> {
  return (client as Client & { subscriptions?: Record<string, { qos: number }> }).subscriptions ?? {}
}
