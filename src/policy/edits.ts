/** What somebody wrote differently: every setting of two configurations, value by value. Comments and layout are nothing. */

import { kindOf } from './file-kind.js'
import type { Problem } from './problem.js'
import { parseSource, type ParsedSource } from './parse-source.js'
import type { SourcePath } from './source.js'

export interface Edit {
  readonly file: string
  /** Keys from the root of the file; of a list of names, the name. */
  readonly path: readonly string[]
  /** As written, JSON; absent: not there. */
  readonly old?: string
  readonly new?: string
  /** `file:line`. */
  readonly oldRule?: string
  readonly newRule?: string
}

/** With the lines of the setting and of everything that it stands in. */
export interface TracedEdit extends Edit {
  readonly within: ReadonlySet<string>
}

export type Sources = ReadonlyMap<string, string>

/** By file, then as they stand there. */
export function editsBetween (oldSources: Sources, newSources: Sources): TracedEdit[] {
  const files = [...new Set([...oldSources.keys(), ...newSources.keys()])].sort()
  return files.filter(file => oldSources.get(file) !== newSources.get(file)).flatMap(file => editsOf(file, settingsOf(file, oldSources), settingsOf(file, newSources)))
}

interface Setting {
  readonly path: readonly string[]
  readonly value: string
  readonly rule: string
  readonly within: readonly string[]
}

function editsOf (file: string, before: ReadonlyMap<string, Setting>, after: ReadonlyMap<string, Setting>): TracedEdit[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): TracedEdit[] => {
    const [was, is] = [before.get(key), after.get(key)]
    if (was?.value === is?.value) return []
    return [{
      file,
      path: (is ?? was)?.path ?? [],
      ...(was !== undefined && { old: was.value, oldRule: was.rule }),
      ...(is !== undefined && { new: is.value, newRule: is.rule }),
      within: new Set([...(was?.within ?? []).map(line => `old ${line}`), ...(is?.within ?? []).map(line => `new ${line}`)])
    }]
  })
}

function settingsOf (file: string, sources: Sources): Map<string, Setting> {
  const text = sources.get(file)
  const parsed = text === undefined ? undefined : parse(file, text)
  const settings = parsed === undefined ? [] : kindOf(file) === 'cases' ? cases(parsed) : [...leaves(parsed, parsed.raw, [], [], [])]
  return new Map(settings.map(setting => [JSON.stringify(setting.path), setting]))
}

function parse (file: string, text: string): ParsedSource | undefined {
  const problems: Problem[] = []
  return parseSource(file, text, problems)
}

/** A case is one thing, whatever of it is changed. */
function cases ({ source, raw }: ParsedSource): Setting[] {
  const written = Array.isArray(raw.cases) ? raw.cases as { name?: unknown }[] : []
  return written.map((one, i) => ({ path: ['cases', String(one.name)], value: JSON.stringify(one), rule: source.placeOf(['cases', i, 'name']), within: [] }))
}

/** Lists of names are sets here; a list of anything else goes by its places. */
function * leaves (parsed: ParsedSource, value: unknown, at: SourcePath, shown: readonly string[], within: readonly string[]): Generator<Setting> {
  const entries = entriesOf(value)
  const rule = parsed.source.placeOf(at)
  const lines = at.length === 0 ? within : [...within, rule]
  if (entries.length === 0) yield { path: shown, value: JSON.stringify(value), rule, within: lines }
  for (const [key, name, each] of entries) yield * leaves(parsed, each, [...at, key], [...shown, name], lines)
}

function entriesOf (value: unknown): (readonly [key: string | number, name: string, value: unknown])[] {
  if (Array.isArray(value)) return value.map((each, i) => isName(each) ? [i, String(each), true] : [i, `[${i}]`, each])
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([key, each]) => [key, key, each]) : []
}

function isName (value: unknown): boolean {
  return typeof value !== 'object' || value === null
}
