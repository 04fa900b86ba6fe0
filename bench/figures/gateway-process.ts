/** The built gateway as a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Api } from './api.js'

const MAIN = join('dist', 'src', 'cli', 'main.js')

export interface ProcessOptions {
  readonly config: string
  readonly data: string
  readonly nodeArgs?: readonly string[]
}

export class GatewayProcess {
  readonly mqtt: URL
  readonly api: Api
  readonly #child: ChildProcess

  private constructor (child: ChildProcess, data: string, ready: { mqtt: string, http: string }) {
    this.#child = child
    this.mqtt = new URL(ready.mqtt)
    this.api = new Api(ready.http, data)
  }

  /** Begins one; `ready` resolves when it says that it takes connections, and rejects where it ends first. */
  static begin ({ config, data, nodeArgs = [] }: ProcessOptions, output: string[]): { child: ChildProcess, ready: Promise<GatewayProcess> } {
    const args = [...nodeArgs, MAIN, 'start', '--config', config, '--data', data, '--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--json']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    child.stderr?.on('data', chunk => output.push(String(chunk)))
    return { child, ready: GatewayProcess.#ready(child, data, output) }
  }

  /** Everything that it writes, but the first line, goes into `output`. */
  static async start (options: ProcessOptions, output: string[] = []): Promise<GatewayProcess> {
    return await GatewayProcess.begin(options, output).ready
  }

  static async #ready (child: ChildProcess, data: string, output: readonly string[]): Promise<GatewayProcess> {
    const lines = createInterface({ input: child.stdout! })
    const [first] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]) as [string?]
    if (first === undefined) throw new Error(`the gateway ended at start: ${output.slice(-3).join('')}`)
    return new GatewayProcess(child, data, JSON.parse(first) as { mqtt: string, http: string })
  }

  get pid (): number {
    return this.#child.pid!
  }

  get hasEnded (): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves to the exit code, or null where a signal ended it. */
  async end (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode
    this.#child.kill(signal)
    await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  /** Asks what was loaded into it beside the gateway (see memory-probe.ts). */
  async ask<T> (question: string): Promise<T> {
    const answer = once(this.#child, 'message')
    this.#child.send(question)
    return (await answer)[0] as T
  }
}
