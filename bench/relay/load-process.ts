/** The load as a process of its own (see load-main.ts), pinned to the core that no server has. */

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { PacedAnswer, Question, RoundAnswer } from './load-main.js'

const LOAD_CORE = '1'

export class LoadProcess {
  readonly #child: ChildProcess = fork(join('dist', 'bench', 'relay', 'load-main.js'), { execArgv: ['--max-old-space-size=4096'] })

  constructor () {
    spawnSync('taskset', ['-a', '-c', '-p', LOAD_CORE, String(this.#child.pid)])
  }

  async ask (question: Extract<Question, { do: 'round' }>): Promise<RoundAnswer>
  async ask (question: Extract<Question, { do: 'paced' }>): Promise<PacedAnswer>
  async ask (question: Extract<Question, { do: 'leaks' }>): Promise<{ checked: number, leaking: number }>
  async ask (question: Extract<Question, { do: 'flood' }>): Promise<{ perSecond: number }>
  async ask (question: Extract<Question, { do: 'fill' }>): Promise<{ acknowledged: number }>
  async ask (question: Extract<Question, { do: 'collect' }>): Promise<{ arrived: number }>
  async ask (question: Extract<Question, { do: 'prepare' | 'open' }>): Promise<void>
  async ask (question: Question): Promise<unknown> {
    const answered = once(this.#child, 'message')
    this.#child.send(question)
    const [{ result, error }] = await answered as [{ result?: unknown, error?: string }]
    if (error !== undefined) throw new Error(`the load: ${error}`)
    return result
  }

  end (): void {
    this.#child.disconnect()
  }
}
