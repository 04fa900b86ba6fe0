/** The names that a configuration defines, for checks across files. */

import type { CheckedFile } from './check-shape.js'
import type { FileKind } from './file-kind.js'

type NameSet = ReadonlySet<string> | undefined

/** A set is undefined where the file that defines such names cannot be read: then nobody is told of unknown ones. */
export interface Names {
  readonly categories: NameSet
  readonly purposes: NameSet
  readonly recipientKinds: NameSet
  readonly clauses: NameSet
  readonly noticeVersions: NameSet
  readonly regimes: NameSet
  readonly regions: NameSet
  readonly reports: NameSet
  readonly recipients: NameSet
}

/** A definition counts by its name, sound or not, so that one mistake is told once. `files` are all file names, parsed or not. */
export function collectNames (checked: readonly CheckedFile[], files: Iterable<string>): Names {
  const notice = checked.find(file => file.kind === 'notice')?.raw
  const consent = checked.find(file => file.kind === 'consent')?.raw
  return {
    categories: keysOf(notice?.categories),
    purposes: keysOf(notice?.purposes),
    recipientKinds: keysOf(notice?.recipientKinds),
    clauses: keysOf(notice?.clauses),
    noticeVersions: versionsOf(notice),
    regimes: keysOf(consent?.regimes),
    regions: regionsOf(consent?.transfers),
    reports: namesIn(checked, 'report', 'reports', files),
    recipients: namesIn(checked, 'recipient', 'recipients', files)
  }
}

/** A file whose own name for itself cannot be read is taken to define what its file name says. */
function namesIn (checked: readonly CheckedFile[], kind: FileKind & ('report' | 'recipient'), folder: string, files: Iterable<string>): Set<string> {
  const names = new Map([...files].filter(file => file.startsWith(`${folder}/`)).map(file => [file, file.slice(folder.length + 1).replace(/\.[^.]*$/, '')]))
  for (const file of checked) {
    const name = file.kind === kind ? file.raw[kind] : undefined
    if (typeof name === 'string') names.set(file.source.file, name)
  }
  return new Set(names.values())
}

function keysOf (mapping: unknown): NameSet {
  return isMapping(mapping) ? new Set(Object.keys(mapping)) : undefined
}

function regionsOf (transfers: unknown): NameSet {
  return isMapping(transfers) ? new Set([...Object.keys(transfers), ...Object.values(transfers).flat().map(String)]) : undefined
}

function versionsOf (notice: Record<string, unknown> | undefined): NameSet {
  if (!isMapping(notice?.notice)) return undefined
  const previous = Array.isArray(notice.previous) ? notice.previous : []
  return new Set([notice.notice, ...previous].filter(isMapping).map(edition => String(edition.version)))
}

function isMapping (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
