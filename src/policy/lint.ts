/**
 * Looks a configuration over, and sets aside what somebody has accepted with a reason.
 *
 * A file accepts the findings in it: `accept: [{ finding: text-kept, keys: [device.name], reason: … }]`. What is accepted
 * and not found is a finding itself, so that no acceptance outlives its cause.
 */

import type { Configuration } from './compile.js'
import type { Finding, FindingCode, PlacedFinding } from './lint-finding.js'
import { findings } from './lint-rules.js'
import { parseSource } from './parse-source.js'
import { quote } from './quote.js'
import type { Source } from './source.js'

export interface Linted {
  /** By file and place. */
  readonly findings: readonly PlacedFinding[]
  readonly accepted: readonly PlacedFinding[]
}

interface Acceptance {
  readonly file: string
  readonly index: number
  readonly finding: FindingCode
  readonly keys?: readonly string[]
  readonly reason: string
}

export function lint (configuration: Pick<Configuration, 'policy' | 'notice' | 'sources'>): Linted {
  const parsed = new Map([...configuration.sources].flatMap(([file, text]) => {
    const one = parseSource(file, text, [])
    return one === undefined ? [] : [[file, one] as const]
  }))
  const acceptances = [...parsed].flatMap(([file, { raw }]) => acceptancesIn(file, raw))
  const found = findings(configuration)
  const reasonOf = (finding: Finding): string | undefined => acceptances.find(one => covers(one, finding))?.reason
  const place = (finding: Finding): PlacedFinding => placed(finding, parsed.get(finding.file)?.source, reasonOf(finding))
  const all = [...found, ...acceptances.flatMap(one => unused(one, found))].map(place).sort(byPlace)
  return { findings: all.filter(({ accepted }) => accepted === undefined), accepted: all.filter(({ accepted }) => accepted !== undefined) }
}

/** The schema has seen them. */
function acceptancesIn (file: string, { accept }: Record<string, unknown>): Acceptance[] {
  return Array.isArray(accept) ? (accept as Omit<Acceptance, 'file' | 'index'>[]).map((one, index) => ({ ...one, file, index })) : []
}

function covers (acceptance: Acceptance, { file, code, key }: Finding): boolean {
  return acceptance.file === file && acceptance.finding === code && (acceptance.keys === undefined || acceptance.keys.some(one => isOf(key, one)))
}

function isOf (key: string, accepted: string): boolean {
  return accepted === key || (accepted.endsWith('.*') && key.startsWith(accepted.slice(0, -1)))
}

/** Of each key that is accepted, or of all together where none is named. */
function unused ({ file, index, finding, keys }: Acceptance, found: readonly Finding[]): Finding[] {
  const own = found.filter(one => one.file === file && one.code === finding)
  const path = ['accept', index]
  if (keys === undefined) return own.length > 0 ? [] : [{ code: 'accept-unused', file, path, key: finding, message: `${quote(finding)} is accepted here and not found` }]
  return keys.flatMap((key, i) => own.some(one => isOf(one.key, key))
    ? []
    : [{ code: 'accept-unused', file, path: [...path, 'keys', i], key, message: `${quote(finding)} of ${quote(key)} is accepted here and not found` }])
}

function placed ({ path, ...finding }: Finding, source: Source | undefined, accepted: string | undefined): PlacedFinding {
  const { line, column } = source?.keyAt(path) ?? { line: 1, column: 1 }
  return { ...finding, line, column, ...(accepted !== undefined && { accepted }) }
}

function byPlace (a: PlacedFinding, b: PlacedFinding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}
