/**
 * Takes attempts one by one to a thread of their own, within bounds of number, time and memory.
 *
 * ```
 * ask ─▶ line (at most MAX_WAITING) ─▶ thread (one; ended after DEADLINE_MS of one attempt, or IDLE_MS of none) ─▶ answer
 * ```
 * What was tried lives in the memory of that thread alone, and ends with it.
 */

import { Worker } from 'node:worker_threads'
import { errorOf } from '../../model/errors.js'
import type { Attempt, Attempted } from './attempt.js'
import type { Answer } from './try-worker.js'

const MAX_WAITING = 8
const DEADLINE_MS = 60_000
const IDLE_MS = 60_000
const MAX_HEAP_MIB = 256

interface Waiting {
  readonly attempt: Attempt
  readonly signal: AbortSignal
  readonly resolve: (attempted: Attempted) => void
  readonly reject: (error: Error) => void
}

export interface DeskOptions {
  readonly deadlineMs?: number
  readonly idleMs?: number
}

export class TryDesk {
  readonly #line: Waiting[] = []
  readonly #deadlineMs: number
  readonly #idleMs: number
  #worker: Worker | undefined
  #current: Waiting | undefined
  #timer: NodeJS.Timeout | undefined

  constructor ({ deadlineMs = DEADLINE_MS, idleMs = IDLE_MS }: DeskOptions = {}) {
    this.#deadlineMs = deadlineMs
    this.#idleMs = idleMs
  }

  /** One that is aborted while it waits is never begun. @throws CurtilageError try-full, try-overrun, internal */
  async try (attempt: Attempt, signal: AbortSignal): Promise<Attempted> {
    this.#dropAborted()
    if (this.#line.length >= MAX_WAITING) throw errorOf('try-full')
    return await new Promise((resolve, reject) => {
      this.#line.push({ attempt, signal, resolve, reject })
      this.#next()
    })
  }

  async close (): Promise<void> {
    for (const { reject } of this.#line.splice(0)) reject(errorOf('internal'))
    await this.#end('internal')
  }

  #dropAborted (): void {
    const left = this.#line.filter(({ signal, reject }) => {
      if (signal.aborted) reject(errorOf('try-overrun'))
      return !signal.aborted
    })
    this.#line.splice(0, Infinity, ...left)
  }

  #next (): void {
    if (this.#current !== undefined) return
    this.#dropAborted()
    const next = this.#line.shift()
    clearTimeout(this.#timer)
    if (next === undefined) {
      this.#timer = setTimeout(() => this.#end('internal'), this.#idleMs).unref()
      return
    }
    this.#current = next
    this.#timer = setTimeout(() => this.#end('try-overrun'), this.#deadlineMs).unref()
    this.#worker ??= this.#hire()
    this.#worker.ref()
    this.#worker.postMessage(next.attempt)
  }

  #hire (): Worker {
    // its streams are not the process's: an error's text may hold what was tried
    const worker = new Worker(new URL('./try-worker.js', import.meta.url), { stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB } })
    worker.stdout.resume()
    worker.stderr.resume()
    worker.on('message', (answer: Answer) => {
      if (worker === this.#worker) this.#settle(waiting => 'failed' in answer ? waiting.reject(errorOf('internal')) : waiting.resolve(answer.attempted))
    })
    // out of memory, or gone: what was tried is at fault, and the next one gets a new thread
    for (const event of ['error', 'exit'] as const) {
      worker.on(event, () => { if (worker === this.#worker) this.#end('try-overrun').catch(() => {}) })
    }
    return worker
  }

  async #end (code: 'try-overrun' | 'internal'): Promise<void> {
    const worker = this.#worker
    clearTimeout(this.#timer)
    this.#worker = undefined
    this.#settle(({ reject }) => reject(errorOf(code)))
    await worker?.terminate()
  }

  #settle (tell: (waiting: Waiting) => void): void {
    const settled = this.#current
    this.#current = undefined
    // a thread that has nothing to do keeps no process up
    this.#worker?.unref()
    if (settled === undefined) return
    tell(settled)
    this.#next()
  }
}
