/** A connection of our own, for clients that let us bring one. */

import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { LEAST_TLS, serverName, type Address } from './address.js'

export interface OpenSocket {
  /** Carries what is said; encrypted where the address is. */
  readonly stream: Socket
  /** Ends the connection at once: what the system has not sent yet it sends no more. */
  cut (): void
}

/** Resolves when the server is connected and, where encrypted, known to be itself. Rejects with the system's error. */
export async function openSocket ({ host, port, tls }: Address, signal: AbortSignal): Promise<OpenSocket> {
  signal.throwIfAborted()
  const raw = silent(connectTcp({ host, port, noDelay: true, keepAlive: true }))
  const cut = (): void => { cutSocket(raw) }
  signal.addEventListener('abort', cut, { once: true })
  try {
    await ready(raw, 'connect')
    if (tls === undefined) return { stream: raw, cut }
    const encrypted = silent(connectTls({ socket: raw, host, ...serverName(host), ...tls, minVersion: LEAST_TLS, rejectUnauthorized: true }))
    await ready(encrypted, 'secureConnect')
    return { stream: encrypted, cut: () => { cut(); encrypted.destroy() } }
  } catch (error) {
    raw.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

/** Whoever waits for it hears of an error; nobody may be waiting. */
function silent<Opened extends Socket> (socket: Opened): Opened {
  return socket.on('error', () => {})
}

/** A reset in place of a farewell: a farewell would wait behind everything not yet sent, and send it. */
export function cutSocket (raw: Socket): void {
  if (!raw.destroyed && !raw.connecting) raw.resetAndDestroy()
  raw.destroy()
}

async function ready (socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const closed = (): void => { reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })) }
    socket.once('error', reject).once('close', closed).once(event, () => {
      socket.off('error', reject).off('close', closed)
      resolve()
    })
  })
}
