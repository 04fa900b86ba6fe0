/** Drift of a running gateway: sees each report, tells of what is new, and writes it down once a minute and at the end. */

import { unclassifiedPaths } from '../classify/walk.js'
import type { Observe } from '../model/events.js'
import type { Report } from '../model/report.js'
import type { Store } from '../store/store.js'
import { DriftBook } from './drift-book.js'
import { FirmwareMemory } from './firmware.js'

const EVERY_MS = 60_000

export interface KeptDrift {
  readonly book: DriftBook
  see (report: Report, dictionary: ReadonlySet<string>, tell: Observe): void
  /** Resolves when all is written that can be. */
  end (): Promise<void>
}

export function keepDrift (store: Store, now: () => number): KeptDrift {
  const book = new DriftBook(store, now())
  const firmware = new FirmwareMemory()
  // what the store does not take now, it is given the next time
  const flush = async (): Promise<void> => await book.flush().catch(() => {})
  let underWay = flush()
  const timer = setInterval(() => { underWay = underWay.then(flush) }, EVERY_MS).unref()
  return {
    book,
    see: (report, dictionary, tell) => {
      const runs = firmware.of(report)
      const paths = unclassifiedPaths(report.root, dictionary)
      if (paths.size === 0) return
      for (const [path, { count }] of paths) tell({ type: 'unclassified', report: report.type.name, path, count })
      for (const path of book.see(report.type.name, paths, runs, report.receivedMs)) tell({ type: 'new-field', report: report.type.name, path })
    },
    end: async () => {
      clearInterval(timer)
      await underWay
      await flush()
    }
  }
}
