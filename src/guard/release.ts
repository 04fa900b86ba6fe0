/**
 * The egress guard, and the only constructors of a Disclosure: of a report, of an erasure notice, of what the disk held.
 *
 * It trusts nobody upstream: whatever rules, consent and transforms said, it looks for addresses in what is about to leave,
 * field by field, and looks again at the finished bytes.
 *
 * INVARIANT: no address of the first column, and no known address of the second, leaves, whatever the configuration.
 */

import { screen, type NumericTexts } from './screen.js'
import { readEnvelope } from './envelope.js'
import { secondLook } from './second-look.js'
import { settleShape } from './shape.js'
import { spell, spellLeaf } from './spell.js'
import { KnownAddressCollector, type KnownAddresses } from './known.js'
import type { ByteLook } from './byte-look.js'
import type { KnownHere } from './known-here.js'
import type { Window } from './words.js'
import type { Disclosure, NoticeName } from '../model/disclosure.js'
import type { Draft } from '../model/draft.js'

export type Released =
  | { readonly disclosure: Disclosure }
  | { readonly withheld: 'nothing-left' | 'guard-alarm' }

/** What a recipient is told of an erased account: the names it knows its devices by, and nothing else. */
export interface ErasureNotice {
  /** Spelled in the letters g–z. */
  readonly id: string
  readonly recipient: string
  /** Pseudonyms; ids as they are where the recipient's rule kept them. */
  readonly devices: readonly string[]
  readonly notice: string
  readonly policy: string
}

/** A disclosure as it was written without a draft. */
export interface WrittenDisclosure {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly window: Window
  readonly length: number
}

/** A disclosure as a disk held it. */
export interface StoredDisclosure {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly bytes: Uint8Array
}

/**
 * Takes addresses out of a draft and makes a disclosure of what is left.
 *
 * Marks in the draft what it suppressed. `nothing-left`: no field of the data is left; `guard-alarm`: the second look
 * found an address that the first had missed. `id` must be spelled in the letters g–z.
 */
export function release (draft: Draft, known: KnownAddresses, id: string): Released {
  const numeric = screen(draft, known)
  settleShape(draft.data)
  const text = spellEnvelope(draft, id)
  if (text === undefined) return { withheld: 'nothing-left' }
  if (secondLook(text, known, numeric)) return { withheld: 'guard-alarm' }
  return { disclosure: disclosureOf(id, draft.recipient, draft.report, Buffer.from(text, 'utf8')) }
}

/**
 * Makes a disclosure of an erasure notice: the envelope of a report, under the name that no report may have.
 *
 * No name is looked at alone: one in which the second look finds an address withholds the notice.
 */
export function releaseNotice ({ id, recipient, devices, notice, policy }: ErasureNotice, known: KnownAddresses): Disclosure | undefined {
  const report: NoticeName = 'erasure'
  const text = JSON.stringify({ id, recipient, report, data: { devices }, notice, policy })
  if (secondLook(text, known, new Map())) return undefined
  return disclosureOf(id, recipient, report, Buffer.from(text, 'utf8'))
}

/**
 * Makes a disclosure again of what the outbox reads from its own disk after a restart.
 *
 * The known addresses went with the memory they were kept in, so the second look searches by syntax alone; text that is
 * spelled as a number was judged before it was stored. Undefined where an address is found, or the bytes are no envelope
 * of that id, recipient and report.
 */
export function restore (stored: StoredDisclosure): Disclosure | undefined {
  const { id, recipient, report, bytes } = stored
  const read = readEnvelope(bytes)
  if (read === undefined) return undefined
  const { envelope, text } = read
  if (envelope.id !== id || envelope.recipient !== recipient || envelope.report !== report) return undefined
  if (secondLook(text, new KnownAddressCollector().known(), 'any')) return undefined
  return disclosureOf(id, recipient, report, bytes)
}

/**
 * Makes a disclosure of bytes that were written without a draft, as the one-pass filter does, if the second look over them
 * is sure that there is nothing to find. Undefined: it is not sure, and the report has to go the long way, by `release`.
 *
 * Looks at the first `length` bytes of the window and copies them. `numeric`: texts that were passed as numbers, with their
 * counts.
 */
export function releaseBytes ({ id, recipient, report, window, length }: WrittenDisclosure, look: ByteLook, known: KnownHere, numeric: NumericTexts | undefined): Disclosure | undefined {
  if (!look.isClear(window, length, known, numeric)) return undefined
  const bytes = Buffer.allocUnsafe(length)
  bytes.set(window.bytes.subarray(0, length))
  return disclosureOf(id, recipient, report, bytes)
}

/** `{"id","recipient","report","device?","time?","data","notice","policy"}`, in that order. */
function spellEnvelope (draft: Draft, id: string): string | undefined {
  const data = spell(draft.data)
  if (data === undefined) return undefined
  const members = [
    ['id', JSON.stringify(id)],
    ['recipient', JSON.stringify(draft.recipient)],
    ['report', JSON.stringify(draft.report)],
    ['device', spellLeaf(draft.device)],
    ['time', spellLeaf(draft.time)],
    ['data', data],
    ['notice', JSON.stringify(draft.notice)],
    ['policy', JSON.stringify(draft.policy)]
  ]
  return `{${members.flatMap(([name, value]) => value === undefined ? [] : [`"${name}":${value}`]).join(',')}}`
}

function disclosureOf (id: string, recipient: string, report: string, bytes: Uint8Array): Disclosure {
  // eslint-disable-next-line no-restricted-syntax -- the one place where a Disclosure is made
  return Object.freeze({ id, recipient, report, bytes }) as Disclosure
}
