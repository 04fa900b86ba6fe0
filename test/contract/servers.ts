/** Real servers, each on a port of its own with its data in a folder of the test; they end with it. */

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Server } from './sink-contract.js'

type Program = 'mosquitto' | 'redis-server' | 'nats-server' | 'openssl'

const ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` }

/** Why tests that need the programs are skipped; false where they are there. */
export function without (...programs: readonly Program[]): string | false {
  const missing = programs.filter(program => spawnSync(program, ['--version'], { env: ENV, stdio: 'ignore' }).error !== undefined)
  return missing.length === 0 ? false : `${missing.join(' and ')} not installed: apt-get install ${missing.join(' ')}`
}

export class RealServer implements Server {
  readonly port: number
  readonly #program: Program
  readonly #args: readonly string[]
  #process: ChildProcess | undefined

  constructor (program: Program, args: readonly string[], port: number) {
    this.#program = program
    this.#args = args
    this.port = port
  }

  async start (): Promise<void> {
    const child = this.#process = spawn(this.#program, this.#args, { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => { said = (said + bytes.toString()).slice(-2000) })
    while (!await listens(this.port)) if (child.exitCode !== null) throw new Error(`${this.#program} ended: ${said}`)
  }

  async kill (): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Resolves when every thread of it has stopped: the signal alone is only asked for. */
  async freeze (): Promise<void> {
    const pid = this.#process?.pid
    this.#process?.kill('SIGSTOP')
    const threads = `/proc/${pid}/task`
    while (existsSync(threads) && !readdirSync(threads).every(thread => isStopped(join(threads, thread, 'stat')))) await new Promise(resolve => setImmediate(resolve))
  }

  thaw (): void {
    this.#process?.kill('SIGCONT')
  }
}

/** The state follows the name, which stands in brackets (proc(5)). */
function isStopped (stat: string): boolean {
  return !existsSync(stat) || readFileSync(stat, 'latin1').replace(/^.*\) /s, '').startsWith('T')
}

export interface MosquittoOptions {
  readonly tls?: Certificate
  /** Lines of the configuration, such as `password_file FILE`. */
  readonly lines?: readonly string[]
  readonly anonymous?: boolean
}

export async function startMosquitto (t: Test, { tls, lines = [], anonymous = true }: MosquittoOptions = {}): Promise<RealServer> {
  const port = await freePort()
  const file = join(folderOf(t), 'mosquitto.conf')
  writeFileSync(file, [
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${anonymous}`,
    // as root it would become a user who cannot read the folder
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    ...(tls === undefined ? [] : [`certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`]),
    ...lines
  ].join('\n'))
  return await started(t, new RealServer('mosquitto', ['-c', file], port))
}

export async function startRedis (t: Test, { tls, args = [] }: { tls?: Certificate, args?: readonly string[] } = {}): Promise<RealServer> {
  const port = await freePort()
  const ports = tls === undefined
    ? ['--port', String(port)]
    : ['--port', '0', '--tls-port', String(port), '--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile, '--tls-ca-cert-file', tls.certFile, '--tls-auth-clients', 'no']
  const rest = ['--bind', '127.0.0.1', '--dir', folderOf(t), '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', ...args]
  return await started(t, new RealServer('redis-server', [...ports, ...rest], port))
}

export async function startNats (t: Test, { tls, args = [] }: { tls?: Certificate, args?: readonly string[] } = {}): Promise<RealServer> {
  const port = await freePort()
  const encryption = tls === undefined ? [] : ['--tls', '--tlscert', tls.certFile, '--tlskey', tls.keyFile]
  return await started(t, new RealServer('nats-server', ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', folderOf(t), ...encryption, ...args], port))
}

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
}

/** Self-signed, for 127.0.0.1 only: `localhost` is another name. */
export function certificate (folder: string): Certificate {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=server', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
  return { certFile, keyFile }
}

/** A file of mode 600 below the test's folder. */
export function credentialFile (t: Test, name: string, content: string, mode = 0o600): string {
  const path = join(folderOf(t), name)
  writeFileSync(path, content, { mode })
  chmodSync(path, mode)
  return path
}

const folders = new WeakMap<Test, { readonly path: string, count: number }>()

/** Of the test's own, a new one with each call. */
export function folderOf (t: Test): string {
  const own = folders.get(t) ?? { path: t.testdir(), count: 0 }
  folders.set(t, own)
  const folder = join(own.path, String(own.count++))
  mkdirSync(folder)
  return folder
}

async function started (t: Test, server: RealServer): Promise<RealServer> {
  t.teardown(async () => { await server.kill() })
  await server.start()
  return server
}

export async function freePort (): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function listens (port: number): Promise<boolean> {
  return await new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => { socket.destroy(); resolve(true) })
    socket.once('error', () => setTimeout(resolve, 20, false))
  })
}
