/** Reasons in words for a table: what kept a report or a home in. */

import type { WithheldReason } from '../../model/reasons.js'

const WORDS: Readonly<Record<WithheldReason, { readonly short: string, readonly long: string }>> = {
  'recipient-off': { short: 'off', long: 'switched off' },
  'recipient-kind-closed': { short: 'closed', long: 'closed by the notice' },
  'report-not-listed': { short: 'not listed', long: 'not on its list' },
  region: { short: 'region', long: 'other region' },
  origin: { short: 'origin', long: 'came from elsewhere' },
  'account-unknown': { short: 'unknown', long: 'unknown home' },
  minor: { short: 'minor', long: 'a minor\'s home' },
  'opt-out-signal': { short: 'signal', long: 'opt-out signal' },
  'notice-version': { short: 'old notice', long: 'older notice' },
  'consent-unset': { short: 'no consent', long: 'no consent' },
  'consent-denied': { short: 'denied', long: 'consent denied' },
  'consent-withdrawn': { short: 'withdrawn', long: 'consent withdrawn' },
  'consent-expired': { short: 'expired', long: 'consent ran out' },
  'nothing-left': { short: 'empty', long: 'nothing left of it' },
  'guard-alarm': { short: 'ALARM', long: 'ADDRESS FOUND BY THE LAST CHECK' },
  'policy-narrowed': { short: 'narrowed', long: 'rules became narrower' },
  erased: { short: 'erased', long: 'home erased' }
}

/** At most eleven columns. */
export function shortWord (reason: WithheldReason): string {
  return WORDS[reason].short
}

export function longWord (reason: WithheldReason): string {
  return WORDS[reason].long
}

export function count (number: number): string {
  return Math.round(number).toLocaleString('en-US')
}

export function rate (perSecond: number): string {
  return `${perSecond < 9.95 ? perSecond.toFixed(perSecond < 0.05 ? 0 : 1) : count(perSecond)}/s`
}

/** `04:09`, or `1:04:09`. */
export function clock (elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours, ...others] = parts.map(part => String(part).padStart(2, '0'))
  return hours === '00' ? others.join(':') : [Number(hours), ...others].join(':')
}
