/** The ways in: MQTT over TCP, TLS, WebSocket and secure WebSocket. */

import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls'
import type { Aedes } from 'aedes'
import { isLoopback } from '../../loopback.js'
import { CurtilageError } from '../../model/errors.js'
import type { Observe } from '../../model/events.js'
import type { ListenerSettings, TlsSettings, WebSettings } from '../../policy/gateway-settings.js'
import { CertificateError, credentialsOf, readCertificateFiles, type Credentials } from './certificate-files.js'
import { CertificateWatch } from './certificate-watch.js'
import { Doorman } from './doorman.js'
import type { WaitingRoom } from './waiting-room.js'
import { acceptWebSockets, type WebSocketLimits } from './web-sockets.js'

const CERTIFICATE_LOOK_MS = 5_000
/** All devices may come back at once. What the system allows at most holds too. */
const BACKLOG = 4096

export interface Listener {
  /** E.g. `mqtt://127.0.0.1:1883`, with the port that was picked. */
  readonly url: string
  /** Takes what the certificate files hold now, where it is good. */
  reload (): Promise<void>
  /** Takes no more connections. */
  close (): void
}

export interface ListenerContext {
  /** What events and metrics call it. */
  readonly name: string
  readonly room: WaitingRoom
  readonly limits: ListenerLimits
  readonly tell: Observe
  /** How often certificate files are looked at; five seconds where absent. */
  readonly lookMs?: number
}

export interface ListenerLimits extends WebSocketLimits {
  readonly handshakeTimeoutMs: number
}

/** Opens one listener. TLS 1.2 at least. @throws CurtilageError listener-failed */
export async function listen (broker: Aedes, settings: ListenerSettings, context: ListenerContext): Promise<Listener> {
  const { type, host, port } = settings
  try {
    return 'certFile' in settings ? await listenSecurely(broker, settings, context) : await listenPlainly(broker, settings, context)
  } catch (error) {
    throw new CurtilageError('listener-failed', `the ${type} listener on ${host}:${port} could not be opened (${causeOf(error)})`)
  }
}

type PlainSettings = Extract<ListenerSettings, { type: 'mqtt' | 'ws' }>
type SecureSettings = Extract<ListenerSettings, { type: 'mqtts' | 'wss' }>

async function listenPlainly (broker: Aedes, settings: PlainSettings, { room, limits }: ListenerContext): Promise<Listener> {
  const doorman = new Doorman(broker, room, undefined)
  const server = settings.type === 'ws'
    ? withWebSockets(createHttpServer(httpOptions(limits)), settings, limits, doorman)
    : createTcpServer(socket => doorman.admit(socket, socket))
  await opened(server, settings, doorman)
  const { address } = server.address() as AddressInfo
  // a host name can stand for any address
  if (!settings.plaintext && !isLoopback(address)) {
    server.close()
    throw new Error('not loopback')
  }
  return { url: urlOf(settings, server), reload: async () => {}, close: () => { server.close() } }
}

async function listenSecurely (broker: Aedes, settings: SecureSettings, context: ListenerContext): Promise<Listener> {
  const { room, limits, name, tell } = context
  const doorman = new Doorman(broker, room, settings.client)
  const files = await readCertificateFiles(settings)
  const credentials = credentialsOf(files)
  const options = tlsOptions(settings, credentials, limits)
  const server = settings.type === 'wss'
    ? withWebSockets(createHttpsServer({ ...options, ...httpOptions(limits) }), settings, limits, doorman)
    : createTlsServer(options, socket => doorman.admit(socket, socket))
  await opened(server, settings, doorman)
  const use = (taken: Credentials): void => {
    if (taken !== credentials) (server as TlsServer).setSecureContext(taken.options)
    tell({ type: 'certificate', listener: name, expiresMs: taken.expiresMs })
  }
  use(credentials)
  const watch = new CertificateWatch(files, credentials, {
    files: settings,
    intervalMs: context.lookMs ?? CERTIFICATE_LOOK_MS,
    use,
    onRefused: trouble => tell({ type: 'certificate-refused', listener: name, trouble })
  })
  return {
    url: urlOf(settings, server),
    reload: async () => { await watch.reload() },
    close: () => {
      watch.stop()
      server.close()
    }
  }
}

async function opened (server: Server, { host, port }: ListenerSettings, doorman: Doorman): Promise<void> {
  // before the server's own listener, which may hand the socket on in the same turn
  server.prependListener('connection', socket => doorman.accept(socket))
  server.listen({ port, host, backlog: BACKLOG })
  await once(server, 'listening')
  // a failed accept (no more file descriptors) is that connection's loss alone
  server.on('error', () => {})
}

function tlsOptions ({ client }: TlsSettings, { options }: Credentials, { handshakeTimeoutMs }: ListenerLimits): TlsOptions {
  return { ...options, handshakeTimeout: handshakeTimeoutMs, ...(client !== undefined && { requestCert: true, rejectUnauthorized: client.required }) }
}

function httpOptions ({ handshakeTimeoutMs }: ListenerLimits) {
  return { headersTimeout: handshakeTimeoutMs, requestTimeout: handshakeTimeoutMs }
}

function withWebSockets<S extends HttpServer> (server: S, settings: WebSettings, limits: ListenerLimits, doorman: Doorman): S {
  acceptWebSockets(server, settings, limits, {
    onStream: (stream, { socket }) => doorman.admit(stream, socket),
    onForeignOrigin: ({ socket }) => doorman.refuse(socket, 'origin')
  })
  return server
}

function urlOf ({ type, host }: ListenerSettings, server: Server): string {
  return `${type}://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
}

function causeOf (error: unknown): string {
  if (error instanceof CertificateError) return error.code ?? `certificate files: ${error.trouble}`
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : 'unknown')
}
