/** Gives orders to a crowd in a process of its own. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Order, Report } from './crowd-main.js'

export class Crowd {
  readonly #child: ChildProcess = fork(join('dist', 'bench', 'soak', 'crowd-main.js'))

  async order (order: Order): Promise<Report> {
    const ended = new AbortController()
    const end = (): void => ended.abort(new Error('the crowd ended'))
    this.#child.once('exit', end)
    try {
      const answer = once(this.#child, 'message', { signal: ended.signal })
      this.#child.send(order)
      return (await answer)[0] as Report
    } finally {
      this.#child.off('exit', end)
    }
  }

  async end (): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
