/**
 * Topics and who has a right to them. Pure.
 *
 *     kasa/{account}/{device}/{report}    a device publishes; its account's app reads
 *     kasa/{account}/{device}/cmd/#       the account's app publishes; the device reads
 *     disclosures/{recipient}/{report}    the mqtt sink publishes; that recipient reads
 */

import type { RefusedReason } from '../model/reasons.js'
import type { Identity } from '../model/registry.js'

const REPORTS = 'kasa'
const DISCLOSURES = 'disclosures'
const COMMAND = 'cmd'

export type PublishRight =
  | { readonly kind: 'report', readonly topicTail: string }
  | { readonly kind: 'command' }
  | { readonly kind: 'refused', readonly reason: RefusedReason }

/** What a connection may do by publishing on a topic. */
export function publishRight (identity: Identity, topic: string, retain: boolean): PublishRight {
  if (topic.startsWith('$') || hasControl(topic)) return refused('reserved-topic')
  // the broker looks for wildcards in PUBLISH, not in a will
  if (/[+#]/.test(topic)) return refused('wildcard')
  if (identity.kind === 'recipient') return refused('not-a-publisher')
  const [root, account, device, ...tail] = topic.split('/')
  if (root !== REPORTS || account !== identity.account) return refused('foreign-topic')
  if (identity.kind === 'device') return deviceRight(identity.device, device, tail)
  if (device === undefined || device === '' || tail[0] !== COMMAND || tail.length < 2) return refused('foreign-topic')
  return retain ? refused('retained-command') : { kind: 'command' }
}

function deviceRight (own: string, device: string | undefined, tail: readonly string[]): PublishRight {
  if (device !== own || tail.length === 0) return refused('foreign-topic')
  if (tail[0] === COMMAND) return refused('reserved-topic')
  return { kind: 'report', topicTail: tail.join('/') }
}

/** Why a connection may not subscribe to a topic filter, or undefined where it may: wildcards only below its own prefix. */
export function subscribeRefusal (identity: Identity, filter: string): RefusedReason | undefined {
  if (filter.startsWith('$') || hasControl(filter)) return 'reserved-topic'
  const own = ownPrefix(identity)
  const levels = filter.split('/')
  for (const [i, level] of own.entries()) {
    if (levels[i] === level) continue
    return levels[i] === '#' || levels[i] === '+' ? 'wildcard' : 'foreign-topic'
  }
  return levels.length > own.length ? undefined : 'foreign-topic'
}

/** Whether a packet of the broker's own routing (a command) may reach a connection. Reports and disclosures never come that way. */
export function mayReceive (identity: Identity, topic: string): boolean {
  const [root, account, device, command] = topic.split('/')
  if (root !== REPORTS || command !== COMMAND || identity.kind === 'recipient' || account !== identity.account) return false
  return identity.kind === 'app' || device === identity.device
}

export function reportTopic (account: string, device: string, topicTail: string): string {
  return `${REPORTS}/${account}/${device}/${topicTail}`
}

export function disclosureTopic (recipient: string, report: string): string {
  return `${DISCLOSURES}/${recipient}/${report}`
}

/** MQTT 3.1.1, section 4.7: does a filter match a topic that does not start with `$`? */
export function matches (filter: string, topic: string): boolean {
  const levels = topic.split('/')
  const parts = filter.split('/')
  for (const [i, part] of parts.entries()) {
    if (part === '#') return true
    if (i >= levels.length || (part !== '+' && part !== levels[i])) return false
  }
  return parts.length === levels.length
}

function ownPrefix (identity: Identity): string[] {
  switch (identity.kind) {
    case 'device': return [REPORTS, identity.account, identity.device]
    case 'app': return [REPORTS, identity.account]
    case 'recipient': return [DISCLOSURES, identity.recipient]
  }
}

/** Control characters, U+FFFD (what invalid UTF-8 decodes to) and lone surrogates have no place in a topic. */
function hasControl (topic: string): boolean {
  for (let i = 0; i < topic.length; i++) {
    const code = topic.charCodeAt(i)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0xfffd) return true
  }
  return false
}

function refused (reason: RefusedReason): PublishRight {
  return { kind: 'refused', reason }
}
