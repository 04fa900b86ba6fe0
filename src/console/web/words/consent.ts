/** Consent in plain words: what holds, and on which grounds. */

const GROUNDS: Readonly<Record<string, string>> = {
  required: 'the service needs it',
  'fact:minor': 'the account is a minor\'s',
  'fact:opt-out-signal': 'an opt-out signal is set'
}

const STATES: Readonly<Record<string, string>> = { granted: 'granted', denied: 'denied', withdrawn: 'withdrawn', expired: 'the grant ran out', unset: 'nothing was said' }

/** `at` is when the deciding record was made, where one decides. */
export function groundsText (state: string, grounds: string, reason: string | undefined, at: string | undefined): string {
  const known = GROUNDS[grounds]
  if (known !== undefined) return known
  if (reason === 'notice-version') return 'given under an older notice than the purpose demands'
  if (grounds.startsWith('regime:')) return `nothing was said: the regime ${grounds.slice('regime:'.length)} decides`
  return `${STATES[state] ?? state}${at === undefined ? '' : ` on ${at}`}`
}
