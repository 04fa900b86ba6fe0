/**
 * Reads what the segments hold, and tells what a crash cut off from what is damaged.
 *
 * A frame is written when the one before it is on disk. So one that is broken with none after it was never acknowledged, or
 * cannot be told from such; one that is broken with another after it was, and what is left of the journal is not the whole.
 */

import { CurtilageError } from '../../model/errors.js'
import { frameAt, MAGIC, type Frame } from './frame.js'
import type { Segments } from './segment.js'

export interface Scanned {
  /** Those with records that the database lacks, in order. */
  readonly frames: readonly Frame[]
  /** Where the next frame goes: behind the last one. */
  readonly segment: number
  readonly at: number
  /** Number of the last record of each segment that the database lacks; 0: none. */
  readonly lasts: [number, number]
  /** How far each segment is not all zeros. */
  readonly used: [number, number]
  /** A write was cut off behind the last frame. */
  readonly isTorn: boolean
}

const PAGE = 4096
const ZEROS = Buffer.alloc(PAGE)

/** `applied`: number of the last record that is in the database. Throws CurtilageError outbox-journal. */
export function scan ({ all }: Segments, applied: number): Scanned {
  const contents = all.map(segment => segment.read()) as [Buffer, Buffer]
  const found = contents.flatMap((content, segment) => framesIn(content).filter(({ last }) => last > applied).map(frame => ({ frame, segment })))
  found.sort((a, b) => a.frame.first - b.frame.first)
  let last = applied
  for (const { frame } of found) {
    if (frame.first !== last + 1) throw new CurtilageError('outbox-journal', `the journal of the outbox is damaged, or newer than the store: records ${last + 1} to ${frame.first - 1} are not to be found, and others follow; put the store, outbox/journal-0 and journal-1 of one time into the data folder, or move the last two away to go on without what they hold`)
    last = frame.last
  }
  const { frame: { end: at }, segment } = found.at(-1) ?? { frame: { end: 0 }, segment: 0 }
  const lastIn = (which: number): number => found.findLast(one => one.segment === which)?.frame.last ?? 0
  return { frames: found.map(({ frame }) => frame), segment, at, lasts: [lastIn(0), lastIn(1)], used: [usedOf(contents[0]), usedOf(contents[1])], isTorn: contents.some((content, which) => isCutOff(content, which === segment ? at : 0, last)) }
}

/** All that are whole, wherever they begin: those of earlier rounds through the segment too. */
function framesIn (content: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = content.indexOf(MAGIC); at >= 0;) {
    const frame = frameAt(content, at)
    if (frame !== undefined) frames.push(frame)
    at = content.indexOf(MAGIC, frame?.end ?? at + 1)
  }
  return frames
}

/** The frame that would follow begins there, and is not whole. */
function isCutOff (content: Buffer, at: number, last: number): boolean {
  return content.subarray(at, at + MAGIC.length).equals(MAGIC) && at + 14 <= content.length && content.readUIntBE(at + 8, 6) > last
}

function usedOf (content: Buffer): number {
  let end = content.length
  while (end > 0) {
    const begin = Math.floor((end - 1) / PAGE) * PAGE
    if (content.compare(ZEROS, 0, end - begin, begin, end) !== 0) return end
    end = begin
  }
  return 0
}
