/**
 * One held disclosure as the outbox's database spells it.
 *
 * ```
 * key    ['held', recipient, sequence, notBeforeMs, size]        ordered-binary
 * value  [id, report, bytes, account, device, policy, decidedMs, [path, category, transform, path, ...],
 *         firstRefusedMs, refusals]   msgpack; the last two only where it was refused before;
 *        account and device are null, and no fields follow, in an erasure notice
 * ```
 * Due time and size stand in the key, so that opening reads no value. Values are tuples, since names would be half of them.
 */

import type { DisclosedField, NoticeHeader, PrivateHeader } from '../model/disclosure.js'
import type { EarlierRefusals, StoredDisclosure } from './contract.js'

export type HeldKey = [held: 'held', recipient: string, sequence: number, notBeforeMs: number, size: number]

export interface Stored {
  readonly disclosure: StoredDisclosure
  readonly header: PrivateHeader
  readonly refused?: EarlierRefusals
}

export const FIRST_HELD = ['held']
/** After every key that begins with `held`, before `seen`. */
export const AFTER_HELD = ['helf']

export function heldKey (recipient: string, sequence: number, notBeforeMs: number, size: number): HeldKey {
  return ['held', recipient, sequence, notBeforeMs, size]
}

/** Bytes of an entry's content, as counted for the room that it takes. */
export function contentBytes ({ disclosure: { id, report, bytes }, header: { account = '', device = '', policy, fields = [] } }: Stored): number {
  const ofFields = fields.reduce((sum, { path, category, transform }) => sum + path.length + category.length + transform.length + 3, 0)
  return bytes.byteLength + id.length + report.length + account.length + device.length + policy.length + ofFields + 32
}

export function storedValue ({ disclosure, header, refused }: Stored): unknown[] {
  const { id, report, bytes } = disclosure
  const { policy, decidedMs } = header
  const spelled = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const refusals = refused === undefined ? [] : [refused.firstMs, refused.times]
  if (header.erasure === true) return [id, report, spelled, null, null, policy, decidedMs, [], ...refusals]
  const { account, device, fields } = header
  const flat = fields.flatMap(({ path, category, transform }) => [path, category, transform])
  return [id, report, spelled, account, device, policy, decidedMs, flat, ...refusals]
}

/** Undefined where the value is not of the form above: the disk is not trusted. */
export function readStored (recipient: string, notBeforeMs: number, value: unknown): Stored | undefined {
  if (!Array.isArray(value)) return undefined
  const [id, report, bytes, account, device, policy, decidedMs, flat, firstMs, times] = value as unknown[]
  if (!(bytes instanceof Uint8Array) || typeof decidedMs !== 'number') return undefined
  if (!areTexts([id, report, policy]) || !isFlatFields(flat)) return undefined
  const header = headerOf(account, device, flat, { policy: policy as string, decidedMs, notBeforeMs })
  if (header === undefined) return undefined
  const refused = typeof firstMs === 'number' && typeof times === 'number' ? { refused: { firstMs, times } } : {}
  return { disclosure: { id: id as string, recipient, report: report as string, bytes }, header, ...refused }
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
