/** Accounts: when they were added, their key, their app's token. What is known of them lives in the consent ledger. */

import type { AccountConsent, AccountFacts } from '../model/consent.js'
import { CurtilageError } from '../model/errors.js'
import type { ConsentLedger } from '../consent/ledger.js'
import type { ConsentStatement, Origination } from '../consent/statement.js'
import { RecentCache } from '../store/recent-cache.js'
import { checkAccountId, isId } from './ids.js'
import type { RegistryParts } from './registry.js'
import type { Renew } from './renewal.js'
import { recipientKey } from './recipient-key.js'
import type { StoredAccount } from './registry-tables.js'

const KEY_BYTES = 32

export interface NewAccount {
  readonly account: string
  readonly regime: string
  /** The policy's default region where absent. */
  readonly region?: string
  readonly minor?: boolean
  readonly optOutSignal?: boolean
}

/** What an account of that id has said before, of which the store knows nothing any more. It holds again from its first moment on. */
export interface Recalled {
  readonly minor: boolean
  readonly optOutSignal: boolean
  readonly statements: readonly ConsentStatement[]
  /** Within the transaction that adds the account. */
  drop (): void
}

export interface ShownAccount extends AccountFacts {
  readonly account: string
  readonly addedMs: number
  readonly hasAppToken: boolean
}

export class Accounts {
  readonly #parts: RegistryParts
  readonly #ledger: ConsentLedger
  readonly #cache: RecentCache<string, StoredAccount>

  constructor (parts: RegistryParts, ledger: ConsentLedger) {
    this.#parts = parts
    this.#ledger = ledger
    this.#cache = new RecentCache(parts.cached)
  }

