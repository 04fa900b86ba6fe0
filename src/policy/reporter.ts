/** Collects the problems of one file, placed by path. */

import type { Problem, ProblemCode } from './problem.js'
import type { Position, Source, SourcePath } from './source.js'
import { nearestName } from './nearest-name.js'
import { quote } from './quote.js'

type Extra = Pick<Problem, 'key' | 'nearest'>

export class Reporter {
  readonly source: Source
  private readonly problems: Problem[]

  constructor (source: Source, problems: Problem[]) {
    this.source = source
    this.problems = problems
  }

  atKey (path: SourcePath, code: ProblemCode, message: string, extra: Extra = {}): undefined {
    this.add(this.source.keyAt(path), code, message, extra)
  }

  atValue (path: SourcePath, code: ProblemCode, message: string, extra: Extra = {}): undefined {
    this.add(this.source.valueAt(path), code, message, extra)
  }

  /** True if the name is known. Where the file that defines such names cannot be read, any name passes. */
  knows (noun: string, name: string, known: ReadonlySet<string> | undefined, path: SourcePath, on: 'key' | 'value' = 'value'): boolean {
    if (known === undefined || known.has(name)) return true
    const position = on === 'key' ? this.source.keyAt(path) : this.source.valueAt(path)
    this.addUnknown(position, 'unknown-name', noun, name, known)
    return false
  }

  unknownKey (path: SourcePath, key: string, known: Iterable<string>): void {
    this.addUnknown(this.source.keyAt([...path, key]), 'unknown-key', 'key', key, known)
  }

  /** A value that is none of a fixed few. */
  unknownChoice (noun: string, value: string, choices: readonly string[], path: SourcePath): void {
    const nearest = nearestName(value, choices)
    const offer = nearest === undefined ? `expected ${choices.join(', ')}` : `did you mean ${quote(nearest)}?`
    this.atValue(path, 'invalid-value', `unknown ${noun} ${quote(value)}, ${offer}`, { key: value, ...(nearest !== undefined && { nearest }) })
  }

  private addUnknown (position: Position, code: ProblemCode, noun: string, name: string, known: Iterable<string>): void {
    const nearest = nearestName(name, known)
    const offer = nearest === undefined ? '' : `, did you mean ${quote(nearest)}?`
    this.add(position, code, `unknown ${noun} ${quote(name)}${offer}`, { key: name, ...(nearest !== undefined && { nearest }) })
  }

  private add (position: Position, code: ProblemCode, message: string, extra: Extra): void {
    this.problems.push({ file: this.source.file, ...position, code, message, ...extra })
  }
}
