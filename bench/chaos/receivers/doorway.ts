/**
 * A way to a server that can be shut, connections and all, and opened again on the same port.
 *
 * Shut, it resets whoever comes: to give the port back meanwhile would let any outgoing connection of this machine take it.
 */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export class Doorway {
  readonly #target: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #isOpen = false
  #port = 0

  /** To a port on loopback. Shut at first. */
  constructor (target: number) {
    this.#target = target
  }

  /** Stays the same from the first `open` on. */
  get port (): number {
    return this.#port
  }

  async open (): Promise<void> {
    this.#isOpen = true
    if (this.#server !== undefined) return
    const server = this.#server = createServer(socket => this.#pass(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
  }

  shut (): void {
    this.#isOpen = false
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Gives the port back. */
  async end (): Promise<void> {
    this.shut()
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    await closed
  }

  #pass (near: Socket): void {
    if (!this.#isOpen) {
      near.resetAndDestroy()
      return
    }
    const far = connect(this.#target, '127.0.0.1')
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }
}
