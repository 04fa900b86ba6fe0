/** What a recipient's judgement needs beside its plan: one for all of them, set anew for each. */

import type { KnownHere } from '../guard/known-here.js'
import type { PseudonymKeys } from '../minimize/pseudonym.js'
import type { MinimizeContext } from '../minimize/transform.js'
import type { PseudonymScope, PseudonymScopes } from './pseudonym-scope.js'

export class JudgeParts implements MinimizeContext {
  readonly known: KnownHere
  readonly nowMs: number
  recipient = ''
  readonly #keysFor: (recipient: string) => PseudonymKeys
  #scopes: PseudonymScopes | undefined
  #keys: PseudonymKeys | undefined
  #last: PseudonymScope | undefined

  constructor (known: KnownHere, nowMs: number, keysFor: (recipient: string) => PseudonymKeys) {
    this.known = known
    this.nowMs = nowMs
    this.#keysFor = keysFor
  }

  begin (recipient: string, scopes: PseudonymScopes): void {
    this.recipient = recipient
    this.#scopes = scopes
    this.#keys = this.#last = undefined
  }

  /** Asked for when a pseudonym is needed, and once: for one report and recipient they stay. */
  get keys (): PseudonymKeys {
    this.#keys ??= this.#keysFor(this.recipient)
    return this.#keys
  }

  /** What pseudonyms of a category follow from here. */
  scopeOf (category: string, epochMs: number): PseudonymScope {
    const last = this.#last
    if (last !== undefined && last.category === category && last.epochMs === epochMs) return last
    this.#last = this.#scopes!.at(category, epochMs, this.nowMs, this.keys)
    return this.#last
  }
}
