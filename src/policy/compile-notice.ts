/** `notice.yaml` as checked → compiled. */

import type { Category, Purpose, RecipientKind, ValueType } from '../model/policy.js'
import type { CheckedFile } from './check-shape.js'
import type { Names } from './names.js'
import type { CompiledNotice, NoticeEdition } from './notice.js'
import { quote } from './quote.js'
import { readDuration } from './read-duration.js'
import type { Reporter } from './reporter.js'
import type { NoticeFile } from './schema/notice.js'

/** INVARIANT: no configuration opens these (NOTICE.md, mission and clauses 1.1, 1.2). */
const NEVER_DISCLOSED = ['network.mac', 'network.ip']

/** Categories of the envelope, and the type that each must have. */
const ENVELOPE: ReadonlyMap<string, ValueType> = new Map([['device.id', 'text'], ['time.event', 'time']])

const EMPTY_EDITION = { version: '0', effective: '1970-01-01' }

export function compileNotice ({ value, reporter }: CheckedFile<'notice'>, names: Names): CompiledNotice {
  checkNever(value, reporter)
  checkEnvelope(value, reporter)
  checkClauses(value, names, reporter)
  checkEditions(value, reporter)
  const longestEpochMs = readDuration(value.pseudonyms?.longestEpoch, ['pseudonyms', 'longestEpoch'], reporter)
  return {
    ...(longestEpochMs !== undefined && { longestEpochMs }),
    current: compileEdition(value.notice ?? EMPTY_EDITION),
    previous: (value.previous ?? []).filter(edition => edition !== undefined).map(compileEdition),
    clauses: new Map(Object.entries(value.clauses ?? {}).map(([number, clause]) => [number, clause.about])),
    units: new Map(Object.entries(value.categories ?? {}).flatMap(([name, { unit }]) => unit === undefined ? [] : [[name, unit]])),
    categories: mapEntries(value.categories, compileCategory),
    purposes: mapEntries(value.purposes, (name, purpose) => compilePurpose(name, purpose, names, reporter)),
    recipientKinds: mapEntries(value.recipientKinds, compileRecipientKind)
  }
}

function mapEntries<Written, Compiled> (entries: Record<string, Written> | undefined, compile: (name: string, entry: Written) => Compiled): Map<string, Compiled> {
  return new Map(Object.entries(entries ?? {}).map(([name, entry]) => [name, compile(name, entry)]))
}

function compileCategory (name: string, written: NoticeFile['categories'][string]): Category {
  const { sensitivity, freeText = false, never = false, clause } = written
  return { name, types: new Set([written.type].flat()), sensitivity, freeText, never, clause }
}

function compilePurpose (name: string, written: NoticeFile['purposes'][string], names: Names, reporter: Reporter): Purpose {
  const minimumNotice = written.notice?.slice('>='.length)
  if (minimumNotice !== undefined) reporter.knows('notice version', minimumNotice, names.noticeVersions, ['purposes', name, 'notice'])
  return { name, required: written.required ?? false, signalHonored: written.signal === 'honored', minimumNotice, clause: written.clause }
}

function compileRecipientKind (name: string, { access, clause }: NoticeFile['recipientKinds'][string]): RecipientKind {
  return { name, access, clause }
}

function compileEdition ({ version, effective, title }: NoticeFile['notice']): NoticeEdition {
  return { version, effective, title }
}

function checkNever ({ categories }: Partial<NoticeFile>, reporter: Reporter): void {
  for (const name of categories === undefined ? [] : NEVER_DISCLOSED) {
    if (!reporter.source.has(['categories', name])) {
      reporter.atKey(['categories'], 'unsafe', `category ${quote(name)} is missing: it must exist with never: true`, { key: name })
    } else if (categories?.[name] !== undefined && categories[name].never !== true) {
      reporter.atKey(['categories', name], 'unsafe', `category ${quote(name)} must have never: true`, { key: name })
    }
  }
}

function checkEnvelope ({ categories }: Partial<NoticeFile>, reporter: Reporter): void {
  for (const [name, type] of categories === undefined ? [] : ENVELOPE) {
    if (!reporter.source.has(['categories', name])) {
      reporter.atKey(['categories'], 'missing-key', `category ${quote(name)} is missing: the envelope of a disclosure needs it`, { key: name })
    } else if (categories?.[name] !== undefined && ![categories[name].type].flat().includes(type)) {
      reporter.atValue(['categories', name, 'type'], 'misfit', `category ${quote(name)} must have type ${type}`, { key: name })
    }
  }
}

function checkClauses (value: Partial<NoticeFile>, { clauses }: Names, reporter: Reporter): void {
  for (const section of ['categories', 'purposes', 'recipientKinds'] as const) {
    for (const [name, { clause }] of Object.entries(value[section] ?? {})) {
      reporter.knows('clause', clause, clauses, [section, name, 'clause'])
    }
  }
}

function checkEditions (value: Partial<NoticeFile>, reporter: Reporter): void {
  checkDay(value.notice?.effective, ['notice', 'effective'], reporter)
  const taken = new Set([value.notice?.version])
  for (const [index, edition] of (value.previous ?? []).entries()) {
    if (edition === undefined) continue
    checkDay(edition.effective, ['previous', index, 'effective'], reporter)
    if (taken.has(edition.version)) reporter.atValue(['previous', index, 'version'], 'duplicate-name', `notice version ${quote(edition.version)} is there already`)
    taken.add(edition.version)
  }
}

function checkDay (day: string | undefined, path: (string | number)[], reporter: Reporter): void {
  if (day === undefined || isDay(day)) return
  reporter.atValue(path, 'invalid-value', `${quote(day)} is no day of the calendar`)
}

function isDay (day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`)
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(day)
}
