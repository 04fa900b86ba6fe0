/**
 * Assesses configurations, and compares them, in a thread of its own, one after the other: that takes as long as thousands of reports,
 * which must not wait for it. The thread is begun when it is needed, and ends when it was not for a while.
 */

import { Worker } from 'node:worker_threads'
import { errorOf } from '../model/errors.js'
import { Serial } from '../store/serial.js'
import type { Assessment, Compared, Draft, Pair } from './assess.js'
import type { Answer, Question } from './assess-worker.js'

const DEADLINE_MS = 60_000
const IDLE_MS = 60_000
const MAX_HEAP_MIB = 256

export class AssessThread {
  readonly #serial = new Serial()
  readonly #maxWaiting: number
  #waiting = 0
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined

  /** @param maxWaiting beyond so many nobody is let in: for those who come from outside */
  constructor (maxWaiting = Infinity) {
    this.#maxWaiting = maxWaiting
  }

  /** @throws CurtilageError try-full; try-overrun where it took too long, or too much memory; internal */
  async assess (draft: Draft): Promise<Assessment> {
    return await this.#ask(draft) as Assessment
  }

  /** Throws as `assess` does. */
  async compare (pair: Pair): Promise<Compared> {
    return await this.#ask(pair) as Compared
  }

  async #ask (question: Question): Promise<Exclude<Answer, { failed: true }>> {
    if (this.#waiting >= this.#maxWaiting) throw errorOf('try-full')
    this.#waiting++
    try {
      return await this.#serial.run(async () => await this.#one(question))
    } finally {
      this.#waiting--
    }
  }

  async close (): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  async #one (question: Question): Promise<Exclude<Answer, { failed: true }>> {
    clearTimeout(this.#idle)
    const worker = this.#worker ??= hire()
    worker.ref()
    let deadline: NodeJS.Timeout | undefined
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        deadline = setTimeout(() => reject(errorOf('try-overrun')), DEADLINE_MS)
        worker.once('message', resolve)
        // out of memory, or gone
        for (const event of ['error', 'exit']) worker.once(event, () => reject(errorOf('try-overrun')))
        worker.postMessage(question)
      })
      if ('failed' in answer) throw errorOf('internal')
      return answer
    } catch (error) {
      this.#worker = undefined
      await worker.terminate()
      throw error
    } finally {
      clearTimeout(deadline)
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
      // from here on nothing is asked of it: a thread that dies ends nothing else
      worker.on('error', () => {})
      worker.unref()
      this.#idle = setTimeout(() => { this.close().catch(() => {}) }, IDLE_MS).unref()
    }
  }
}

function hire (): Worker {
  // its streams are not the process's: an error's text may hold what was assessed
  const worker = new Worker(new URL('./assess-worker.js', import.meta.url), { stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB } })
  worker.stdout.resume()
  worker.stderr.resume()
  return worker
}
