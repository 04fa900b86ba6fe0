/**
 * A report file from the shape of samples: fields whose names say what they are, all others as comments.
 *
 * What is written passes the check of the configuration that it is made for, and holds nothing of the samples but names.
 */

import type { Configuration } from '../policy/compile.js'
import { compileSources } from '../policy/compile.js'
import type { Problem } from '../policy/problem.js'
import { fieldLine } from './patch.js'
import type { SampledPath } from './sample-shape.js'
import { Suggester, type SuggestedEntry } from './suggest.js'

export interface ReportFileText {
  readonly yaml: string
  readonly known: number
  readonly unknown: number
}

interface Line extends SampledPath {
  readonly entry: SuggestedEntry | undefined
}

/** Problems where even a file without fields would not pass: its name or topic is taken, or is none. */
export function reportFile (report: string, topic: string, paths: readonly SampledPath[], samples: number, { policy, sources }: Pick<Configuration, 'policy' | 'sources'>): ReportFileText | { readonly problems: readonly Problem[] } {
  const suggester = new Suggester(policy)
  const lines = paths.map((one): Line => ({ ...one, entry: suggester.suggest({ report, ...one }) }))
  let problems: readonly Problem[] = []
  // where something may not stand, fields that need a partner go, then all below keys that may be any, then all
  for (const keeps of [() => true, isAlone, (line: Line) => isAlone(line) && !/[*{]/.test(line.path), () => false]) {
    const chosen = lines.map(line => keeps(line) ? line : { ...line, entry: undefined })
    const yaml = spell(report, topic, chosen, samples)
    const compiled = compileSources(new Map([...sources, [`reports/${report}.yaml`, yaml]]))
    if ('policy' in compiled) return { yaml, known: chosen.filter(({ entry }) => entry !== undefined).length, unknown: chosen.filter(({ entry }) => entry === undefined).length }
    problems = compiled.problems
  }
  return { problems }
}

function isAlone ({ entry }: Line): boolean {
  return entry?.axis === undefined
}

function spell (report: string, topic: string, lines: readonly Line[], samples: number): string {
  const known = lines.filter(({ entry }) => entry !== undefined)
  const unknown = lines.filter(({ entry }) => entry === undefined)
  return [
    '# yaml-language-server: $schema=../schema/report.schema.json',
    '#',
    `# Made from ${samples === 1 ? 'a sample' : `${samples} samples`} by names alone. Review each line: what is listed leaves where a recipient allows its category.`,
    '',
    `report: ${report}`,
    `topic: ${topic}`,
    '',
    known.length === 0 ? 'fields: {}' : 'fields:',
    ...known.flatMap(({ path, entry }) => entry === undefined ? [] : [`  ${fieldLine(path, entry)}`]),
    ...unknown.length === 0 ? [] : ['', '  # Not listed, so none of these leaves. Give each a category that fits, or take the line away.'],
    ...unknown.map(({ path, forms, samples: having }) => `  # ${path === '' ? '(the report itself)' : path}: ${forms.join(' or ')}${having === samples ? '' : `, in ${having} of ${samples} samples`}`),
    ...lines.some(({ path }) => path.includes('*')) ? ['  # * is any key, and keys leave as they are: {device.id} and the like say of what category they are.'] : [],
    ''
  ].join('\n')
}
