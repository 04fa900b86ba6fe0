/** Devices: whose they are, their password as a keyed hash, the addresses they are known by as keyed fingerprints. */

import { CurtilageError } from '../model/errors.js'
import type { Device } from '../model/registry.js'
import { RecentCache } from '../store/recent-cache.js'
import type { Accounts } from './accounts.js'
import { Fingerprints, NOTHING_KNOWN, roomFor, type FingerprintLookup, type KnownAddress } from './fingerprints.js'
import { checkDeviceId, isId } from './ids.js'
import { Learning } from './learning.js'
import type { Renew } from './renewal.js'
import { parseMac } from '../parse-mac.js'
import type { RegistryParts } from './registry.js'
import { deviceIdsOf, type StoredDevice } from './registry-tables.js'

const MIN_PASSWORD_LENGTH = 20
const MAX_PASSWORD_LENGTH = 256

export interface NewDevice {
  readonly account: string
  readonly device: string
  /** One is made where absent. */
  readonly password?: string
  readonly mac?: string
}

/** `isListed`: the list beside the store tells of it already. */
interface Listed {
  readonly isListed?: boolean
}

export interface AddedDevice {
  readonly device: string
  /** Shown once; it is not kept. */
  readonly password: string
}

export class Devices {
  readonly #parts: RegistryParts
  readonly #accounts: Accounts
  readonly #fingerprints: Fingerprints
  readonly #cache: RecentCache<string, Device>
  readonly #learning: Learning

