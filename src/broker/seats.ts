/** How many authenticated connections there may be: in all, and of one device, app or recipient. */

import type { Client } from 'aedes'
import type { Identity } from '../model/registry.js'
import type { RefusedReason } from '../model/reasons.js'
import type { Connections } from './connections.js'

/** An account's app runs on the phones and tablets of a household. */
const MAX_OF_APP = 32
const MAX_OF_RECIPIENT = 8

export interface SeatLimits {
  readonly maxConnections: number
  readonly maxConnectionsPerDevice: number
}

/**
 * Takes a client in among those connected; false where the gateway is full.
 *
 * Of its own kind the oldest gives way, not the newest: a device that lost its network leaves connections behind that
 * look alive for a while, and must not be shut out by them.
 */
export function takeSeat (client: Client, identity: Identity, connections: Connections, limits: SeatLimits, refused: (reason: RefusedReason) => void): boolean {
  const own = [...connections.of(identity)].filter(other => !other.closed)
  // the broker itself ends the one that has the same client id
  const others = own.filter(other => other.id !== client.id)
  const replaced = others.slice(0, Math.max(0, others.length + 1 - maxOf(identity, limits)))
  const leaving = own.length - others.length + replaced.length
  if (connections.size - leaving >= limits.maxConnections) return false
  for (const other of replaced) {
    refused('replaced')
    other.close()
  }
  connections.join(client, identity)
  return true
}

function maxOf ({ kind }: Identity, { maxConnectionsPerDevice }: SeatLimits): number {
  switch (kind) {
    case 'device': return maxConnectionsPerDevice
    case 'app': return MAX_OF_APP
    case 'recipient': return MAX_OF_RECIPIENT
  }
}
