/** Bytes of a disclosure → its envelope, where they are one. The disk is not trusted. */

import type { Envelope } from '../model/draft.js'

const TEXT_MEMBERS = ['id', 'recipient', 'report', 'notice', 'policy'] as const
const MEMBERS = new Set<string>([...TEXT_MEMBERS, 'device', 'time', 'data'])

/** Undefined for anything but one line of UTF-8 JSON with the members of an envelope and no others. */
export function readEnvelope (bytes: Uint8Array): { envelope: Envelope, text: string } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const json: unknown = JSON.parse(text)
    return isEnvelope(json) && !text.includes('\n') ? { envelope: json, text } : undefined
  } catch {
    return undefined
  }
}

function isEnvelope (json: unknown): json is Envelope {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  const members = json as Record<string, unknown>
  if (!Object.keys(members).every(name => MEMBERS.has(name)) || !Object.hasOwn(members, 'data')) return false
  return TEXT_MEMBERS.every(name => typeof members[name] === 'string')
}
