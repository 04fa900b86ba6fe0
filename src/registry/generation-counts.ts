/** What the registry keeps under each generation of the secret. */

import { setImmediate as breathe } from 'node:timers/promises'
import type { Database, Key } from 'lmdb'
import { generationOf } from './credentials.js'
import type { RegistryTables } from './registry-tables.js'

const STRIDE = 2_000

export interface GenerationCounts {
  /** Passwords of devices. */
  devices: number
  /** Tokens of accounts' own apps. */
  apps: number
  /** Tokens of recipients. */
  recipients: number
  /** Tokens of the API. */
  tokens: number
  /** Fingerprints of addresses. */
  addresses: number
}

export async function countGenerations (tables: RegistryTables): Promise<Map<number, GenerationCounts>> {
  const counts = new Map<number, GenerationCounts>()
  const add = (generation: number, what: keyof GenerationCounts): void => {
    const own = counts.get(generation) ?? { devices: 0, apps: 0, recipients: 0, tokens: 0, addresses: 0 }
    own[what] += 1
    counts.set(generation, own)
  }
  await walk(tables.devices, ({ secret, addresses }) => {
    add(generationOf(secret), 'devices')
    for (const { generation = 1 } of addresses) add(generation, 'addresses')
  })
  await walk(tables.accounts, ({ appSecret }) => { if (appSecret !== undefined) add(generationOf(appSecret), 'apps') })
  await walk(tables.recipients, secret => add(generationOf(secret), 'recipients'))
  await walk(tables.tokens, (_, hash) => add(generationOf(hash), 'tokens'))
  return counts
}

async function walk<V, K extends Key> (table: Database<V, K>, see: (value: V, key: K) => void): Promise<void> {
  let after: K | undefined
  for (;;) {
    const stride = [...table.getRange({ ...(after !== undefined && { start: after }), limit: STRIDE + 1 })]
    for (const { key, value } of stride) if (key !== after) see(value, key)
    if (stride.length <= STRIDE) return
    after = stride.at(-1)?.key
    await breathe()
  }
}