  constructor (parts: RegistryParts, accounts: Accounts) {
    this.#parts = parts
    this.#accounts = accounts
    this.#fingerprints = new Fingerprints(parts.keyring)
    this.#cache = new RecentCache(parts.cached)
    this.#learning = new Learning({
      serial: parts.serial,
      get: device => this.get(device),
      write: async devices => { await this.#write(devices) },
      taught: (device, found) => {
        const addresses = this.#fingerprints.taught(device, found)
        return addresses === device.addresses ? device : { ...device, addresses }
      }
    })
  }

  /** @throws CurtilageError device-invalid, device-exists, account-unknown */
  async add (added: NewDevice): Promise<AddedDevice> {
    const [result] = await this.addAll([added])
    if (result === undefined) throw new TypeError('one device in, one device out')
    return result
  }

  /** Adds all or none, in one transaction. @throws CurtilageError as `add` */
  async addAll (added: readonly NewDevice[]): Promise<AddedDevice[]> {
    return await this.#parts.serial.run(async () => {
      for (const device of added) this.check(device)
      if (new Set(added.map(({ device }) => device)).size < added.length) throw new CurtilageError('device-exists', 'a device id occurs twice')
      const made = added.map(device => this.#make(device))
      await this.#write(made.map(({ stored }) => stored))
      return made.map(({ stored, password }) => ({ device: stored.device, password }))
    })
  }

  /** @throws CurtilageError what `add` would refuse now */
  check ({ account, device, password, mac }: NewDevice): void {
    checkDeviceId(device, this.#parts.containsAddress)
    if (!this.#accounts.has(account)) throw new CurtilageError('account-unknown', 'the account is not registered: add it first')
    if (this.get(device) !== undefined) throw new CurtilageError('device-exists', 'a device of this id is registered already, perhaps with another account')
    checkPassword(password)
    if (mac !== undefined && parseMac(mac) === undefined) throw new CurtilageError('device-invalid', 'the MAC address is not 12 or 16 hex digits')
  }

  /** A new password; the one before is void. @throws CurtilageError device-unknown, device-invalid */
  async rotate (device: string, password?: string, { isListed = false }: Listed = {}): Promise<AddedDevice> {
    checkPassword(password)
    return await this.#parts.serial.run(async () => {
      const known = this.#known(device)
      const fresh = password ?? this.#parts.credentials.generate()
      const listing = isListed ? undefined : this.#parts.listEnded?.({ kind: 'device', of: device })
      await this.#write([{ ...known, secret: this.#parts.credentials.hash('device', device, fresh) }], listing?.number)
      this.#parts.revoked({ kind: 'device', account: known.account, device })
      await listing?.append()
      return { device, password: fresh }
    })
  }

  /** @throws CurtilageError device-unknown */
  async remove (device: string, { isListed = false }: Listed = {}): Promise<void> {
    await this.#parts.serial.run(async () => {
      const { account } = this.#known(device)
      const listing = isListed ? undefined : this.#parts.listEnded?.({ kind: 'removed', of: device })
      await this.#parts.store.transaction(() => {
        this.#drop(account, device)
        listing?.number()
      })
      this.#cache.delete(device)
      this.#parts.revoked({ kind: 'device', account, device })
      await listing?.append()
    })
  }

  /** Synchronous, from memory or by one look into the store. */
  get (device: string): Device | undefined {
    const cached = this.#cache.get(device)
    if (cached !== undefined) return cached
    const stored = isId(device) ? this.#parts.tables.devices.get(device) : undefined
    if (stored === undefined) return undefined
    const known = { device, ...stored }
    this.#cache.set(device, known)
    return known
  }

  /** Device ids in order: of one account, or of all. */
  list (account?: string): string[] {
    return account === undefined ? [...this.#parts.tables.devices.getKeys()] : isId(account) ? deviceIdsOf(this.#parts.tables, account) : []
  }

  /** As `list`, from the one after `after`. */
  page (account: string | undefined, after: string | undefined, limit: number): string[] {
    const ids = account === undefined ? this.#parts.tables.devices.getKeys({ ...(after !== undefined && { start: after }), limit: limit + 1 }) : this.list(account)
    return [...ids].filter(device => after === undefined || device > after).slice(0, limit)
  }

  /** Which addresses the device and its children are known by, given at registration or learned. */
  fingerprintLookup (device: string): FingerprintLookup {
    const known = this.get(device)
    return known === undefined ? NOTHING_KNOWN : this.#fingerprints.lookup(known)
  }

  /** Remembers addresses found in the device's reports, 64 at most. True if one was new and is kept. Durable when it resolves. */
  async learn (device: string, addresses: readonly KnownAddress[]): Promise<boolean> {
    const known = this.get(device)
    const found = known === undefined ? [] : addresses.filter(address => this.#isNews(known, address))
    if (found.length === 0) return false
    return await this.#learning.learn(device, found)
  }

  /** Puts the hash of its password in the place of the one kept, unless that has changed meanwhile. */
  renewed (device: string, kept: string, secret: string): Renew {
    return () => {
      const known = this.get(device)
      if (known?.secret !== kept) return undefined
      const { device: name, ...stored } = { ...known, secret }
      this.#parts.tables.devices.putSync(name, stored satisfies StoredDevice)
      return () => { this.#cache.set(name, { device: name, ...stored }) }
    }
  }

  /** Within the transaction that erases the account. */
  dropAll (account: string): void {
    for (const device of this.list(account)) this.#drop(account, device)
  }

  forget (device: string): void {
    this.#cache.delete(device)
  }

  #isNews (known: Device, address: KnownAddress): boolean {
    if (this.#fingerprints.knows(known, address)) return false
    return roomFor(known, address) || this.#fingerprints.knowsOfOld(known, address)
  }

  #make ({ account, device, password, mac }: NewDevice): { stored: Device, password: string } {
    const chosen = password ?? this.#parts.credentials.generate()
    const hex = mac === undefined ? undefined : parseMac(mac)
    const addresses = hex === undefined ? [] : [this.#fingerprints.of(device, { kind: 'mac', canonical: hex })]
    const secret = this.#parts.credentials.hash('device', device, chosen)
    return { stored: { device, account, addedMs: this.#parts.now(), secret, addresses }, password: chosen }
  }

  async #write (devices: readonly Device[], also?: () => void): Promise<void> {
    const { store, tables } = this.#parts
    await store.transaction(() => {
      for (const { device, ...stored } of devices) {
        tables.devices.putSync(device, stored satisfies StoredDevice)
        tables.byAccount.putSync([stored.account, device], 1)
      }
      also?.()
    })
    for (const device of devices) this.#cache.set(device.device, device)
  }

  #drop (account: string, device: string): void {
    this.#parts.tables.devices.removeSync(device)
    this.#parts.tables.byAccount.removeSync([account, device])
  }

  #known (device: string): Device {
    const known = this.get(device)
    if (known === undefined) throw new CurtilageError('device-unknown', 'no device of this id is registered')
    return known
  }
}

function checkPassword (password: string | undefined): void {
  if (password === undefined) return
  if (password.length < MIN_PASSWORD_LENGTH) throw new CurtilageError('device-invalid', `a device password has at least ${MIN_PASSWORD_LENGTH} characters: leave it out and one is made`)
  if (password.length > MAX_PASSWORD_LENGTH) throw new CurtilageError('device-invalid', `a device password has at most ${MAX_PASSWORD_LENGTH} characters`)
}
