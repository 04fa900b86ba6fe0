/**
 * The registry: accounts, devices, and every credential that the gateway checks.
 *
 * What is asked on the path of a report (`devices.get`, `accounts.key`, `authenticate`) is synchronous and answered
 * from memory or by one look into the store. Everything that changes is durable before it resolves.
 */

import type { ConsentLedger, Elsewhere } from '../consent/ledger.js'
import type { AccountConsent } from '../model/consent.js'
import { CurtilageError } from '../model/errors.js'
import type { Identity } from '../model/registry.js'
import type { Keyring } from '../store/keyring.js'
import { Serial } from '../store/serial.js'
import type { Store } from '../store/store.js'
import { Accounts, type Recalled } from './accounts.js'
import { Credentials } from './credentials.js'
import { Devices } from './devices.js'
import type { ContainsAddress } from './ids.js'
import { countGenerations, type GenerationCounts } from './generation-counts.js'
import { Renewal, type Renew } from './renewal.js'
import { openRegistryTables, type RegistryTables } from './registry-tables.js'
import { Tokens } from './tokens.js'
import { Unfinished } from './unfinished.js'

const CACHED = 50_000
const RECIPIENT = /^[a-z][a-z0-9-]{0,63}$/

/** A device that was removed, a password or token that was valid and is void: by the id of the device, account or token, or the recipient's name. */
export interface Ended {
  readonly kind: 'removed' | 'device' | 'app' | 'recipient' | 'token'
  readonly of: string
}

export interface RegistryOptions {
  readonly store: Store
  readonly keyring: Keyring
  readonly ledger: ConsentLedger
  /** The guard's finder: an id in which it finds an address is refused. */
  readonly containsAddress: ContainsAddress
  /** Region of an account registered without one. */
  readonly defaultRegion: () => string
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  /** Keeps elsewhere too what ended. */
  readonly listEnded?: (ended: Ended) => Elsewhere
  /** Asked before an account is added. Synchronous. */
  readonly recall?: (account: string) => Recalled | undefined
  /** Devices, and accounts, kept in memory; at most twice as many are held. */
  readonly cached?: number
}

/** What accounts, devices and tokens share. */
export interface RegistryParts extends Omit<RegistryOptions, 'ledger' | 'cached'> {
  readonly tables: RegistryTables
  readonly credentials: Credentials
  readonly serial: Serial
  readonly cached: number
  readonly renewal: Renewal
  readonly unfinished: Unfinished
  revoked (identity: Identity): void
}

export class Registry {
  readonly accounts: Accounts
  readonly devices: Devices
  readonly tokens: Tokens
  readonly unfinished: Unfinished
  readonly #parts: RegistryParts
  readonly #ledger: ConsentLedger
  readonly #listeners = new Set<(identity: Identity) => void>()

