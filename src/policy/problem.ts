/** A problem of the configuration: where it is, what is wrong, and the nearest known name for a typo. */

/** Stable codes of problems; the texts beside them say what each means. */
export const problemCodes = {
  'missing-file': 'a file or folder that every configuration has is not there',
  unreadable: 'a file cannot be read, or is no regular file of sensible size',
  'unexpected-file': 'a file or folder that the configuration has no place for',
  'outside-folder': 'a symbolic link that leads out of the configuration folder',
  'not-utf8': 'a file is not UTF-8 text',
  empty: 'a file says nothing',
  syntax: 'a file is not YAML',
  'duplicate-key': 'a mapping has a key twice',
  'not-plain': 'an anchor, alias, tag or directive: every value stands where it is used, so that every rule has one place',
  'wrong-type': 'a value of another type than its key takes',
  'missing-key': 'a mapping lacks a key that it must have',
  'unknown-key': 'a mapping has a key that nothing reads',
  'unknown-name': 'a category, purpose, recipient kind, report, region or other name that nothing defines',
  'invalid-value': 'a value out of range, or not spelled as its key demands',
  'duplicate-name': 'a name, topic, folder or address that must be unique is taken twice',
  'invalid-path': 'a field path that does not follow the grammar, or contradicts another one',
  unpaired: 'a latitude without its longitude, or the other way round',
  'never-disclosed': 'a rule allows a category that no rule can allow',
  overlap: 'two allow entries of one recipient cover the same category',
  misfit: 'a transform or a setting that does not fit the type of the category',
  plaintext: 'a listener, or the server of a sink, off loopback without encryption',
  'kind-closed': 'a recipient is switched on whose kind may not have single reports',
  unsafe: 'a setting that would undo a promise of the gateway'
} as const

export type ProblemCode = keyof typeof problemCodes

export interface Problem {
  /** Relative to the configuration folder, parted by `/`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly code: ProblemCode
  readonly message: string
  /** The offending key or name. */
  readonly key?: string
  readonly nearest?: string
}

/** The form in which people and editors read a problem: `config/notice.yaml:9:3 text`. */
export function spellProblem (problem: Problem, folder = 'config'): string {
  const prefix = folder === '' || folder === '.' ? '' : `${folder.replace(/\/+$/, '')}/`
  return `${prefix}${problem.file}:${problem.line}:${problem.column} ${problem.message}`
}

/** Sorted by file, line, column and text; a problem found twice is listed once. */
export function sortProblems (problems: readonly Problem[]): Problem[] {
  const bySpelling = new Map(problems.map(problem => [spellProblem(problem), problem]))
  return [...bySpelling.values()].sort((a, b) =>
    compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.message, b.message))
}

function compareText (a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
