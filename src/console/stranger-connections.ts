/**
 * Connections to the API on which no valid token has come yet: bounded, and none outlives the API's end.
 *
 * Half a request, a kept connection, an answer that nobody reads: each holds a socket for a minute or for ever. Beyond the
 * bound the oldest one makes room, so that whoever has a token still gets in. Browsers open a connection ahead of need; the
 * server counts that one as neither idle nor busy, and would wait for it at its end.
 */

import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const MAX_STRANGERS = 512

/** To be called after the hook that checks tokens was added. */
export function boundStrangers (api: Pick<FastifyInstance, 'server' | 'addHook'>, max = MAX_STRANGERS): void {
  const strangers = new Set<Socket>()
  const unused = new Set<Socket>()
  api.server.on('connection', (socket: Socket) => {
    for (const set of [strangers, unused]) set.add(socket)
    socket.once('close', () => { for (const set of [strangers, unused]) set.delete(socket) })
    const oldest = strangers.values().next().value
    if (strangers.size <= max || oldest === undefined) return
    strangers.delete(oldest)
    oldest.destroy()
  })
  api.server.on('request', ({ socket }) => unused.delete(socket))
  api.addHook('onRequest', async ({ role, raw }: FastifyRequest) => { if (role !== undefined) strangers.delete(raw.socket) })
  api.addHook('preClose', async () => { for (const socket of unused) socket.destroy() })
}
