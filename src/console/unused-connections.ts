/**
 * Ends connections on which nothing was ever asked when the API closes.
 *
 * Browsers open one ahead of need. The server counts it as neither idle nor busy, and would wait for it.
 */

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export function endUnusedConnections (api: Pick<FastifyInstance, 'server' | 'addHook'>): void {
  const unused = new Set<Socket>()
  api.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  api.server.on('request', ({ socket }) => unused.delete(socket))
  api.addHook('preClose', async () => { for (const socket of unused) socket.destroy() })
}
