/** Text of one file → plain values with positions, or problems. */

import { isMap, isScalar, LineCounter, parseDocument, visit, type Document, type YAMLError } from 'yaml'
import type { Problem, ProblemCode } from './problem.js'
import { quote } from './quote.js'
import { Reporter } from './reporter.js'
import { Source } from './source.js'

export interface ParsedSource {
  readonly source: Source
  readonly reporter: Reporter
  /** The file's root mapping. */
  readonly raw: Record<string, unknown>
}

/**
 * Undefined where the file is no YAML mapping. Never throws.
 *
 * Aliases are refused altogether: they can be cyclic or explode, and a rule that stands in two places has no place.
 */
export function parseSource (file: string, text: string, problems: Problem[]): ParsedSource | undefined {
  const lines = countLines(text)
  const complain = (offset: number, code: ProblemCode, message: string) => {
    const { line, col } = lines.linePos(offset)
    problems.push({ file, line: Math.max(1, line), column: Math.max(1, col), code, message })
  }
  try {
    const document = parseDocument(text, { prettyErrors: false, stringKeys: true, merge: false, version: '1.2' })
    if (reportErrors(document, text, complain)) return undefined
    if (reportNotPlain(document, complain)) return undefined
    if (!isMap(document.contents)) return reportRoot(document, complain)
    const source = new Source(file, document, lines)
    return { source, reporter: new Reporter(source, problems), raw: document.toJS({ maxAliasCount: 0 }) }
  } catch {
    complain(0, 'syntax', 'not YAML that can be read')
    return undefined
  }
}

/** Counted here, since the parser loses count of lines within what it cannot parse. */
function countLines (text: string): LineCounter {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1)
  return lines
}

type Complain = (offset: number, code: ProblemCode, message: string) => void

/**
 * True if there is no sense in reading on; a duplicate key alone does not stop the other checks.
 *
 * After the first error of syntax the parser only guesses: what it finds later is not told, except tabs.
 */
function reportErrors (document: Document, text: string, complain: Complain): boolean {
  const errors = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0])
  const fatal = errors.find(error => error.code === 'TAB_AS_INDENT') ?? errors.find(error => error.code !== 'DUPLICATE_KEY')
  for (const error of errors) {
    if (error !== fatal && error.code !== 'TAB_AS_INDENT' && (error.code !== 'DUPLICATE_KEY' || fatal !== undefined)) continue
    complain(error.pos[0], error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'syntax', spellError(error, text))
  }
  return fatal !== undefined
}

function spellError (error: YAMLError, text: string): string {
  switch (error.code) {
    case 'DUPLICATE_KEY': return `duplicate key ${quote(/^[^:\r\n]*/.exec(text.slice(error.pos[0]))?.[0].trim())}`
    case 'TAB_AS_INDENT': return 'tab used as indentation: use spaces'
    case 'MULTIPLE_DOCS': return 'more than one document in one file'
    case 'RESOURCE_EXHAUSTION': return 'nested too deeply'
    case 'NON_STRING_KEY': return 'a key must be text'
    default: return error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\s+/g, ' ')
  }
}

function reportNotPlain (document: Document, complain: Complain): boolean {
  let found = false
  const refuse = (offset: number | undefined, code: ProblemCode, message: string) => {
    found = true
    complain(offset ?? 0, code, message)
  }
  if (document.directives?.yaml.explicit === true) refuse(0, 'not-plain', 'a YAML directive cannot be used here')
  visit(document, {
    Alias: (_, node) => refuse(node.range?.[0], 'not-plain', `alias ${quote(node.source)}: write the value out, so that every rule has one place`),
    Value: (_, node) => {
      if (node.anchor !== undefined) refuse(node.range?.[0], 'not-plain', `anchor ${quote(node.anchor)} cannot be used here`)
      if (node.tag !== undefined) refuse(node.range?.[0], 'not-plain', 'a tag cannot be used here')
    },
    Pair: (_, pair) => {
      if (isScalar(pair.key) && pair.key.value === '__proto__') refuse(pair.key.range?.[0], 'invalid-value', 'the key \'__proto__\' cannot be used')
    }
  })
  return found
}

function reportRoot (document: Document, complain: Complain): undefined {
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    complain(0, 'empty', 'the file says nothing')
  } else complain(document.contents.range?.[0] ?? 0, 'wrong-type', 'the file must be a mapping')
  return undefined
}