  constructor (options: RegistryOptions) {
    const { ledger, ...shared } = options
    const serial = new Serial()
    this.unfinished = new Unfinished(options.store, options.randomBytes)
    this.#parts = {
      ...shared,
      unfinished: this.unfinished,
      cached: options.cached ?? CACHED,
      tables: openRegistryTables(options.store),
      credentials: new Credentials(options.keyring),
      serial,
      renewal: new Renewal({ serial, store: options.store }),
      revoked: identity => { for (const listener of this.#listeners) listener(identity) }
    }
    this.#ledger = ledger
    this.accounts = new Accounts(this.#parts, ledger)
    this.devices = new Devices(this.#parts, this.accounts)
    this.tokens = new Tokens(this.#parts, this.accounts)
  }

  /**
   * Who connects with this user name and password: a device by its id, an account's own app by `account:{id}`, a
   * recipient by `recipient:{name}`. Undefined for anybody else, at the same cost.
   */
  authenticate (userName: string, password: string | Uint8Array | undefined): Identity | undefined {
    const { kind, name, kept, identity, renewed } = this.#claimed(userName)
    const { credentials, renewal } = this.#parts
    if (!credentials.verify(kind, name, password ?? '', kept)) return undefined
    if (kept !== undefined && credentials.isOld(kept)) renewal.add(renewed(kept, credentials.hash(kind, name, password ?? '')))
    return identity
  }

  /** Resolves when credentials that were used so far are kept under the newest generation of the secret. */
  async renewed (): Promise<void> {
    await this.#parts.renewal.settled()
  }

  /** What is kept under each generation of the secret. Walks over everything, and lets others have a turn. */
  async countGenerations (): Promise<ReadonlyMap<number, GenerationCounts>> {
    return await countGenerations(this.#parts.tables)
  }

  /** Makes a new token for a recipient of the mqtt sink; the one before is void. It cannot be shown again. */
  async recipientToken (recipient: string): Promise<string> {
    if (!RECIPIENT.test(recipient)) throw new CurtilageError('token-invalid', 'a recipient name is 1 to 64 of a-z0-9-, a letter first')
    return await this.#parts.serial.run(async () => {
      const { credentials, store, tables: { recipients } } = this.#parts
      const token = credentials.generate()
      const secret = credentials.hash('recipient', recipient, token)
      const listing = recipients.get(recipient) === undefined ? undefined : this.#parts.listEnded?.({ kind: 'recipient', of: recipient })
      await store.transaction(() => {
        recipients.putSync(recipient, secret)
        listing?.number()
      })
      this.#parts.revoked({ kind: 'recipient', recipient })
      await listing?.append()
      return token
    })
  }

  /** False where there is none. */
  async voidRecipientToken (recipient: string): Promise<boolean> {
    return await this.#parts.serial.run(async () => {
      const { store, tables: { recipients } } = this.#parts
      if (recipients.get(recipient) === undefined) return false
      await store.transaction(() => { recipients.removeSync(recipient) })
      this.#parts.revoked({ kind: 'recipient', recipient })
      return true
    })
  }

  /** A new token for the account's own app; the one before is void. @throws CurtilageError account-unknown */
  async appToken (account: string): Promise<string> {
    return await this.accounts.appToken(account)
  }

  /** What stands of an account now; undefined where it is not registered, or is being erased. Synchronous. */
  consentOf (account: string): AccountConsent | undefined {
    return this.unfinished.isErasing(account) ? undefined : this.#ledger.current(account)
  }

  /** Ends every connection of the account's devices and app. */
  endConnections (account: string): void {
    for (const device of this.devices.list(account)) this.#parts.revoked({ kind: 'device', account, device })
    this.#parts.revoked({ kind: 'app', account })
  }

  /**
   * Erases an account in one transaction: its devices, tokens and key, and all that the ledger holds of it. `also` shares it.
   *
   * An account that is not registered is no error, so that an erasure can be repeated.
   */
  async eraseAccount (account: string, also?: () => void): Promise<void> {
    await this.#parts.serial.run(async () => {
      const devices = this.devices.list(account)
      await this.#ledger.erase(account, () => {
        this.devices.dropAll(account)
        this.tokens.dropAll(account)
        this.accounts.drop(account)
        this.unfinished.drop(account)
        also?.()
      })
      for (const device of devices) {
        this.devices.forget(device)
        this.#parts.revoked({ kind: 'device', account, device })
      }
      this.accounts.forget(account)
      this.unfinished.forget(account)
      this.#parts.revoked({ kind: 'app', account })
    })
  }

  /** Told when a credential became void, so that connections made with it can be closed. Returns what ends the subscription. */
  onRevoked (listener: (identity: Identity) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  #claimed (userName: string): Claimed {
    if (userName.startsWith('account:')) {
      const account = userName.slice('account:'.length)
      return { kind: 'app', name: account, kept: this.accounts.appSecret(account), identity: { kind: 'app', account }, renewed: (kept, secret) => this.accounts.renewed(account, kept, secret) }
    }
    if (userName.startsWith('recipient:')) {
      const recipient = userName.slice('recipient:'.length)
      const kept = RECIPIENT.test(recipient) ? this.#parts.tables.recipients.get(recipient) : undefined
      return { kind: 'recipient', name: recipient, kept, identity: { kind: 'recipient', recipient }, renewed: (kept, secret) => this.#renewedRecipient(recipient, kept, secret) }
    }
    const known = this.devices.get(userName)
    const mayConnect = known !== undefined && !this.unfinished.isErasing(known.account)
    return { kind: 'device', name: userName, kept: mayConnect ? known.secret : undefined, identity: { kind: 'device', account: known?.account ?? '', device: userName }, renewed: (kept, secret) => this.devices.renewed(userName, kept, secret) }
  }

  #renewedRecipient (recipient: string, kept: string, secret: string): Renew {
    const { recipients } = this.#parts.tables
    return () => {
      if (recipients.get(recipient) === kept) recipients.putSync(recipient, secret)
      return undefined
    }
  }
}

/** As whom somebody wants to connect. */
interface Claimed {
  readonly kind: Identity['kind']
  readonly name: string
  readonly kept: string | undefined
  readonly identity: Identity
  /** Puts a hash in the place of the one kept, unless that has changed meanwhile. */
  renewed (kept: string, secret: string): Renew
}
