/** Who could come in or be delivered to, and may not any more: to entries of the replay list, and from them back. */

import type { Elsewhere } from '../consent/ledger.js'
import type { Outbox } from '../outbox/contract.js'
import type { Ended, Registry } from '../registry/registry.js'
import type { ReplayEntry, ReplayList } from './replay-list.js'

export type AccessEntry = Extract<ReplayEntry, { what: 'removed' | 'void' | 'pause' }>
type Voided = Extract<ReplayEntry, { what: 'void' }>

export interface AccessParts {
  readonly replay: ReplayList
  readonly registry: Registry
  readonly outbox: Pick<Outbox, 'pause' | 'resume'>
  readonly now: () => number
}

export function listingOfEnded (replay: ReplayList, ended: Ended): Elsewhere {
  if (ended.kind === 'removed') return replay.list([{ what: 'removed', device: replay.device(ended.of) }])
  const { kind, of } = ended
  return replay.list([{ what: 'void', kind, of: kind === 'device' ? replay.device(of) : kind === 'app' ? replay.account(of) : of }])
}

/** Devices and accounts by their fingerprints; walks over all of them when it is first asked. */
export interface ByPrint {
  device (print: string): string | undefined
  account (print: string): string | undefined
}

/** False: the store does not hold what the entry speaks of. */
export async function endAgain (entry: AccessEntry, { registry, outbox, now }: AccessParts, find: ByPrint): Promise<boolean> {
  if (entry.what === 'pause') {
    await (entry.isPaused ? outbox.pause(entry.recipient, { reason: 'it was paused when an older store was put back', by: 'replay', atMs: now() }) : outbox.resume(entry.recipient))
    return true
  }
  if (entry.what === 'void') return await voidAgain(entry, registry, find)
  const device = find.device(entry.device)
  if (device !== undefined) await registry.devices.remove(device, { isListed: true })
  return device !== undefined
}

async function voidAgain ({ kind, of }: Voided, registry: Registry, find: ByPrint): Promise<boolean> {
  if (kind === 'recipient') return await registry.voidRecipientToken(of)
  if (kind === 'token') return await registry.tokens.revokeIfThere(of)
  const name = find[kind === 'device' ? 'device' : 'account'](of)
  if (name === undefined) return false
  if (kind === 'app') return await registry.accounts.voidAppToken(name)
  await registry.devices.rotate(name, undefined, { isListed: true })
  return true
}
