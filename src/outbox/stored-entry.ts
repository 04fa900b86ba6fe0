/**
 * One held disclosure as the outbox's database spells it.
 *
 * ```
 * key    ['held', recipient, sequence, notBeforeMs]        ordered-binary
 * value  [id, report, bytes, account, device, policy, decidedMs, [path, category, transform, path, ...]]   msgpack
 * ```
 * The due time stands in the key, so that opening reads no value. Values are tuples, since names would be half of them.
 */

import type { DisclosedField, PrivateHeader } from '../model/disclosure.js'
import type { OutboxEntry, StoredDisclosure } from './contract.js'

export type HeldKey = [held: 'held', recipient: string, sequence: number, notBeforeMs: number]

export interface Stored {
  readonly disclosure: StoredDisclosure
  readonly header: PrivateHeader
}

export const FIRST_HELD = ['held']
/** After every key that begins with `held`, before `seen`. */
export const AFTER_HELD = ['helf']

export function heldKey (recipient: string, sequence: number, notBeforeMs: number): HeldKey {
  return ['held', recipient, sequence, notBeforeMs]
}

export function storedValue ({ disclosure, header }: OutboxEntry): unknown[] {
  const { id, report, bytes } = disclosure
  const { account, device, policy, decidedMs, fields } = header
  const flat = fields.flatMap(({ path, category, transform }) => [path, category, transform])
  return [id, report, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), account, device, policy, decidedMs, flat]
}

/** Undefined where the value is not of the form above: the disk is not trusted. */
export function readStored (key: HeldKey, value: unknown): Stored | undefined {
  if (!Array.isArray(value)) return undefined
  const [id, report, bytes, account, device, policy, decidedMs, flat] = value as unknown[]
  if (!(bytes instanceof Uint8Array) || typeof decidedMs !== 'number') return undefined
  if (!areTexts([id, report, account, device, policy]) || !isFlatFields(flat)) return undefined
  return {
    disclosure: { id: id as string, recipient: key[1], report: report as string, bytes },
    header: {
      account: account as string, device: device as string, policy: policy as string, fields: fieldsOf(flat), decidedMs, notBeforeMs: key[3]
    }
  }
}

function areTexts (values: unknown[]): values is string[] {
  return values.every(value => typeof value === 'string')
}

function isFlatFields (value: unknown): value is string[] {
  return Array.isArray(value) && value.length % 3 === 0 && areTexts(value)
}

function fieldsOf (flat: string[]): DisclosedField[] {
  const fields: DisclosedField[] = []
  for (let i = 0; i < flat.length; i += 3) fields.push({ path: flat[i]!, category: flat[i + 1]!, transform: flat[i + 2]! })
  return fields
}
