/** What is asked of `/v1/try`, and what it answers. */

import { ask } from '../../api/request.js'

export type GivenState = 'granted' | 'denied' | 'withdrawn'

export interface Consent {
  readonly purpose: string
  readonly state: GivenState
  readonly recipient?: string
}

/** A home that is made up. */
export interface MadeUpHome {
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
  readonly consents: readonly Consent[]
}

/** What is tried: a registered account, or a home that is made up. */
export type Home = { readonly account: string } | { readonly home: MadeUpHome }

export interface Choices {
  readonly digest: string
  readonly files: Readonly<Record<string, string>>
  readonly reports: readonly string[]
  readonly recipients: readonly { readonly recipient: string, readonly purpose: string, readonly needsNaming: boolean }[]
  readonly purposes: readonly { readonly purpose: string, readonly required: boolean }[]
  readonly regimes: readonly string[]
  readonly regions: readonly string[]
  readonly defaultRegion: string
}

/** Files that differ from those in force; null: left out. */
export type Draft = Readonly<Record<string, string | null>>

export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly code: string
  readonly message: string
}

interface Why {
  readonly reason: string | null
  readonly rule: string | null
  readonly consent: string | null
  readonly clause: string | null
}

export interface Field extends Why {
  readonly path: string
  readonly category: string | null
  readonly transform: string | null
  readonly outcome: 'disclosed' | 'suppressed'
}

export interface Leaf {
  readonly at: string
  readonly isKey?: boolean
  readonly line: number
  readonly value?: unknown
}

export interface Disclosure {
  readonly device?: unknown
  readonly time?: unknown
}

export interface Explained extends Why {
  readonly recipient: string
  readonly outcome: 'disclosed' | 'withheld'
  readonly fields: readonly Field[]
  readonly leaves: readonly Leaf[]
  readonly disclosure?: Disclosure
}

export interface Explanation {
  readonly recipients: readonly Explained[]
  readonly quarantined?: string
}

export interface Change {
  readonly effect: 'narrower' | 'wider' | 'different'
  readonly aspect: string
  readonly recipient?: string
  readonly report?: string
  readonly path?: string
  readonly old?: string
  readonly new?: string
  readonly oldRule?: string
  readonly newRule?: string
}

export type Verdict = 'same' | 'narrower' | 'wider' | 'different'

export interface Comparison {
  readonly verdict: Verdict
  readonly changes: readonly Change[]
}

export interface CaseResult {
  readonly name: string
  readonly rule: string
  readonly ok: boolean
  readonly results: readonly { readonly recipient: string, readonly ok: boolean, readonly expected: unknown, readonly actual: unknown }[]
}

export interface Tried {
  readonly digest?: string
  readonly problems: readonly Problem[]
  readonly explanation?: Explanation
  readonly inForce?: Explanation
  readonly comparison?: Comparison
  readonly cases?: readonly CaseResult[]
}

export interface Trial {
  /** Undefined: by the rules in force. */
  readonly draft: Draft | undefined
  readonly report: string
  readonly payload: string
  readonly home: Home
}

export async function choices (signal: AbortSignal): Promise<Choices> {
  return await ask<Choices>('/v1/try', { signal })
}

/** @throws Problem */
export async function tryOut ({ draft, report, payload, home }: Trial, signal: AbortSignal): Promise<Tried> {
  const body = { ...(draft !== undefined && { files: draft, cases: true }), report: { name: report, payload }, ...home }
  return await ask<Tried>('/v1/try', { method: 'POST', body, signal })
}

/** Simulated reports by name, made up, from the gateway itself: `motion`, `sysinfo/plug`. */
export async function samples (signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  return await (await fetch(SAMPLES_URL, { signal, credentials: 'omit' })).json() as Record<string, string>
}
