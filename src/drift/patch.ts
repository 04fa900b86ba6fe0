/**
 * Adds lines to the `fields` of a report file, as text, so that comments and order stay, and tells the difference as a patch
 * in the unified format: `patch -p1 -d config < FILE`.
 */

import { isMap, isScalar, parseDocument, stringify, type Pair } from 'yaml'
import type { SuggestedEntry } from './suggest.js'

const CONTEXT = 3

export interface Patched {
  readonly text: string
  readonly patch: string
}

/** One line of `fields`, without its indentation. */
export function fieldLine (path: string, entry: SuggestedEntry, remark = ''): string {
  const { category, ...settings } = entry
  const value = Object.keys(settings).length === 0 ? category : stringify(entry, { collectionStyle: 'flow', lineWidth: 0 }).trim()
  return `${stringify(path, { lineWidth: 0 }).trim()}: ${value}${remark === '' ? '' : `  # ${remark}`}`
}

/** Undefined where `fields` is not written one a line, or the file has no line feed at its end. */
export function addToFields (file: string, text: string, lines: readonly string[]): Patched | undefined {
  const fields = parseDocument(text).get('fields', true)
  if (!isMap(fields) || fields.flow === true || !text.endsWith('\n')) return undefined
  const [first, last] = [fields.items[0], fields.items.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const old = text.slice(0, -1).split('\n')
  const at = lineAt(text, endOf(last) - 1) + 1
  const added = lines.map(line => ' '.repeat(columnAt(text, startOf(first))) + line)
  return { text: `${old.toSpliced(at, 0, ...added).join('\n')}\n`, patch: hunk(file, old, at, added) }
}

function hunk (file: string, old: readonly string[], at: number, added: readonly string[]): string {
  const [from, to] = [Math.max(0, at - CONTEXT), Math.min(old.length, at + CONTEXT)]
  const [before, after] = [old.slice(from, at), old.slice(at, to)]
  const size = before.length + after.length
  return [
    `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -${from + 1},${size} +${from + 1},${size + added.length} @@`,
    ...before.map(line => ` ${line}`),
    ...added.map(line => `+${line}`),
    ...after.map(line => ` ${line}`),
    ''
  ].join('\n')
}

function startOf ({ key }: Pair): number {
  return (isScalar(key) ? key.range?.[0] : undefined) ?? 0
}

/** Of the value, or of the key where there is none. */
function endOf ({ key, value }: Pair): number {
  const range = (value as { range?: readonly number[] } | null)?.range ?? (key as { range?: readonly number[] }).range
  return range?.[1] ?? 0
}

function lineAt (text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1
}

function columnAt (text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}
