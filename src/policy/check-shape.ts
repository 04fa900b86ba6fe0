/** Holds a file against the schema of its kind, and keeps of it what is sound so that the other checks can go on. */

import type { z } from 'zod'
import { schemas, type FileKind, type FileOfKind } from './file-kind.js'
import type { ParsedSource } from './parse-source.js'
import type { SourcePath } from './source.js'
import { reportIssue, type ShapeIssue } from './shape-issue.js'

/** Top-level keys whose entries are sound or not one by one. */
const COLLECTIONS: ReadonlySet<PropertyKey> = new Set(['listeners', 'clauses', 'categories', 'purposes', 'recipientKinds', 'previous',
  'transfers', 'regimes', 'signals', 'fields', 'reports', 'allow', 'excludeOrigins', 'cases'])

export interface CheckedFile<Kind extends FileKind = FileKind> extends ParsedSource {
  readonly kind: Kind
  /** What is left when all that the schema refused is taken out; lists keep their places, with holes. */
  readonly value: Partial<FileOfKind[Kind]>
}

export function checkShape<Kind extends FileKind> (parsed: ParsedSource, kind: Kind): CheckedFile<Kind> {
  const result = schemas[kind].safeParse(parsed.raw, { error: rememberKnownKeys })
  const issues = (result.error?.issues ?? []) as ShapeIssue[]
  for (const issue of issues) reportIssue(issue, parsed)
  return { ...parsed, kind, value: prune(parsed.raw, issues) as Partial<FileOfKind[Kind]> }
}

/** An issue tells which keys it did not expect; this adds which it would have. */
function rememberKnownKeys (issue: z.core.$ZodRawIssue): undefined {
  const definition = issue.inst?._zod.def as { shape?: object } | undefined
  if (issue.code === 'unrecognized_keys' && definition?.shape !== undefined) issue.known = Object.keys(definition.shape)
}

function prune (raw: Record<string, unknown>, issues: readonly ShapeIssue[]): Record<string, unknown> {
  const pruned = structuredClone(raw)
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys' && issue.path[0] !== 'allow') for (const key of issue.keys) remove(pruned, [...issue.path as SourcePath, key])
    else remove(pruned, (issue.path as SourcePath).slice(0, COLLECTIONS.has(issue.path[0] ?? '') ? 2 : 1))
  }
  return pruned
}

function remove (from: unknown, path: SourcePath): void {
  const [key, ...rest] = path
  if (key === undefined || typeof from !== 'object' || from === null) return
  const container = from as Record<string | number, unknown>
  if (rest.length > 0) return remove(container[key], rest)
  if (Array.isArray(container)) container[Number(key)] = undefined
  else delete container[key]
}
