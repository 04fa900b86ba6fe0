/** Stands before a server and breaks connections where it is told to. */

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export interface Fault {
  /** Of the bytes that the gateway sends, or of those that the server answers. */
  readonly direction: 'up' | 'down'
  readonly afterBytes: number
  /** A reset in place of a farewell. */
  readonly reset: boolean
  /** Reads no more, in place of breaking. */
  readonly stalls?: boolean
}

/** Ports of the connection that stalls. */
export interface Stalled {
  readonly from: number
  readonly to: number
}

export class ChaosProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #target: () => number
  #faults: Fault[] = []
  #tellStalled = (_stalled: Stalled): void => {}

  constructor (target: () => number) {
    this.#target = target
    this.#server = createServer(client => { this.#join(client) })
  }

  async listen (): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /** One fault for each connection from the next byte on, those that are open too; then no more. */
  plan (faults: readonly Fault[]): void {
    this.#faults = [...faults]
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Resolves when the next connection stalls, from these bytes of the gateway's on. */
  async stall (afterBytes: number): Promise<Stalled> {
    const stalled = new Promise<Stalled>(resolve => { this.#tellStalled = resolve })
    this.plan([{ direction: 'up', afterBytes, reset: false, stalls: true }])
    return await stalled
  }

  async close (): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #join (client: Socket): void {
    const fault = this.#faults.shift()
    const server = connect(this.#target(), '127.0.0.1')
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    const stalls = (): void => { this.#tellStalled({ from: client.remotePort ?? 0, to: client.localPort ?? 0 }) }
    pass(client, server, fault?.direction === 'up' ? fault : undefined, stalls)
    pass(server, client, fault?.direction === 'down' ? fault : undefined, stalls)
  }
}

function pass (from: Socket, to: Socket, fault: Fault | undefined, stalls: () => void): void {
  let left = fault?.afterBytes ?? Infinity
  from.on('data', bytes => {
    if (bytes.length <= left) {
      left -= bytes.length
      to.write(bytes)
      return
    }
    if (fault?.stalls === true) {
      from.pause()
      return stalls()
    }
    to.write(bytes.subarray(0, left), () => {
      if (fault?.reset === true) for (const socket of [from, to]) socket.resetAndDestroy()
      else for (const socket of [from, to]) socket.destroy()
    })
    left = 0
  })
  from.on('end', () => to.end())
}
