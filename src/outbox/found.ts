/** What a start finds: left by the run before, whether that ended in good order or in a crash. Names and counts. */

import type { LmdbOutbox } from './lmdb-outbox.js'

export interface Found {
  /** Disclosures that wait, by recipient. */
  readonly waiting: Readonly<Record<string, number>>
  /** By recipient. */
  readonly deadLetters: Readonly<Record<string, number>>
  /** Recipients. */
  readonly paused: readonly string[]
  /** Records of the journal that had not been brought into the store, as after a crash. */
  readonly inJournal: number
  /** Files of recipients whose last line was cut off, since a crash had left it unfinished; it comes again. */
  readonly tornTails: number
}

export function foundIn (outbox: LmdbOutbox): Omit<Found, 'tornTails'> {
  const dead = new Set(outbox.deadLetters().map(({ recipient }) => recipient))
  return {
    waiting: Object.fromEntries(outbox.recipients().map(recipient => [recipient, outbox.depth(recipient)])),
    deadLetters: Object.fromEntries([...dead].map(recipient => [recipient, outbox.deadLetterCount(recipient)])),
    paused: outbox.paused(),
    inJournal: outbox.foundInJournal.records
  }
}
