/** Where a server is, and how to know that it is the one. */

import { isIP } from 'node:net'
import type { RemotePlace } from '../../model/sink-settings.js'
import { readCertificates } from './credential.js'
import type { Troubles } from './trouble.js'

/** NOTICE.md clause 4; the same as for listeners. */
export const LEAST_TLS = 'TLSv1.2'

export interface Address {
  /** IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Undefined: not encrypted. Empty: the system's certificates are trusted. */
  readonly tls: { readonly ca?: string } | undefined
}

const PORTS: Readonly<Record<string, number>> = {
  'https:': 443, 'http:': 80, 'mqtts:': 8883, 'mqtt:': 1883, 'rediss:': 6379, 'redis:': 6379, 'tls:': 4222, 'nats:': 4222
}
const ENCRYPTED: ReadonlySet<string> = new Set(['https:', 'mqtts:', 'rediss:', 'tls:'])

/** Rejects with `sink-credential` where the certificates cannot be read. */
export async function addressOf ({ url, caFile }: RemotePlace, troubles: Troubles): Promise<Address> {
  const { hostname, port, protocol } = new URL(url)
  const ca = caFile === undefined ? undefined : await readCertificates(caFile, troubles)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? PORTS[protocol] ?? 0 : Number(port),
    tls: ENCRYPTED.has(protocol) ? { ...(ca !== undefined && { ca }) } : undefined
  }
}

/** What a certificate must name; for an address TLS knows no name to ask for. */
export function serverName (host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}
