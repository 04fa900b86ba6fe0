/** The draft of the rules: kept while the tab is signed in, whichever page is shown; it is nowhere else. */

import { effect, signal } from '@preact/signals'
import { token } from '../../session.js'
import type { Draft } from './try-data.js'

export const draft = signal<Draft>({})

effect(() => { if (token.value === undefined) draft.value = {} })

/** As it stands in the draft; what is equal to what is in force is no part of it. */
export function setFile (file: string, text: string | null, inForce: Readonly<Record<string, string>>): void {
  const { [file]: _, ...others } = draft.value
  const isUnchanged = text === null ? inForce[file] === undefined : inForce[file] === text
  draft.value = isUnchanged ? others : { ...others, [file]: text }
}

export function hasDraft (): boolean {
  return Object.keys(draft.value).length > 0
}
