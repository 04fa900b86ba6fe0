/**
 * Who is signed in.
 *
 * The token lives in memory and in the tab's own session storage, so that a reload keeps it and closing the tab ends it.
 * It is sent in a header alone, never in an address.
 */

import { computed, signal } from '@preact/signals'

const KEY = 'curtilage.token'

export interface Session {
  readonly role: 'ops' | 'auditor' | 'account'
  readonly account?: string
  readonly policy: string
  readonly notice: string
  readonly gateway: boolean
}

/** Undefined: nobody. */
export const token = signal<string | undefined>(undefined)
/** Undefined: not asked yet, or nobody. */
export const session = signal<Session | undefined>(undefined)
/** Why the last session ended, where the person did not end it. */
export const ended = signal('')

/** May change rules, recipients and accounts. */
export const mayWrite = computed(() => session.value?.role === 'ops')

export function resumeSession (): void {
  token.value = sessionStorage.getItem(KEY) ?? undefined
}

export function signIn (given: string, as: Session): void {
  sessionStorage.setItem(KEY, given)
  ended.value = ''
  session.value = as
  token.value = given
}

export function signOut (why = ''): void {
  sessionStorage.removeItem(KEY)
  ended.value = why
  token.value = undefined
  session.value = undefined
}
