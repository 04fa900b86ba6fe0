/** The built gateway as a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = join('dist', 'src', 'cli', 'main.js')

export interface ProcessOptions {
  readonly config: string
  readonly data: string
  readonly nodeArgs?: readonly string[]
}

export class GatewayProcess {
  readonly mqtt: URL
  readonly #http: string
  readonly #data: string
  readonly #child: ChildProcess

  private constructor (child: ChildProcess, data: string, ready: { mqtt: string, http: string }) {
    this.#child = child
    this.#data = data
    this.mqtt = new URL(ready.mqtt)
    this.#http = ready.http
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

  /** Calls the API as ops; rejects where it does not answer 2xx. */
  async call<T> (method: string, path: string, body?: object): Promise<T> {
    const answer = await this.#fetch(path, { method, ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json() as T
  }

  /** Sum of a metric over the labels given. */
  async metric (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const lines = (await (await this.#fetch('/metrics', {})).text()).split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    const wanted = lines.filter(line => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    return wanted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  async #fetch (path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const token = readFileSync(join(this.#data, 'ops.token'), 'utf8').trim()
    return await fetch(new URL(path, this.#http), { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
  }
}
