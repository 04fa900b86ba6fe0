/**
 * When the last backup was made.
 *
 * ```
 * meta  'backup' → epoch milliseconds
 * ```
 */

import type { Store } from './store.js'

const LAST = 'backup'

/** Undefined: none, since the store was made or restored. */
export function lastBackupMs ({ meta }: Store): number | undefined {
  return meta.get(LAST) as number | undefined
}

export async function noteBackup (store: Store, atMs: number): Promise<void> {
  await store.transaction(() => { store.meta.putSync(LAST, atMs) })
}
