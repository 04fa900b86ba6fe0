/** The faulty gateway as a child process, and what its parent does with it. */

import type { Test } from 'tap'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Step, Work } from '../../src/faults.js'
import { CONFIG, edit } from '../cli/run-cli.js'
import { CANARY } from './canary.js'

const PROGRAM = resolve('test/faults/faulty-gateway.js')

export interface Fault {
  readonly stage?: Step | Work
  readonly moment?: 'before' | 'after'
  readonly crash?: string
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

export interface FaultyGateway {
  readonly data: string
  /** The working directory: where Node writes what it writes by itself. */
  readonly folder: string
  readonly mqtt: string
  readonly http: string
  /** Both streams, all of it. */
  output (): string
  /** The log alone. */
  log (): string
  tell (fault: Fault): Promise<void>
  ended (signal?: NodeJS.Signals): Promise<Ended>
  kill (signal: NodeJS.Signals): void
  /** Of an answer that goes on for ever, what it says within an event or two. */
  get (path: string, init?: RequestInit): Promise<{ readonly status: number, readonly text: string }>
  /** Reads an answer that goes on for ever. Gives what it said until now. */
  listen (path: string): Promise<() => string>
}

export interface Surroundings {
  readonly options?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** With log level trace. Rejects with all that it wrote where it ends instead of being ready. */
export async function startFaulty (t: Test, { options = [], environment = {} }: Surroundings = {}): Promise<FaultyGateway> {
  const folder = join(t.testdir(), String(Math.random()).slice(2))
  const [config, data, cwd] = [join(folder, 'config'), join(folder, 'data'), join(folder, 'cwd')]
  cpSync(CONFIG, config, { recursive: true })
  edit(join(config, 'gateway.yaml'), 'level: info', 'level: trace')
  mkdirSync(cwd)
  // without the test runner's own hooks
  const { NODE_OPTIONS, NODE_V8_COVERAGE, ...inherited } = process.env
  const child = fork(PROGRAM, [config, data, CANARY], { cwd, execArgv: [...options], env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const exited = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  let [out, err] = ['', '']
  child.stdout?.on('data', chunk => { out += String(chunk) })
  child.stderr?.on('data', chunk => { err += String(chunk) })
  while (!out.includes('\n') && child.exitCode === null) await Promise.race([once(child.stdout!, 'data'), exited])
  if (!out.includes('\n')) {
    await exited
    throw new Error(`ended at start: ${err}`)
  }
  const { mqtt, http } = JSON.parse(out.slice(0, out.indexOf('\n'))) as { mqtt: string, http: string }
  return {
    data,
    folder: cwd,
    mqtt,
    http,
    output: () => out + err,
    log: () => err,
    tell: async fault => await told(child, fault, exited),
    ended: async signal => {
      if (signal !== undefined) child.kill(signal)
      await exited
      return { code: child.exitCode, signal: child.signalCode }
    },
    kill: signal => { child.kill(signal) },
    get: async (path, init) => {
      const answer = await ask(path, init)
      return { status: answer.status, text: [...answer.headers].flat().join(' ') + await textOf(answer) }
    },
    listen: async path => {
      const answer = await ask(path)
      let said = ''
      const ended = (async () => { for await (const chunk of answer.body ?? []) said += Buffer.from(chunk).toString('latin1') })()
      // the process may be killed
      ended.catch(() => {})
      return () => said
    }
  }

  async function ask (path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
    const token = readFileSync(join(data, 'ops.token'), 'utf8').trim()
    return await fetch(`${http}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...headers as Record<string, string> } })
  }
}

/** Two events are enough of a stream of server-sent events: one that was kept, one that is new. */
async function textOf (answer: Response): Promise<string> {
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true) return await answer.text()
  let said = ''
  for await (const chunk of answer.body ?? []) {
    said += Buffer.from(chunk).toString('latin1')
    if (said.split('\n\n').length > 3) break
  }
  return said
}

/** Some ways to end a process leave no time for an answer. */
async function told (child: ChildProcess, fault: Fault, exited: Promise<unknown>): Promise<void> {
  const answered = once(child, 'message')
  child.send(fault)
  await Promise.race([answered, exited])
}
