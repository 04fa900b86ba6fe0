/**
 * The registry on disk. No password, token or address is in it, keyed hashes only.
 *
 * ```
 * registry.accounts    account → { addedMs, key: 32 random bytes, kept?: recipient → 32 bytes, appSecret? }
 * registry.devices     device → { account, addedMs, secret, addresses: [{ full, tails }] }
 * registry.by-account  [account, device] → 1
 * registry.recipients  recipient → keyed hash of its token
 * registry.tokens      keyed hash of the token → { id, role, createdMs }
 * meta                 'ops-token' → true once the first ops token was written
 * ```
 */

import type { Database } from 'lmdb'
import type { AddressFingerprint } from '../model/registry.js'
import type { Store } from '../store/store.js'

export interface StoredAccount {
  readonly addedMs: number
  /** Pseudonyms of the account are made with it; destroying it unlinks them. */
  readonly key: Uint8Array
  /** Keys with some recipients that outlived an earlier key of the account (see recipient-key.ts). */
  readonly kept?: Readonly<Record<string, Uint8Array>>
  readonly appSecret?: string
}

export interface StoredDevice {
  readonly account: string
  readonly addedMs: number
  readonly secret: string
  readonly addresses: readonly AddressFingerprint[]
}

export interface StoredToken {
  readonly id: string
  readonly role: string
  readonly createdMs: number
}

export interface RegistryTables {
  readonly accounts: Database<StoredAccount, string>
  readonly devices: Database<StoredDevice, string>
  readonly byAccount: Database<number, [string, string]>
  readonly recipients: Database<string, string>
  readonly tokens: Database<StoredToken, string>
  readonly meta: Store['meta']
}

export function openRegistryTables (store: Store): RegistryTables {
  return {
    accounts: store.database('registry.accounts'),
    devices: store.database('registry.devices'),
    byAccount: store.database('registry.by-account'),
    recipients: store.database('registry.recipients'),
    tokens: store.database('registry.tokens'),
    meta: store.meta
  }
}

/** Device ids of one account, ascending. */
export function deviceIdsOf ({ byAccount }: RegistryTables, account: string): string[] {
  // '{' follows every character of an id.
  return [...byAccount.getKeys({ start: [account, ''], end: [account, '{'] })].map(([, device]) => device)
}
