/** Reasons in plain words: why something stayed, could not be read, or was refused. The stable word stands beside them. */

import type { QuarantineReason, RefusedReason, SuppressedReason, WithheldReason } from '../../../model/reasons.js'

const STAYED: Readonly<Record<WithheldReason | SuppressedReason, string>> = {
  'recipient-off': 'recipient switched off',
  'recipient-kind-closed': 'closed by the notice',
  'report-not-listed': 'report not on its list',
  region: 'other region',
  origin: 'came from elsewhere',
  'account-unknown': 'unknown account',
  minor: 'a minor\'s account',
  'opt-out-signal': 'opt-out signal',
  'notice-version': 'older notice',
  'consent-unset': 'no consent',
  'consent-denied': 'consent denied',
  'consent-withdrawn': 'consent withdrawn',
  'consent-expired': 'consent ran out',
  'nothing-left': 'nothing left of it',
  'guard-alarm': 'address found at the last check',
  'policy-narrowed': 'rules became narrower',
  erased: 'account erased',
  unclassified: 'unclassified field',
  'type-mismatch': 'value does not fit its category',
  'not-allowed': 'no rule lets it out',
  'never-disclosed': 'addresses never leave',
  rule: 'removed by a rule',
  address: 'address found in it',
  array: 'its array had to go',
  unpaired: 'coordinate without its pair'
}

const QUARANTINED: Readonly<Record<QuarantineReason, string>> = {
  'too-large': 'larger than allowed',
  'invalid-utf8': 'not UTF-8',
  'not-json': 'not JSON',
  'duplicate-key': 'a key stands twice',
  'too-deep': 'nested too deep',
  'unknown-report': 'unknown report type'
}

const REFUSED: Readonly<Record<RefusedReason, string>> = {
  credentials: 'unknown name or wrong password',
  certificate: 'certificate of nobody',
  'failed-logins': 'too many failed logins',
  identifier: 'client id not usable',
  handshake: 'handshake failed',
  origin: 'web page of another origin',
  'too-many-strangers': 'too many not signed in',
  'too-many-connections': 'too many connections',
  replaced: 'replaced by a newer connection',
  'packet-too-large': 'packet too large',
  'malformed-packet': 'malformed packet',
  'unexpected-packet': 'unexpected packet',
  'protocol-version': 'other MQTT version',
  'connect-timeout': 'too slow to connect',
  'slow-consumer': 'did not read',
  'buffers-full': 'buffers full',
  'foreign-topic': 'topic of somebody else',
  'reserved-topic': 'reserved topic',
  'retained-command': 'retained command',
  wildcard: 'wildcard above its own topics',
  'too-many-subscriptions': 'too many subscriptions',
  'not-a-publisher': 'recipient that publishes'
}

/** A reason that this version does not know is shown as it is spelled. */
export function stayedText (reason: string): string {
  return wordOf(STAYED, reason)
}

export function quarantinedText (reason: string): string {
  return wordOf(QUARANTINED, reason)
}

export function refusedText (reason: string): string {
  return wordOf(REFUSED, reason)
}

function wordOf (words: Readonly<Record<string, string>>, reason: string): string {
  return Object.hasOwn(words, reason) ? words[reason] ?? reason : reason
}
