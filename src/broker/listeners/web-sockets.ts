/** MQTT over WebSocket (MQTT 3.1.1, section 6): the subprotocol `mqtt`, binary frames, and no web pages but those that are named. */

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws'
import type { WebSettings } from '../../policy/gateway-settings.js'
import { UnfinishedFrames, type FrameLimits, type Guest } from './unfinished-frames.js'

/** `mqttv3.1` is what clients of MQTT 3.1 say. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1']
/** The largest fixed header: a frame may hold one packet of the largest size, whole. */
const HEADER_BYTES = 5
/** Each costs more than it holds; clients send a packet whole, or in pieces of some KiB. */
const MAX_FRAGMENTS = 256

export interface WebSocketLimits extends FrameLimits {
  readonly maxPacketBytes: number
}

export interface WebSocketHandlers {
  /** The upgrade is over. `stream` carries MQTT. Undefined: it has been ended. */
  readonly onStream: (stream: Duplex, request: IncomingMessage) => Guest | undefined
  /** A page of a foreign origin; the connection has been answered. */
  readonly onForeignOrigin: (request: IncomingMessage) => void
}

export function acceptWebSockets (server: Server, { path, origins }: WebSettings, limits: WebSocketLimits, { onStream, onForeignOrigin }: WebSocketHandlers): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxPacketBytes + HEADER_BYTES,
    maxFragments: MAX_FRAGMENTS,
    autoPong: false,
    handleProtocols: offered => SUBPROTOCOLS.find(name => offered.has(name)) ?? false
  })
  const unfinished = new UnfinishedFrames(limits)
  const admit = (opened: WebSocket, request: IncomingMessage): void => {
    const guest = onStream(streamOf(opened), request)
    if (guest !== undefined) unfinished.follow(opened, request.socket, guest)
  }
  server.on('request', (_request, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'content-length': 0 }).end()
  })
  server.on('clientError', (_error, socket) => { socket.destroy() })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => { socket.destroy() })
    const status = refusalOf(request, path, origins)
    if (status === undefined) return sockets.handleUpgrade(request, socket, head, opened => admit(opened, request))
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => { socket.destroy() })
    if (status === FORBIDDEN) onForeignOrigin(request)
  })
}

const FORBIDDEN = '403 Forbidden'

/** Status to refuse an upgrade with; undefined where it may go on. */
function refusalOf ({ url = '', headers }: IncomingMessage, path: string | undefined, origins: readonly string[]): string | undefined {
  if (path !== undefined && url.split('?')[0] !== path) return '404 Not Found'
  // only browsers send it, and no page can keep them from it
  const origin = headers.origin ?? headers['sec-websocket-origin']
  if (origin !== undefined && !origins.includes(String(origin))) return FORBIDDEN
  const offered = headers['sec-websocket-protocol']?.split(',').map(name => name.trim()) ?? []
  return SUBPROTOCOLS.some(name => offered.includes(name)) ? undefined : '400 Bad Request'
}

function streamOf (socket: WebSocket): Duplex {
  socket.on('message', (_data, isBinary) => { if (!isBinary) socket.terminate() })
  // pongs that nobody reads would pile up
  socket.on('ping', data => { if (socket.bufferedAmount === 0) socket.pong(data) })
  // until the broker listens, and after it has stopped to
  return createWebSocketStream(socket).on('error', () => {})
}
