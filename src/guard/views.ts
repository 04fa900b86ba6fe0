/**
 * The views of a text: as written, and with each encoding undone, again and again (INVARIANT: linear work).
 *
 * A view and what it was made from are both searched: undoing one encoding may spoil what stands beside it. The characters
 * of all views together are bounded by a multiple of the text's length; a text that would take more is never benign.
 */

import { base64Bytes, readableText } from './base64-runs.js'
import { undoDefanging } from './defang.js'
import { undoBackslashes, undoEntities, undoPercent, undoQuotedPrintable } from './escapes.js'
import { fold } from './fold.js'
import { hexBytes, listedBytes } from './hex-text.js'
import { digitRuns, hexRuns, type Run } from './runs.js'
import { traitsOf, type Traits } from './traits.js'

/** One spelling of the text, ready to be scanned. */
export interface View {
  readonly text: string
  readonly traits: Traits
  readonly hexRuns: readonly Run[]
  readonly digitRuns: readonly Run[]
}

export interface ViewVisitor {
  /** True stops the search. */
  view (view: View): boolean
  /** Bytes that base64 or a list of numbers in a view stands for; true stops the search. */
  bytes (bytes: Uint8Array): boolean
}

export type Outcome = 'stopped' | 'finished' | 'too-much'

/** Encodings around encodings that are undone, at most. */
const MAX_DEPTH = 6
const WORK_PER_CHARACTER = 24
const FREE_WORK = 8192

const NO_RUNS: readonly Run[] = []
const SHORTEST_HEX_TEXT = 12
const SHORTEST_BASE64 = 8
const FEWEST_DIGITS_OF_BYTES = 4

/** Visits every view of a text; `work`, where given, is told the characters visited. */
export function visitViews (text: string, visitor: ViewVisitor, work?: (characters: number) => void): Outcome {
  const seen = new Set([text])
  let layer = [text]
  let left = text.length * WORK_PER_CHARACTER + FREE_WORK
  for (let depth = 0; layer.length > 0; depth++) {
    const next: string[] = []
    for (const spelling of layer) {
      left -= spelling.length
      if (left < 0) return 'too-much'
      work?.(spelling.length)
      const view = viewOf(spelling)
      if (visitor.view(view)) return 'stopped'
      const undone = undo(view, visitor)
      if (undone === 'stopped') return 'stopped'
      for (const child of undone) if (!seen.has(child) && seen.add(child)) next.push(child)
    }
    if (depth === MAX_DEPTH) return next.length === 0 ? 'finished' : 'too-much'
    layer = next
  }
  return 'finished'
}

/** Can a text of these traits hold anything encoded? */
export function canHoldEncoded ({ beyondAscii, escapes, longestBase64, longestHex }: Traits): boolean {
  return beyondAscii || escapes > 0 || longestBase64 >= SHORTEST_BASE64 || longestHex >= SHORTEST_HEX_TEXT
}

export function viewOf (text: string): View {
  const traits = traitsOf(text)
  return {
    text,
    traits,
    hexRuns: traits.hexDigits > 0 ? hexRuns(text) : NO_RUNS,
    digitRuns: traits.digits > 0 ? digitRuns(text) : NO_RUNS
  }
}

/** The view with each encoding undone that it shows signs of. */
function undo (view: View, visitor: ViewVisitor): string[] | 'stopped' {
  const { text, traits } = view
  const undone: (string | undefined)[] = []
  if (traits.beyondAscii) undone.push(fold(text))
  if (traits.escapes > 0) undone.push(undoPercent(text), undoBackslashes(text), undoEntities(text), undoQuotedPrintable(text))
  undone.push(undoDefanging(text, traits))
  for (const bytes of decodings(view)) {
    const pieces = [...bytes]
    if (pieces.some(piece => visitor.bytes(piece))) return 'stopped'
    undone.push(readableText(pieces))
  }
  return undone.filter(child => child !== undefined)
}

function * decodings ({ text, traits, hexRuns }: View): Generator<Iterable<Buffer>> {
  if (traits.longestBase64 >= SHORTEST_BASE64) yield base64Bytes(text)
  if (traits.longestHex >= SHORTEST_HEX_TEXT) yield hexBytes(text, hexRuns)
  if (traits.digits >= FEWEST_DIGITS_OF_BYTES) yield listedBytes(text)
}
