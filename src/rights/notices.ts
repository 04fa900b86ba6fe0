/** The erasure notices of one account: each recipient is told the names under which it knows the account's devices. */

import { createHmac } from 'node:crypto'
import { releaseNotice } from '../guard/release.js'
import type { KnownAddresses } from '../guard/known.js'
import { lettersOf } from '../letters.js'
import { pseudonymOf, type PseudonymKeys } from '../minimize/pseudonym.js'
import type { OutboxEntry } from '../outbox/contract.js'
import { readTransform } from '../policy/transform-spelling.js'
import type { KnownName } from './delivery-counts.js'

/** Names in one notice. */
const MOST_NAMES = 500
const ID_BYTES = 20

export interface NoticeContext {
  /** Ids follow from it: notices made again have the same. */
  readonly seed: Uint8Array
  readonly category: string
  readonly notice: string
  readonly policy: string
  readonly nowMs: number
  readonly known: () => KnownAddresses
  readonly keysFor: (recipient: string) => PseudonymKeys
}

export interface Notices {
  readonly entries: OutboxEntry[]
  /** Recipients of names in which the second look found an address, once for each such name. */
  readonly alarms: string[]
}

/** One or more for each recipient that knows a name; none for others, who could do nothing with it. */
export function noticesOf (names: readonly KnownName[], context: NoticeContext): Notices {
  const byRecipient = new Map<string, Set<string>>()
  for (const name of names) {
    const known = byRecipient.get(name.recipient) ?? new Set()
    for (const spelled of spellings(name, context)) known.add(spelled)
    if (known.size > 0) byRecipient.set(name.recipient, known)
  }
  const notices: Notices = { entries: [], alarms: [] }
  // sorted, so that their order tells neither devices nor times
  for (const [recipient, devices] of byRecipient) addNotices(recipient, [...devices].sort(), context, notices)
  return notices
}

/** What the transform made of the id at any time from the first to the last. */
function * spellings ({ recipient, device, transform: spelling, firstMs, lastMs }: KnownName, { category, nowMs, keysFor }: NoticeContext): Generator<string> {
  const transform = readTransform(spelling)
  if (transform?.kind === 'keep') yield device
  if (transform?.kind !== 'pseudonymize') return
  const { epochMs } = transform
  for (let epoch = Math.floor(firstMs / epochMs); epoch <= Math.floor(Math.min(lastMs, nowMs) / epochMs); epoch++) {
    yield pseudonymOf(device, { recipient, category, epochMs, nowMs: epoch * epochMs }, keysFor(recipient))
  }
}

function addNotices (recipient: string, devices: readonly string[], context: NoticeContext, { entries, alarms }: Notices): void {
  for (let first = 0; first < devices.length; first += MOST_NAMES) {
    const some = devices.slice(first, first + MOST_NAMES)
    const entry = entryOf(recipient, some, first, context)
    if (entry !== undefined) { entries.push(entry); continue }
    const sound = some.filter(device => entryOf(recipient, [device], first, context) !== undefined)
    const rest = sound.length === 0 ? undefined : entryOf(recipient, sound, first, context)
    if (rest !== undefined) entries.push(rest)
    for (let i = sound.length; i < some.length; i++) alarms.push(recipient)
  }
}

function entryOf (recipient: string, devices: readonly string[], first: number, { seed, notice, policy, nowMs, known }: NoticeContext): OutboxEntry | undefined {
  const id = lettersOf(createHmac('sha256', seed).update(`${recipient} ${first}`).digest().subarray(0, ID_BYTES))
  const disclosure = releaseNotice({ id, recipient, devices, notice, policy }, known())
  return disclosure && { disclosure, header: { erasure: true, policy, decidedMs: nowMs, notBeforeMs: nowMs } }
}
