/** What a listener knows of a connection before its first packet; kept beside the stream that the broker gets. */

import type { Client } from 'aedes'

export interface Arrival {
  /** In memory only. */
  readonly remoteAddress: string
  /** Absent where the client showed no certificate, or none that the listener's authorities vouch for. */
  readonly certificate?: CertificateClaim
  /** Called when the connection has said who it is, and no more counts as a stranger. */
  authenticated (): void
}

/** A verified certificate. `device` is undefined where it names none, or more than one. */
export interface CertificateClaim {
  readonly device: string | undefined
}

const arrivals = new WeakMap<object, Arrival>()

export function announce (stream: object, arrival: Arrival): void {
  arrivals.set(stream, arrival)
}

/** What was announced of one stream holds for the one that wraps it. */
export function carryArrival (stream: object, wrapper: object): void {
  const arrival = arrivals.get(stream)
  if (arrival !== undefined) arrivals.set(wrapper, arrival)
}

/** Undefined for a connection that came by none of the gateway's own listeners. */
export function arrivalOf ({ conn }: Client): Arrival | undefined {
  return arrivals.get(conn)
}
