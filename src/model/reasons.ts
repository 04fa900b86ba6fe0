/**
 * Why a report or a field did not leave: the words that explain, metrics and tests share.
 *
 * Stable: operators build alerts on them. `docs/errors.md` lists each with its meaning.
 */

/** Why a whole report was withheld from one recipient, in the order in which the decision asks. */
export type WithheldReason =
  | 'recipient-off' // the recipient is switched off
  | 'recipient-kind-closed' // the notice closes this kind, or allows it aggregates only
  | 'report-not-listed' // the recipient does not list this report type
  | 'region' // no transfer rule from the account's region to the recipient's
  | 'origin' // the recipient excludes reports of this origin
  | 'account-unknown' // the registry does not know the account
  | 'minor' // the account is marked as a minor's
  | 'opt-out-signal' // the account's opt-out signal denies the purpose
  | 'notice-version' // consent was given under an older notice than the purpose demands
  | 'consent-unset'
  | 'consent-denied'
  | 'consent-withdrawn'
  | 'consent-expired'
  | 'nothing-left' // every field was suppressed
  | 'guard-alarm' // the second look found an address: the disclosure is withheld
  | 'policy-narrowed' // on the way out: the active policy allows less than the one that decided
  | 'erased' // the account was erased while the disclosure waited

/** Why one field was suppressed for one recipient. */
export type SuppressedReason =
  | 'unclassified' // no report type lists the field
  | 'type-mismatch' // the value does not fit its category's type
  | 'not-allowed' // no `allow` entry of the recipient covers the category
  | 'never-disclosed' // the category is closed to every rule (MAC, IP)
  | 'rule' // the rule says suppress, or a map has no entry for the value
  | 'address' // the address finder found a MAC or IP address in it
  | 'array' // another scalar of the same array had to go, so the array goes
  | 'unpaired' // a coordinate without its partner cannot be put on a grid
  | ConsentReason

export type ConsentReason = Extract<WithheldReason,
  'minor' | 'opt-out-signal' | 'notice-version' | 'consent-unset' | 'consent-denied' | 'consent-withdrawn' | 'consent-expired'>

/** Why a payload was put in quarantine; never with any of its content. */
export type QuarantineReason =
  | 'too-large'
  | 'invalid-utf8'
  | 'not-json'
  | 'duplicate-key'
  | 'too-deep'
  | 'unknown-report'

/** Why a connection was refused at CONNECT, or closed without an acknowledgement. */
export type RefusedReason =
  | 'credentials'
  | 'certificate'
  | 'failed-logins'
  | 'identifier'
  | 'handshake'
  | 'origin'
  | 'too-many-strangers'
  | 'too-many-connections'
  | 'replaced'
  | 'packet-too-large'
  | 'malformed-packet'
  | 'unexpected-packet'
  | 'protocol-version'
  | 'connect-timeout'
  | 'slow-consumer'
  | 'buffers-full'
  | 'foreign-topic'
  | 'reserved-topic'
  | 'retained-command'
  | 'wildcard'
  | 'too-many-subscriptions'
  | 'not-a-publisher'
