/** One packet from the gateway itself to one connection. */

import { sessionOf } from './session.js'
import type { Client, PublishPacket } from 'aedes'

export interface Handed {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0 | 1
}

/**
 * Writes a packet to a connection, past the broker's routing.
 *
 * aedes asks `authorizeForward` in the same turn; that hook lets a report or disclosure topic pass only while
 * `handingOver` is set, so nothing published by another way can reach anybody.
 */
export function handOver (client: Client, { topic, payload, qos }: Handed, done: (error?: Error) => void = () => {}): void {
  const session = sessionOf(client)
  if (session === undefined || client.closed) return done(new Error('connection closed'))
  const packet: PublishPacket = { cmd: 'publish', topic, payload, qos, retain: false, dup: false }
  session.handingOver = true
  try {
    client.publish(packet, done)
  } finally {
    session.handingOver = false
  }
}
