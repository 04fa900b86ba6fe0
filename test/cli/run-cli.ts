/** Runs the built command as a process of its own. */

import type { Test } from 'tap'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'

export const CONFIG = resolve('config')
const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

export interface Ran {
  code: number | null
  out: string
  err: string
}

export interface RunOptions {
  input?: string
  cwd?: string
  env?: Record<string, string>
}

export async function cli (args: readonly string[], { input = '', cwd, env = {} }: RunOptions = {}): Promise<Ran> {
  const child = run(args, cwd, env)
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

export interface Running {
  first: string
  ready: { mqtt: string, http: string }
  child: ChildProcess
  out (): string
  err (): string
  stop (signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts a gateway on ports of its own and waits for its first line. */
export async function startCli (t: Test, args: readonly string[], { human = false } = {}): Promise<Running> {
  const child = run(['start', '--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', ...(human ? [] : ['--json']), ...args])
  let [out, err] = ['', '']
  child.stdout?.on('data', chunk => { out += String(chunk) })
  child.stderr?.on('data', chunk => { err += String(chunk) })
  const closed = once(child, 'close')
  t.teardown(async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await closed
  })
  const [first] = await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), closed.then(() => { throw new Error(`the gateway did not start: ${err}`) })]) as [string]
  return {
    first,
    ready: human ? { mqtt: '', http: '' } : JSON.parse(first),
    child,
    out: () => out,
    err: () => err,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await closed
      return child.exitCode
    }
  }
}

/** A folder with a copy of the shipped configuration, to be changed. */
export function copyOfConfig (t: Test): string {
  const folder = join(t.testdir(), 'config')
  cpSync(CONFIG, folder, { recursive: true })
  return folder
}

/** Options for a data folder of the test's own. */
export function dataFolder (t: Test): string[] {
  return ['--config', CONFIG, '--data', join(t.testdir(), 'data')]
}

export function edit (file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (text.replace(from, to) === text) throw new Error('nothing was changed')
  writeFileSync(file, text.replace(from, to))
}

/** A gateway in this process: commands that ask it start in a fraction of the time. */
export async function serve (t: Test, [, config = '', , data = '']: readonly string[]): Promise<RunningGateway> {
  const address = { host: '127.0.0.1', port: 0 }
  const running = await startGateway({ config, data, mqtt: address, http: address })
  t.teardown(async () => { await running.close() })
  return running
}

/** What a command printed for scripts. */
export function json<T = Record<string, unknown>> ({ out }: Ran): T {
  return JSON.parse(out) as T
}

function run (args: readonly string[], cwd?: string, env: Record<string, string> = {}): ChildProcess {
  // Without the test runner's own hooks and coverage, which would take most of the time.
  const { FORCE_COLOR, NODE_OPTIONS, NODE_V8_COVERAGE, ...inherited } = process.env
  return spawn(process.execPath, [MAIN, ...args], { ...(cwd !== undefined && { cwd }), env: { ...inherited, ...env }, stdio: 'pipe' })
}
