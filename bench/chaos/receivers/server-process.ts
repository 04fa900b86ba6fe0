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
  static async start (program: Program, argsFor: (port: number) => readonly string[]): Promise<ServerProcess> {
    const port = await freePort()
    const child = spawn(program, argsFor(port), { env: ENV, stdio: 'ignore' })
    while (!await listens(port)) {
      if (child.exitCode !== null) throw new Error(`${program} ended at start`)
      await setTimeout(20)
    }
    return new ServerProcess(child, port)
  }

  async end (): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
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
