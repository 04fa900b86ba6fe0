/**
 * Frames of WebSocket that have not ended lie in memory where the gate does not see them yet. They are bounded as packets are:
 * a stranger's by the largest CONNECT, all together by what connections may hold, strangers first.
 */

import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { RefusedReason } from '../../model/reasons.js'
import { BufferBudget } from '../gate/buffer-budget.js'

/** One read of a socket may bring the end of one frame and the beginning of the next. */
const ONE_READ_BYTES = 64 * 1024

export interface FrameLimits {
  readonly maxConnectBytes: number
  readonly maxBufferedBytes: number
}

/** Whose frames they are. */
export interface Guest {
  readonly isStranger: boolean
  /** Ends the connection, for a reason that is counted. */
  refuse (reason: RefusedReason): void
}

export class UnfinishedFrames {
  readonly #strangersBytes: number
  readonly #budget: BufferBudget

  constructor ({ maxConnectBytes, maxBufferedBytes }: FrameLimits) {
    this.#strangersBytes = maxConnectBytes + ONE_READ_BYTES
    this.#budget = new BufferBudget(maxBufferedBytes)
  }

  follow (opened: WebSocket, socket: Socket, guest: Guest): void {
    const holder = { evict: () => guest.refuse('buffers-full') }
    let bytes = 0
    const holds = (now: number): void => {
      bytes = now
      this.#budget.holds(holder, bytes, !guest.isStranger)
    }
    opened.on('message', () => holds(0))
    // before ws sees them: a whole frame that comes of it takes them off again
    socket.prependListener('data', ({ length }: Buffer) => {
      holds(bytes + length)
      if (guest.isStranger && bytes > this.#strangersBytes) guest.refuse('packet-too-large')
    })
    socket.once('close', () => holds(0))
  }
}
