/** What a running gateway does for accounts by itself: old counts are forgotten, unfinished erasures tried again. */

import type { Core } from '../core.js'
import type { Rights } from './rights.js'

const RETRY_MS = 60_000
const DAY_MS = 86_400_000

export interface Upkeep {
  /** Resolves when nothing of it is under way. */
  end (): Promise<void>
}

export function keepUp ({ counts, now, inForce }: Core, rights: Rights): Upkeep {
  let underWay: Promise<unknown> = Promise.resolve()
  const every = (ms: number, work: () => Promise<unknown>): NodeJS.Timeout => setInterval(() => {
    underWay = underWay.then(work).catch(() => {})
  }, ms).unref()
  const prune = async (): Promise<unknown> => await counts.prune(now() - inForce.current.gateway.limits.countRetentionMs)
  const timers = [every(RETRY_MS, async () => await rights.finishAll()), every(DAY_MS, prune)]
  underWay = prune().catch(() => {})
  return {
    end: async () => {
      for (const timer of timers) clearInterval(timer)
      await underWay
    }
  }
}
