/** A server of somebody else's, on a port and with data of its own. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'

export type Program = 'mosquitto' | 'redis-server' | 'nats-server'

/** Debian puts servers where only root looks. */
const ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` }

export function isInstalled (program: Program): boolean {
  return spawnSync(program, ['--version'], { env: ENV, stdio: 'ignore' }).error === undefined
}

export class ServerProcess {
  readonly port: number
  readonly #child: ChildProcess

  private constructor (child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** Resolves when it takes connections. */
  static async start (command: string, argsFor: (port: number) => readonly string[]): Promise<ServerProcess> {
    const port = await freePort()
    const child = spawn(command, argsFor(port), { env: ENV, stdio: 'ignore' })
    child.on('error', () => {})
    if (child.pid === undefined) throw new Error(`${command} cannot be started`)
    await listening(child, command, port)
    return new ServerProcess(child, port)
  }

  get pid (): number {
    return this.#child.pid!
  }

  async end (): Promise<void> {
    await ended(this.#child)
  }
}

/** Kills it, unless it has ended. */
export async function ended (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function listening (child: ChildProcess, command: string, port: number): Promise<void> {
  while (!await listens(port)) {
    if (child.exitCode !== null) throw new Error(`${command} ended at start`)
    await setTimeout(20)
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listens (port: number): Promise<boolean> {
  return await new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
