/**
 * One held disclosure as the outbox's database spells it.
 *
 * ```
 * key    ['held', recipient, sequence, notBeforeMs]        ordered-binary
 * value  [id, report, bytes, account, device, policy, decidedMs, [path, category, transform, path, ...]]   msgpack
 *        account and device are null, and no fields follow, in an erasure notice
 * ```
 * The due time stands in the key, so that opening reads no value. Values are tuples, since names would be half of them.
 */

import type { DisclosedField, NoticeHeader, PrivateHeader } from '../model/disclosure.js'
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
  const { policy, decidedMs } = header
  const spelled = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (header.erasure === true) return [id, report, spelled, null, null, policy, decidedMs, []]
  const { account, device, fields } = header
  const flat = fields.flatMap(({ path, category, transform }) => [path, category, transform])
  return [id, report, spelled, account, device, policy, decidedMs, flat]
}

/** Undefined where the value is not of the form above: the disk is not trusted. */
export function readStored (key: HeldKey, value: unknown): Stored | undefined {
  if (!Array.isArray(value)) return undefined
  const [id, report, bytes, account, device, policy, decidedMs, flat] = value as unknown[]
  if (!(bytes instanceof Uint8Array) || typeof decidedMs !== 'number') return undefined
  if (!areTexts([id, report, policy]) || !isFlatFields(flat)) return undefined
  const header = headerOf(account, device, flat, { policy: policy as string, decidedMs, notBeforeMs: key[3] })
  return header && { disclosure: { id: id as string, recipient: key[1], report: report as string, bytes }, header }
}

function headerOf (account: unknown, device: unknown, flat: string[], shared: Omit<NoticeHeader, 'erasure'>): PrivateHeader | undefined {
  if (account === null && device === null && flat.length === 0) return { erasure: true, ...shared }
  return typeof account === 'string' && typeof device === 'string' ? { account, device, ...shared, fields: fieldsOf(flat) } : undefined
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
