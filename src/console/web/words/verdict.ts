/** How two policies, or two rules, stand to each other. */

import type { Tone } from '../parts/badge.js'

export type Verdict = 'same' | 'narrower' | 'wider' | 'different'

const TEXT: Readonly<Record<Verdict, string>> = {
  same: 'The same leaves as before.',
  narrower: 'Less leaves than before, and nothing more.',
  wider: 'More leaves than before.',
  different: 'Some of it leaves no more, and other things leave that did not before.'
}

const TONE: Readonly<Record<Verdict, Tone>> = { same: 'plain', narrower: 'stays', wider: 'leaves', different: 'leaves' }

export function verdictText (verdict: Verdict): string {
  return TEXT[verdict]
}

/** Amber for what leaves a home, green for what stays. */
export function verdictTone (verdict: Verdict): Tone {
  return TONE[verdict]
}
