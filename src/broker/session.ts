/** What the gateway knows of a connection, kept beside the broker's own client object and gone with it. */

import { arrivalOf } from './arrival.js'
import type { Client, ConnectPacket } from 'aedes'
import type { Identity } from '../model/registry.js'

export interface Session {
  /** As sent; the broker itself sees a scoped stand-in (see connect.ts). In memory only. */
  readonly clientId: string
  readonly userName: string
  readonly remoteAddress: string
  /** CONNACK code to answer with instead of asking for the password. */
  readonly refuseWith: number | undefined
  readonly will: ConnectPacket['will']
  identity: Identity | undefined
  /** Set while the gateway itself hands a packet to this connection. */
  handingOver: boolean
}

const sessions = new WeakMap<Client, Session>()

export function openSession (client: Client, session: Session): void {
  sessions.set(client, session)
}

export function sessionOf (client: Client | null): Session | undefined {
  return client === null ? undefined : sessions.get(client)
}

/** Calls back once, when the connection's stream is closed; at once where it is already. */
export function onEnd ({ conn }: Client, callback: () => void): void {
  if (conn.closed) callback()
  else conn.once('close', callback)
}

/** The remote address of whatever the broker was given as a connection; empty where it has none. */
export function remoteAddressOf (client: Client): string {
  const conn = client.conn as { remoteAddress?: string }
  return arrivalOf(client)?.remoteAddress ?? client.req?.socket.remoteAddress ?? conn.remoteAddress ?? ''
}
