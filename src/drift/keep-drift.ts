/** Drift of a running gateway: sees each report, tells of what is new, and writes it down once a minute and at the end. */

import type { Observe } from '../model/events.js'
import type { JudgedReport } from '../model/judged.js'
import type { Store } from '../store/store.js'
import { DriftBook } from './drift-book.js'
import { FirmwareMemory } from './firmware.js'

const EVERY_MS = 60_000

export interface KeptDrift {
  readonly book: DriftBook
  see (judged: Pick<JudgedReport, 'type' | 'unclassified' | 'firmware'>, device: string, receivedMs: number, tell: Observe): void
  /** Resolves when all is written that can be. */
  end (): Promise<void>
}

export function keepDrift (store: Store, now: () => number): KeptDrift {
  const book = new DriftBook(store, now())
  const memory = new FirmwareMemory()
  // what the store does not take now, it is given the next time
  const flush = async (): Promise<void> => await book.flush().catch(() => {})
  let underWay = flush()
  const timer = setInterval(() => { underWay = underWay.then(flush) }, EVERY_MS).unref()
  return {
    book,
    see: ({ type: { name: report }, unclassified, firmware }, device, receivedMs, tell) => {
      const runs = memory.of(device, firmware)
      if (unclassified.size === 0) return
      for (const [path, { count }] of unclassified) tell({ type: 'unclassified', report, path, count })
      for (const path of book.see(report, unclassified, runs, receivedMs)) tell({ type: 'new-field', report, path })
    },
    end: async () => {
      clearInterval(timer)
      await underWay
      await flush()
    }
  }
}
