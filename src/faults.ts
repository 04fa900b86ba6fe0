/**
 * Trouble that a test puts into the stages of a gateway, to see that nothing acknowledged is lost by it.
 *
 * It is told the name of a stage and nothing of a report, and it can do one thing: make the stage fail, or wait where it
 * waits anyway. A stage that fails lets nothing out, so no fault can widen what leaves.
 */

/** Stages that end in the turn in which they begin. */
export type Step = 'consent' | 'classify' | 'decide' | 'minimize' | 'guard' | 'reconsider'
/** Stages that wait for a disk or for somebody else. */
export type Work = 'authenticate' | 'append' | 'learn' | 'deliver'

export interface Faults {
  /** Called as a step begins; what it throws, the step throws. */
  readonly step?: (step: Step) => void
  /** Awaited before the work begins, and again when it has succeeded; what it rejects with, the work rejects with. */
  readonly work?: (work: Work, moment: 'before' | 'after') => Promise<void>
  /** Takes the place of the file system's answer about room on the disk. */
  readonly freeBytes?: () => number
}

/** Without faults the work begins in the turn of the call. */
export async function around<T> (faults: Faults | undefined, work: Work, run: () => Promise<T>): Promise<T> {
  if (faults?.work === undefined) return await run()
  await faults.work(work, 'before')
  const result = await run()
  await faults.work(work, 'after')
  return result
}
