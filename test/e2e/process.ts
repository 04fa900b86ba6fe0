/** The built gateway as a process of its own, and what tests do with it. */

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Json } from '../../src/model/json.js'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'dist/src/cli/main.js')
const CONFIG = join(ROOT, 'config')

export interface Envelope {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly data: Record<string, Json>
  readonly policy: string
}

export class GatewayProcess {
  readonly data: string
  readonly mqtt: string
  readonly http: string
  readonly #child: ChildProcess
  /** Everything it wrote, for checks that nothing private is in it. */
  readonly output: string[]

  private constructor (data: string, child: ChildProcess, ready: { mqtt: string, http: string }, output: string[]) {
    this.data = data
    this.#child = child
    this.mqtt = ready.mqtt
    this.http = ready.http
    this.output = output
  }

  /** Resolves when it says that it is ready. With `files`, it may open no more than that. */
  static async start (data: string, { files, config = CONFIG }: { readonly files?: number, readonly config?: string } = {}): Promise<GatewayProcess> {
    const few = files === undefined ? [] : ['-c', `ulimit -n ${files}; exec "$@"`, '--', process.execPath]
    const child = spawn(files === undefined ? process.execPath : '/bin/sh', [...few, MAIN, 'start', '--config', config, '--data', data, '--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const output: string[] = []
    child.stderr.on('data', chunk => output.push(String(chunk)))
    const lines = createInterface({ input: child.stdout })
    lines.on('line', line => output.push(line))
    const first = await Promise.race([once(lines, 'line'), once(child, 'exit')])
    if (typeof first[0] !== 'string') throw new Error(`the gateway ended at start: ${output.join('')}`)
    return new GatewayProcess(data, child, JSON.parse(first[0]) as { mqtt: string, http: string }, output)
  }

  signal (signal: 'SIGHUP'): void {
    this.#child.kill(signal)
  }

  /** Resolves to the exit code, or null where a signal ended it. */
  async end (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    this.#child.kill(signal)
    await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  async get (path: string): Promise<string> {
    const token = readFileSync(join(this.data, 'ops.token'), 'utf8').trim()
    const answer = await fetch(new URL(path, this.http), { headers: { authorization: `Bearer ${token}` } })
    return await answer.text()
  }

  /** Sum of a metric over the labels given. */
  async metric (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const lines = (await this.get('/metrics')).split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    const wanted = lines.filter(line => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    return wanted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
}

/** Runs a command on a data folder; rejects where it exits with another code than 0. */
export async function curtilage (data: string, ...args: string[]): Promise<string> {
  return await curtilageUnder(CONFIG, data, ...args)
}

/** The same, under a configuration of the test's own. */
export async function curtilageUnder (config: string, data: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args, '--config', config, '--data', data])
  return stdout
}

/** Every disclosure in the file sink of a recipient. */
export function disclosed (data: string, folder: string): Envelope[] {
  const root = join(data, 'recipients', folder)
  const days = existsSync(root) ? readdirSync(root) : []
  return days.flatMap(day => readdirSync(join(root, day)).flatMap(file => {
    const whole = readFileSync(join(root, day, file), 'utf8').split('\n').slice(0, -1)
    return whole.map(line => JSON.parse(line) as Envelope)
  }))
}

export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise(resolve => setTimeout(resolve, 20))
}
