/** The ways in: MQTT over TCP, TLS, WebSocket and secure WebSocket. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { CurtilageError } from '../model/errors.js'
import type { ListenerSettings } from '../policy/gateway-settings.js'

export interface Listener {
  /** E.g. `mqtt://127.0.0.1:1883`, with the port that was picked. */
  readonly url: string
  /** Takes no more connections. */
  close (): void
}

export interface ListenerLimits {
  readonly maxConnections: number
  readonly maxPacketBytes: number
}

/** Opens one listener. TLS 1.2 at least. @throws CurtilageError listener-failed */
export async function listen (broker: Aedes, settings: ListenerSettings, limits: ListenerLimits): Promise<Listener> {
  const { type, host, port } = settings
  try {
    const server = serverFor(broker, settings, limits)
    server.maxConnections = limits.maxConnections
    server.listen(port, host)
    await once(server, 'listening')
    // a failed accept (no more file descriptors) is that connection's loss alone
    server.on('error', () => {})
    const { port: picked } = server.address() as AddressInfo
    return { url: `${type}://${host.includes(':') ? `[${host}]` : host}:${picked}`, close: () => { server.close() } }
  } catch (error) {
    throw new CurtilageError('listener-failed', `the ${type} listener on ${host}:${port} could not be opened (${(error as NodeJS.ErrnoException).code ?? 'bad certificate or key'})`)
  }
}

function serverFor (broker: Aedes, settings: ListenerSettings, limits: ListenerLimits): Server {
  switch (settings.type) {
    case 'mqtt': return createTcpServer(stream => { broker.handle(stream) })
    case 'mqtts': return createTlsServer(tlsOptions(settings), stream => { broker.handle(stream) })
    case 'ws': return withWebSocket(createHttpServer(), broker, limits)
    case 'wss': return withWebSocket(createHttpsServer(tlsOptions(settings)), broker, limits)
  }
}

function tlsOptions ({ certFile, keyFile }: { certFile: string, keyFile: string }) {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' } as const
}

function withWebSocket<S extends HttpServer> (server: S, broker: Aedes, { maxPacketBytes }: ListenerLimits): S {
  const sockets = new WebSocketServer({ server, maxPayload: maxPacketBytes + 5, handleProtocols: offered => offered.has('mqtt') ? 'mqtt' : false })
  // ws passes the server's own errors on; unheard, one of them would end the process
  sockets.on('error', () => {})
  sockets.on('connection', (socket, request) => { broker.handle(createWebSocketStream(socket), request) })
  return server
}
