/** The reasons of `model/reasons.ts` as values, for what is read from files. */

import type { WithheldReason } from '../model/reasons.js'

const ALL: Readonly<Record<WithheldReason, true>> = {
  'recipient-off': true,
  'recipient-kind-closed': true,
  'report-not-listed': true,
  region: true,
  origin: true,
  'account-unknown': true,
  minor: true,
  'opt-out-signal': true,
  'notice-version': true,
  'consent-unset': true,
  'consent-denied': true,
  'consent-withdrawn': true,
  'consent-expired': true,
  'nothing-left': true,
  'guard-alarm': true,
  'policy-narrowed': true,
  erased: true
}

export const withheldReasons: ReadonlySet<string> = new Set(Object.keys(ALL))

export function isWithheldReason (text: string): text is WithheldReason {
  return withheldReasons.has(text)
}
