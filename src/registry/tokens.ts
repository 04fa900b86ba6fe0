/** Bearer tokens of the API: shown once, kept as keyed hashes. */

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lettersOf } from '../letters.js'
import { CurtilageError } from '../model/errors.js'
import { createPrivateFile } from '../store/private-file.js'
import type { Accounts } from './accounts.js'
import { isId } from './ids.js'
import type { RegistryParts } from './registry.js'
import type { Renew } from './renewal.js'
import type { StoredToken } from './registry-tables.js'

const OPS_TOKEN = 'ops-token'
const ID_BYTES = 6

export type TokenRole = 'ops' | 'auditor' | `account:${string}`

export interface ShownToken {
  readonly id: string
  readonly role: TokenRole
  readonly createdMs: number
}

export class Tokens {
  readonly #parts: RegistryParts
  readonly #accounts: Accounts

  constructor (parts: RegistryParts, accounts: Accounts) {
    this.#parts = parts
    this.#accounts = accounts
  }

  /** @throws CurtilageError token-invalid for an unknown role, account-unknown for `account:{id}` of none */
  async create (role: string): Promise<{ id: string, role: TokenRole, token: string }> {
    const checked = checkRole(role)
    return await this.#parts.serial.run(async () => {
      this.#refuseUnknownAccount(checked)
      const token = this.#parts.credentials.generate()
      const stored = this.#stored(checked)
      await this.#parts.store.transaction(() => { this.#put(token, stored) })
      return { id: stored.id, role: checked, token }
    })
  }

  /** The role that a token gives; undefined for none. */
  check (token: string): TokenRole | undefined {
    return this.identify(token)?.role
  }

  /** Which token it is; undefined for none. Looked up by its keyed hash, so time tells nothing of it. */
  identify (token: string): ShownToken | undefined {
    if (token.length > 256) return undefined
    const { credentials, tables, renewal } = this.#parts
    for (const generation of credentials.generations) {
      const key = credentials.hash('token', '', token, generation)
      const known = tables.tokens.get(key)
      if (known !== undefined && credentials.isOld(key)) renewal.add(this.#renewed(key, this.#hash(token)))
      if (known !== undefined) return known as ShownToken
    }
  }

  /** Oldest first. */
  list (): ShownToken[] {
    return [...this.#entries()].map(({ value: { id, role, createdMs } }) => ({ id, role: role as TokenRole, createdMs })).sort((a, b) => a.createdMs - b.createdMs)
  }

  /** @throws CurtilageError token-invalid where no token has this id */
  async revoke (id: string): Promise<void> {
    await this.#parts.serial.run(async () => {
      const keys = this.#keysWhere(token => token.id === id)
      if (keys.length === 0) throw new CurtilageError('token-invalid', 'no token of this id: see the list of tokens')
      const listing = this.#parts.listEnded?.({ kind: 'token', of: id })
      await this.#parts.store.transaction(() => {
        this.#removeAll(keys)
        listing?.number()
      })
      await listing?.append()
    })
  }

  /** For what is listed beside the store already. False where there is none of this id. */
  async revokeIfThere (id: string): Promise<boolean> {
    return await this.#parts.serial.run(async () => {
      const keys = this.#keysWhere(token => token.id === id)
      await this.#parts.store.transaction(() => this.#removeAll(keys))
      return keys.length > 0
    })
  }

  /**
   * Writes the first ops token to `DATA/ops.token`, mode 600; once in the life of a data folder.
   *
   * The file is written before the hash is kept, so that no crash leaves a token that nobody can read.
   */
  async ensureOpsToken (dataFolder: string): Promise<boolean> {
    return await this.#parts.serial.run(async () => {
      if (this.#parts.tables.meta.get(OPS_TOKEN) === true) return false
      const path = join(dataFolder, 'ops.token')
      if (existsSync(path)) rmSync(path)
      const token = this.#parts.credentials.generate()
      createPrivateFile(path, Buffer.from(`${token}\n`))
      await this.#parts.store.transaction(() => {
        this.#put(token, this.#stored('ops'))
        this.#parts.tables.meta.putSync(OPS_TOKEN, true)
      })
      return true
    })
  }

  /** The first token's file is used rarely: its hash is made anew as long as the file is there. */
  renewOpsToken (dataFolder: string): void {
    try {
      this.identify(readFileSync(join(dataFolder, 'ops.token'), 'utf8').trim())
    } catch { /* it may be deleted */ }
  }

  /** Within the transaction that erases the account. */
  dropAll (account: string): void {
    this.#removeAll(this.#keysWhere(token => token.role === `account:${account}`))
  }

  #renewed (key: string, renewed: string): Renew {
    const { tokens } = this.#parts.tables
    return () => {
      const stored = tokens.get(key)
      if (stored === undefined) return undefined
      tokens.removeSync(key)
      tokens.putSync(renewed, stored)
      return undefined
    }
  }

  #refuseUnknownAccount (role: TokenRole): void {
    if (role.startsWith('account:') && !this.#accounts.has(role.slice('account:'.length))) {
      throw new CurtilageError('account-unknown', 'no account of this id is registered')
    }
  }

  #stored (role: TokenRole): StoredToken {
    return { id: lettersOf(this.#parts.randomBytes(ID_BYTES)), role, createdMs: this.#parts.now() }
  }

  #put (token: string, stored: StoredToken): void {
    this.#parts.tables.tokens.putSync(this.#hash(token), stored)
  }

  #hash (token: string): string {
    return this.#parts.credentials.hash('token', '', token)
  }

  #entries () {
    return this.#parts.tables.tokens.getRange()
  }

  #keysWhere (match: (token: StoredToken) => boolean): string[] {
    return [...this.#entries()].filter(({ value }) => match(value)).map(({ key }) => key)
  }

  #removeAll (keys: readonly string[]): void {
    for (const key of keys) this.#parts.tables.tokens.removeSync(key)
  }
}

function checkRole (role: string): TokenRole {
  if (role === 'ops' || role === 'auditor') return role
  if (role.startsWith('account:') && isId(role.slice('account:'.length))) return role as TokenRole
  throw new CurtilageError('token-invalid', 'a role is ops, auditor or account:{id}')
}
