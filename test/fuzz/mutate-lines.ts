/** Changes of YAML, line by line: rules moved, copied, dropped, indented, their keys and values exchanged. */

import type { Mutator } from './mutate-bytes.js'
import type { Random } from './random.js'

const MARKS = ['&a ', '*a', '!!str ', '!<x> ', '| ', '>- ', '? ', '- ', '[', ']', '{', '}', '"', "'", '#', '%YAML 1.1\n---\n', '---\n', '...\n', '\t', '\u0000', '\u2028', '\ufeff', '<<: *a', '__proto__: ', 'constructor: ', '~', ': ', ',']

export function lineMutator (words: readonly string[]): Mutator {
  return (input, other, random) => {
    const lines = linesOf(input)
    const at = random.below(lines.length)
    change(lines, at, linesOf(other), words, random)
    return Buffer.from(lines.join('\n'))
  }
}

function change (lines: string[], at: number, others: readonly string[], words: readonly string[], random: Random): void {
  const line = lines[at] ?? ''
  switch (random.below(9)) {
    case 0: lines.splice(at, 1); break
    case 1: lines.splice(random.below(lines.length + 1), 0, line); break
    case 2: lines[at] = ' '.repeat(random.below(6)) + line.trimStart(); break
    case 3: lines[at] = line.replace(/:\s.*$/, `: ${random.pick(words)}`); break
    case 4: lines[at] = line.replace(/[\w.*[\]-]+(?=:)/, random.pick(words)); break
    case 5: lines.splice(at, 0, random.pick(others)); break
    case 6: lines[at] = inserted(line, random.pick(MARKS), random); break
    case 7: lines[at] = exchanged(line, random.pick(words), random); break
    case 8: lines.push(...Array.from({ length: random.below(30) }, () => line))
  }
}

function inserted (line: string, mark: string, random: Random): string {
  const at = random.below(line.length + 1)
  return line.slice(0, at) + mark + line.slice(at)
}

function exchanged (line: string, word: string, random: Random): string {
  const found = [...line.matchAll(/[\w.*-]+/g)]
  if (found.length === 0) return line
  const { index, 0: old } = random.pick(found)
  return line.slice(0, index) + word + line.slice(index + old.length)
}

function linesOf (input: Uint8Array): string[] {
  return Buffer.from(input).toString('utf8').split('\n')
}
