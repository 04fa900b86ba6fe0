/** What a pseudonym follows from beside the value: the keys, the recipient, the category, the epoch. Values remember theirs by it. */

import type { PseudonymKeys } from '../minimize/pseudonym.js'

export class PseudonymScope {
  readonly category: string
  readonly epochMs: number
  /** Of envelopes: by device id, its JSON. */
  readonly devices = new Map<string, Uint8Array>()
  readonly #ordinal: number
  readonly #accountKey: Uint8Array
  readonly #gatewayKey: Uint8Array

  constructor (category: string, epochMs: number, nowMs: number, keys: PseudonymKeys) {
    this.category = category
    this.epochMs = epochMs
    this.#ordinal = Math.floor(nowMs / epochMs)
    // copies: what holds for a key holds for its bytes
    this.#accountKey = Uint8Array.from(keys.accountKey)
    this.#gatewayKey = Uint8Array.from(keys.gatewayKeyAt(this.#ordinal * epochMs))
  }

  holdsAt (nowMs: number, keys: PseudonymKeys): boolean {
    if (Math.floor(nowMs / this.epochMs) !== this.#ordinal) return false
    return isSame(this.#accountKey, keys.accountKey) && isSame(this.#gatewayKey, keys.gatewayKeyAt(this.#ordinal * this.epochMs))
  }
}

/** The scopes of one account and recipient. */
export class PseudonymScopes {
  #scopes: PseudonymScope[] = []

  at (category: string, epochMs: number, nowMs: number, keys: PseudonymKeys): PseudonymScope {
    const scopes = this.#scopes
    for (let k = 0; k < scopes.length; k++) {
      const scope = scopes[k]!
      if (scope.category !== category || scope.epochMs !== epochMs) continue
      if (scope.holdsAt(nowMs, keys)) return scope
      scopes.splice(k--, 1)
    }
    const made = new PseudonymScope(category, epochMs, nowMs, keys)
    scopes.push(made)
    return made
  }
}

const MOST_ACCOUNTS = 20_000

/** The scopes of all accounts: of each, one a recipient. */
export class AccountScopes {
  readonly #accounts = new Map<string, PseudonymScopes[]>()

  /** By the recipient's place in the policy. */
  of (account: string, recipients: number): readonly PseudonymScopes[] {
    let scopes = this.#accounts.get(account)
    if (scopes === undefined) {
      if (this.#accounts.size >= MOST_ACCOUNTS) this.#accounts.clear()
      scopes = Array.from({ length: recipients }, () => new PseudonymScopes())
      this.#accounts.set(account, scopes)
    }
    return scopes
  }

  forget (): void {
    this.#accounts.clear()
  }
}

function isSame (a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