  /** @throws CurtilageError account-invalid, account-exists */
  async add ({ account, regime, region, minor = false, optOutSignal = false }: NewAccount, by: Origination = {}): Promise<void> {
    checkAccountId(account, this.#parts.containsAddress)
    await this.#parts.serial.run(async () => {
      if (this.storedOf(account) !== undefined) throw new CurtilageError('account-exists', `account ${account} is registered already`)
      const recalled = this.#parts.recall?.(account)
      const facts = { regime, region: region ?? this.#parts.defaultRegion(), minor: minor || recalled?.minor === true, optOutSignal: optOutSignal || recalled?.optOutSignal === true }
      const stored = { addedMs: this.#parts.now(), key: this.#parts.randomBytes(KEY_BYTES) }
      await this.#ledger.appendAll([{ account, facts, ...by }, ...recalled?.statements ?? []], () => {
        this.#parts.tables.accounts.putSync(account, stored)
        recalled?.drop()
      })
    })
  }

  /**
   * Records what differs from what is known; resolves to false where nothing does. `also` shares the transaction.
   *
   * @throws CurtilageError account-unknown, account-invalid
   */
  async set (account: string, facts: Partial<AccountFacts>, by: Origination = {}, also?: () => void): Promise<boolean> {
    return await this.#parts.serial.run(async () => {
      const known = this.#known(account).facts
      const changed = Object.fromEntries(Object.entries(facts).filter(([name, value]) => value !== undefined && value !== known[name as keyof AccountFacts]))
      if (Object.keys(changed).length === 0) return false
      await this.#ledger.setFacts(account, changed, by, also)
      return true
    })
  }

  has (account: string): boolean {
    return this.#get(account) !== undefined
  }

  show (account: string): ShownAccount | undefined {
    const stored = this.#get(account)
    const facts = this.#ledger.current(account)?.facts
    if (stored === undefined || facts === undefined) return undefined
    return { account, addedMs: stored.addedMs, ...facts, hasAppToken: stored.appSecret !== undefined }
  }

  /** Account ids in order, from the one after `after`. */
  list (after: string | undefined, limit: number, prefix = ''): string[] {
    const start = after !== undefined && after > prefix ? after : prefix
    const keys = this.#parts.tables.accounts.getKeys({ ...(start !== '' && { start }), limit: limit + 1 })
    return [...keys].filter(account => account !== after && account.startsWith(prefix)).slice(0, limit)
  }

  /** The account's own key of 32 bytes, from which those with its recipients follow; undefined once it is erased. Synchronous. */
  key (account: string): Uint8Array | undefined {
    return this.#get(account)?.key
  }

  /**
   * The account's key with one recipient, 32 bytes: its pseudonyms and the ids of its disclosures follow from it, and no
   * other recipient's key does. Undefined once it is erased. Synchronous.
   */
  keyWith (recipient: string, account: string): Uint8Array | undefined {
    const stored = this.#get(account)
    return stored && recipientKey(stored, recipient)
  }

  /** Makes a new token for the account's own app; the one before is void. It is not kept and cannot be shown again. */
  async appToken (account: string): Promise<string> {
    const { serial, credentials, tables, store } = this.#parts
    return await serial.run(async () => {
      this.#known(account)
      const token = credentials.generate()
      const before = this.#stored(account)
      const stored = { ...before, appSecret: credentials.hash('app', account, token) }
      const listing = before.appSecret === undefined ? undefined : this.#parts.listEnded?.({ kind: 'app', of: account })
      await store.transaction(() => {
        tables.accounts.putSync(account, stored)
        listing?.number()
      })
      this.#cache.set(account, stored)
      this.#parts.revoked({ kind: 'app', account })
      await listing?.append()
      return token
    })
  }

  /** False where it has none. */
  async voidAppToken (account: string): Promise<boolean> {
    return await this.#parts.serial.run(async () => {
      const { appSecret, ...stored } = this.#stored(account)
      if (appSecret === undefined) return false
      await this.#parts.store.transaction(() => { this.#parts.tables.accounts.putSync(account, stored) })
      this.#cache.set(account, stored)
      this.#parts.revoked({ kind: 'app', account })
      return true
    })
  }

  appSecret (account: string): string | undefined {
    return this.#get(account)?.appSecret
  }

  /** Puts the hash of its app's token in the place of the one kept, unless that has changed meanwhile. */
  renewed (account: string, kept: string, appSecret: string): Renew {
    return () => {
      const stored = this.#get(account)
      if (stored?.appSecret !== kept) return undefined
      const renewed = { ...stored, appSecret }
      this.#parts.tables.accounts.putSync(account, renewed)
      return () => { this.#cache.set(account, renewed) }
    }
  }

  /**
   * A new key, from which nothing of the past follows, except what the recipients in `keep` know; durable when it resolves.
   * `also` shares the transaction.
   */
  async replaceKey (account: string, keep: readonly string[], also: () => void): Promise<void> {
    const { serial, store, tables, randomBytes } = this.#parts
    await serial.run(async () => {
      const stored = this.storedOf(account)
      const kept = stored && Object.fromEntries(keep.map(recipient => [recipient, recipientKey(stored, recipient)]))
      await store.transaction(() => {
        if (stored !== undefined && kept !== undefined) tables.accounts.putSync(account, { ...stored, key: randomBytes(KEY_BYTES), kept })
        also()
      })
      this.#cache.delete(account)
    })
  }

  /** Within the transaction that erases the account. */
  drop (account: string): void {
    this.#parts.tables.accounts.removeSync(account)
  }

  forget (account: string): void {
    this.#cache.delete(account)
  }

  #get (account: string): StoredAccount | undefined {
    return this.#parts.unfinished.isErasing(account) ? undefined : this.storedOf(account)
  }

  /** As a transaction sees it; true also of an account that is being erased. */
  isStored (account: string): boolean {
    return this.#parts.tables.accounts.get(account) !== undefined
  }

  /** Also of an account that is being erased. Synchronous. */
  storedOf (account: string): StoredAccount | undefined {
    const cached = this.#cache.get(account)
    if (cached !== undefined) return cached
    const stored = isId(account) ? this.#parts.tables.accounts.get(account) : undefined
    if (stored !== undefined) this.#cache.set(account, stored)
    return stored
  }

  #stored (account: string): StoredAccount {
    const stored = this.#get(account)
    if (stored === undefined) throw new CurtilageError('account-unknown', `account ${account} is not registered`)
    return stored
  }

  #known (account: string): AccountConsent {
    const consent = isId(account) && !this.#parts.unfinished.isErasing(account) ? this.#ledger.current(account) : undefined
    if (consent === undefined) throw new CurtilageError('account-unknown', 'no account of this id is registered')
    return consent
  }
}
