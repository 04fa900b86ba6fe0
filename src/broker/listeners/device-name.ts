/**
 * Which device a client certificate names: by the common name of its subject, a DNS name, or the last segment of the path
 * of a URI (`spiffe://fleet.example/device/plug-1`), each where it is spelled as a device id.
 *
 * All that do must agree. Authorities differ in which of these they check, so none of them is believed over another.
 */

import type { PeerCertificate } from 'node:tls'

type Names = Partial<Pick<PeerCertificate, 'subject' | 'subjectaltname'>>

const ID = /^[A-Za-z0-9_-]{1,64}$/
const URI_WITH_PATH = /^[a-z][a-z0-9+.-]*:\/\/[^/]*(?:\/[^/]+)*\/([^/]+)$/i

/** Undefined where it names none, or several. */
export function deviceNamedBy ({ subject, subjectaltname = '' }: Names): string | undefined {
  // Node puts a name in quotes where it could be taken for several
  if (subjectaltname.includes('"')) return undefined
  const common: unknown = subject?.CN
  const names = new Set([...[common].flat(), ...subjectaltname.split(', ').map(alternativeName)].filter(isId))
  const [name] = names
  return names.size === 1 ? name : undefined
}

function alternativeName (entry: string): string | undefined {
  if (entry.startsWith('DNS:')) return entry.slice('DNS:'.length)
  return entry.startsWith('URI:') ? URI_WITH_PATH.exec(entry.slice('URI:'.length))?.[1] : undefined
}

function isId (name: unknown): name is string {
  return typeof name === 'string' && ID.test(name)
}
