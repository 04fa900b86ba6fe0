/** One configuration file as text and as parsed YAML, with the position of every key and value. */

import { isMap, isNode, isScalar, isSeq, type Document, type LineCounter, type Node, type Pair } from 'yaml'

export type SourcePath = readonly (string | number)[]

export interface Position {
  readonly line: number
  readonly column: number
}

export class Source {
  readonly file: string
  private readonly document: Document
  private readonly lines: LineCounter

  constructor (file: string, document: Document, lines: LineCounter) {
    this.file = file
    this.document = document
    this.lines = lines
  }

  /** Where the last key of the path stands; of an element in a list, where it begins. */
  keyAt (path: SourcePath): Position {
    const key = path.at(-1)
    const parent = this.deepest(path.slice(0, -1))
    const pair = key === undefined || !parent.whole ? undefined : findPair(parent.node, key)
    return pair === undefined ? this.valueAt(path) : this.position(pair.key)
  }

  /** Where the value begins; where there is none, the innermost thing around it. */
  valueAt (path: SourcePath): Position {
    return this.position(this.deepest(path).node)
  }

  has (path: SourcePath): boolean {
    return this.deepest(path).whole
  }

  /** `file:line` of a key, as decisions name it. */
  placeOf (path: SourcePath): string {
    return `${this.file}:${this.keyAt(path).line}`
  }

  private deepest (path: SourcePath): { node: unknown, whole: boolean } {
    let node: unknown = this.document.contents
    for (const key of path) {
      const next = isSeq(node) ? node.items[Number(key)] : findPair(node, key)?.value
      if (!isNode(next)) return { node, whole: false }
      node = next
    }
    return { node, whole: true }
  }

  private position (node: unknown): Position {
    const offset = (isNode(node) ? (node as Node).range?.[0] : undefined) ?? 0
    const { line, col } = this.lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

function findPair (node: unknown, key: string | number): Pair | undefined {
  if (!isMap(node)) return undefined
  return node.items.find(pair => isScalar(pair.key) && String(pair.key.value) === String(key))
}
