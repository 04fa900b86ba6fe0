/**
 * The views of a text: as written, and with each encoding undone, again and again (INVARIANT: linear work).
 *
 * A view and what it was made from are both searched: undoing one encoding may spoil what stands beside it. The characters
 * of all views together are bounded by a multiple of the text's length; a text that would take more is never benign.
 */

import { areSpacedGroups, base64Bytes } from './base64-runs.js'
import { undoDefanging } from './defang.js'
import { undoEscapes } from './escapes.js'
import { fold, foldTwins, showTags } from './fold.js'
import { hexBytes, listedBytes } from './hex-text.js'
import { digitRuns, hexRuns, type Run } from './runs.js'
import { SHORTEST_TAIL } from './tail.js'
import { textsIn } from './text-in-bytes.js'
import { canHoldDigits, traitsOf, type Traits } from './traits.js'

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

/** Extra work left for the texts that are searched together: short ones with many encodings take it, a report full of them may not. */
export interface Allowance {
  extra: number
}

export function freshAllowance (): Allowance {
  return { extra: MOST_EXTRA }
}

/** No scanner reads across it, and no decoder takes it for its own. */
const PIECE_GAP = '~z~!~z~'
/** Encodings around encodings that are undone, at most. */
const MAX_DEPTH = 6
const WORK_PER_CHARACTER = 24
/** What a view costs beside its characters. */
const WORK_PER_VIEW = 16
/** Work that a single text may take, and all short texts of a report together, beyond their share. */
export const MOST_EXTRA_OF_TEXT = 8192
export const MOST_EXTRA = 524_288

const RAW_BYTES = /[\0-\xff]{4,}/g

const NO_RUNS: readonly Run[] = []
const SHORTEST_HEX_TEXT = 12
const SHORTEST_BASE64 = 8
const FEWEST_DIGITS_OF_BYTES = 4

interface Spelling {
  readonly text: string
  /** Scanned, but nothing more of it is undone. */
  readonly isLast: boolean
}

/** Visits every view of a text; `work`, where given, is told the characters visited. */
export function visitViews (text: string, visitor: ViewVisitor, allowance: Allowance, work?: (characters: number) => void): Outcome {
  const seen = new Set([text])
  let layer: Spelling[] = [{ text, isLast: false }]
  const share = text.length * WORK_PER_CHARACTER
  const most = share + Math.min(MOST_EXTRA_OF_TEXT, allowance.extra)
  let spent = 0
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > MAX_DEPTH) return 'too-much'
    const next: Spelling[] = []
    for (const spelling of layer) {
      const cost = spelling.text.length + WORK_PER_VIEW
      allowance.extra -= Math.max(0, Math.min(cost, spent + cost - share))
      spent += cost
      if (spent > most) return 'too-much'
      work?.(spelling.text.length)
      const view = viewOf(spelling.text)
      if (visitor.view(view)) return 'stopped'
      const undone = spelling.isLast ? [] : undo(view, visitor)
      if (undone === 'stopped') return 'stopped'
      for (const child of undone) {
        if (seen.has(child.text)) continue
        seen.add(child.text)
        next.push(child)
      }
    }
    layer = next
  }
  return 'finished'
}

/** Can a text of these traits hold anything encoded? */
export function canHoldEncoded ({ beyondAscii, escapes, longestBase64, longestHex }: Traits): boolean {
  return beyondAscii > 0 || escapes > 0 || longestBase64 >= SHORTEST_BASE64 || longestHex >= SHORTEST_HEX_TEXT
}

export function viewOf (text: string): View {
  const traits = traitsOf(text)
  return {
    text,
    traits,
    hexRuns: traits.longestHex >= 4 || traits.looseHex >= SHORTEST_TAIL || traits.colons >= 2 ? hexRuns(text) : NO_RUNS,
    digitRuns: traits.digits > 0 ? digitRuns(text) : NO_RUNS
  }
}

/**
 * The view with the encodings undone that it shows signs of. Where it folds, the folded text is the one to go on with: it
 * holds whatever else is encoded in it.
 */
function undo (view: View, visitor: ViewVisitor): Spelling[] | 'stopped' {
  const { text, traits } = view
  const { all, alone } = traits.escapes > 0 ? undoEscapes(text) : { all: undefined, alone: [] }
  if (traits.beyondAscii > 0 && rawBytes(text).some(bytes => visitor.bytes(bytes))) return 'stopped'
  const folded = traits.beyondAscii > 0 ? fold(text) : undefined
  if (folded !== undefined && folded !== text) return spellings([folded, all, showTags(text)], [])
  const decoded = undoDecodings(view, visitor)
  if (decoded === 'stopped') return 'stopped'
  return spellings([all, undoDefanging(text, traits), ...decoded], traits.beyondAscii > 0 ? [...alone, foldTwins(text)] : alone)
}

/** Bytes that someone took for characters, such as the `P\xc7\xbf` of a program's own spelling. */
function rawBytes (text: string): Buffer[] {
  return (text.match(RAW_BYTES) ?? []).map(bytes => Buffer.from(bytes, 'latin1'))
}

function spellings (further: readonly (string | undefined)[], last: readonly string[]): Spelling[] {
  return [
    ...further.filter(text => text !== undefined).map(text => ({ text, isLast: false })),
    ...last.map(text => ({ text, isLast: true }))
  ]
}

function undoDecodings (view: View, visitor: ViewVisitor): string[] | 'stopped' {
  const undone: string[] = []
  for (const pieces of decodings(view)) {
    const texts: string[] = []
    for (const piece of pieces) {
      if (visitor.bytes(piece)) return 'stopped'
      texts.push(...textsIn(piece).filter(isPromising))
    }
    if (texts.length > 0) undone.push(texts.join(PIECE_GAP))
  }
  return undone
}

/** Decoding what was never encoded gives short stretches of noise; most of them hold no address, whatever is undone in them. */
function isPromising (text: string): boolean {
  const traits = traitsOf(text)
  return canHoldDigits(traits) || traits.longestBase64 >= SHORTEST_BASE64
}

function canHoldBase64 (text: string, { longestBase64, escapes }: Traits): boolean {
  // four bytes are told by their padding
  return longestBase64 >= SHORTEST_BASE64 || (longestBase64 >= 6 && escapes >= 2) || (longestBase64 >= 4 && areSpacedGroups(text))
}

function * decodings ({ text, traits, hexRuns }: View): Generator<Iterable<Buffer>> {
  if (canHoldBase64(text, traits)) yield base64Bytes(text)
  if (traits.longestHex >= SHORTEST_HEX_TEXT) yield hexBytes(text, hexRuns)
  if (traits.digits >= FEWEST_DIGITS_OF_BYTES) yield listedBytes(text)
}
