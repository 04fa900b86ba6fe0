/** Connections that a client library opens by itself, held so that they can be cut as our own can. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { cutSocket } from './socket.js'

const opening = new AsyncLocalStorage<Set<Socket>>()

// node tells of every connection that is begun; the storage knows for whom
subscribe('net.client.socket', message => {
  const { socket } = message as { socket: Socket }
  const held = opening.getStore()
  held?.add(socket)
  socket.once('close', () => held?.delete(socket))
})

export class HeldSockets {
  readonly #sockets = new Set<Socket>()

  /** Holds what the work connects, now and later. */
  run<Result> (work: () => Result): Result {
    return opening.run(this.#sockets, work)
  }

  /** What the system has not sent yet it sends no more. */
  cut (): void {
    for (const socket of this.#sockets) cutSocket(socket)
  }
}
