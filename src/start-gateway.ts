/**
 * The ready gateway: a broker of its own, the gateway on it, its listeners and the API.
 *
 * ```
 * configuration ─▶ broker ─▶ curtilage() ─▶ listeners ─▶ API ─▶ the lock tells other processes where the API is
 * close:  listeners ─▶ broker ─▶ API ─▶ delivery, outbox, store, lock
 * ```
 */

import type { AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import type { FastifyInstance } from 'fastify'
import { listen, type Listener } from './broker/listeners/listen.js'
import { strangersThatFit } from './broker/listeners/open-files.js'
import { WaitingRoom } from './broker/listeners/waiting-room.js'
import { buildApi } from './console/api.js'
import type { Answered } from './console/services.js'
import { readConfiguration } from './core.js'
import type { Faults } from './faults.js'
import { curtilage, type Gateway } from './gateway.js'
import { isLoopback } from './loopback.js'
import { CurtilageError } from './model/errors.js'
import type { AddressSettings, GatewaySettings, ListenerSettings, PlainAddressSettings } from './policy/gateway-settings.js'

const BROKER_CLOSE_MS = 3_000
const API_CLOSE_MS = 10_000

export interface StartOptions {
  readonly config: string
  /** Data folder; the configuration's where absent. */
  readonly data?: string
  /** Takes the place of the first plain mqtt listener's address. */
  readonly mqtt?: AddressSettings
  /** Takes the place of the API's address. */
  readonly http?: AddressSettings
  /** Told of every request that the API answered. */
  readonly onAnswered?: (answered: Answered) => void
  /** For tests alone. */
  readonly faults?: Faults
}

export interface RunningGateway {
  /** Of the first plain mqtt listener, or of the first of all where there is none. */
  readonly mqttUrl: string
  readonly httpUrl: string
  /** All listeners for devices. */
  readonly urls: readonly string[]
  readonly gateway: Gateway
  readonly broker: Aedes
  /** Takes what the certificate files hold now, without waiting until they have been quiet; what is no good is told and left. */
  reloadCertificates (): Promise<void>
  /**
   * Takes no more connections, ends those there are, lets deliveries under way end, and gives the data folder back. May
   * be called twice. What was not delivered stays in the outbox; rejects with delivery-unsettled where a sink would not end.
   */
  close (): Promise<void>
}

/** @throws ConfigurationError with all problems; CurtilageError listener-failed, data-locked and what `curtilage` throws */
export async function startGateway (options: StartOptions): Promise<RunningGateway> {
  const settings = withOverrides((await readConfiguration(options.config)).gateway, options)
  const { drainTimeoutMs, authenticateTimeoutMs } = settings.limits
  // the gate keeps these two deadlines and counts; the broker's own would only come first uncounted
  const broker = await Aedes.createBroker({ drainTimeout: 2 * drainTimeoutMs, connectTimeout: 2 * authenticateTimeoutMs })
  const parts: Parts = { broker, listeners: [], room: undefined, gateway: undefined, api: undefined }
  try {
    return await open(parts, settings, options)
  } catch (error) {
    await closeAll(parts).catch(() => {})
    throw error
  }
}

interface Parts {
  readonly broker: Aedes
  readonly listeners: Listener[]
  room: WaitingRoom | undefined
  gateway: Gateway | undefined
  api: FastifyInstance | undefined
}

async function open (parts: Parts, settings: GatewaySettings, { config, data = settings.dataFolder, onAnswered, faults }: StartOptions): Promise<RunningGateway> {
  const { broker, listeners } = parts
  const gateway = parts.gateway = await curtilage(broker, { config, data, ...(faults !== undefined && { faults }) })
  const { tell } = gateway
  const { limits } = settings
  const room = parts.room = new WaitingRoom({ maxWaiting: strangersThatFit(limits.maxUnauthenticated), handshakeTimeoutMs: limits.handshakeTimeoutMs, refused: reason => tell({ type: 'refused', reason }) })
  for (const listener of settings.listeners) listeners.push(await listen(broker, listener, { name: nameOf(listener, settings.listeners), room, limits, tell }))
  const api = parts.api = buildApi({ core: gateway.core, gateway, listeningHost: settings.http.host, ...(onAnswered !== undefined && { onAnswered }) })
  const httpUrl = await listenHttp(api, settings.http)
  gateway.core.lock.publish(httpUrl)
  const urls = listeners.map(({ url }) => url)
  let closing: Promise<void> | undefined
  return {
    mqttUrl: urls.find(url => url.startsWith('mqtt:')) ?? urls[0] ?? '',
    httpUrl,
    urls,
    gateway,
    broker,
    reloadCertificates: async () => { for (const listener of listeners) await listener.reload() },
    close: async () => { await (closing ??= closeAll(parts)) }
  }
}

/** The type, and its place among those of the same type from the second on. */
function nameOf (listener: ListenerSettings, all: readonly ListenerSettings[]): string {
  const place = all.filter(({ type }) => type === listener.type).indexOf(listener)
  return place === 0 ? listener.type : `${listener.type}-${place + 1}`
}

function withOverrides (settings: GatewaySettings, { mqtt, http }: StartOptions): GatewaySettings {
  return {
    ...settings,
    listeners: mqtt === undefined ? settings.listeners : withMqtt(settings.listeners, mqtt),
    http: http === undefined ? settings.http : checked('http', http, settings.http)
  }
}

function withMqtt (listeners: readonly ListenerSettings[], address: AddressSettings): ListenerSettings[] {
  const first = listeners.find(listener => listener.type === 'mqtt')
  const own = { type: 'mqtt', ...checked('mqtt', address, first) } as const
  return first === undefined ? [own, ...listeners] : listeners.map(listener => listener === first ? own : listener)
}

/** The configuration has to say that it may listen off loopback without encryption; an override does not say so for it. */
function checked (type: string, address: AddressSettings, configured: PlainAddressSettings | undefined): PlainAddressSettings {
  const plaintext = configured?.plaintext ?? false
  if (isLoopback(address.host) || plaintext) return { ...address, plaintext }
  throw new CurtilageError('listener-failed', `an unencrypted ${type} listener off loopback has to stand in gateway.yaml`)
}

/** What a host name stands for is not known before it is listened on: the address that was bound is looked at. */
async function listenHttp (api: FastifyInstance, { host, port, plaintext }: PlainAddressSettings): Promise<string> {
  try {
    await api.listen({ host, port, listenTextResolver: () => '' })
  } catch (error) {
    throw new CurtilageError('listener-failed', `the API on ${host}:${port} could not be opened (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
  const { port: bound } = api.server.address() as AddressInfo
  if (!plaintext && !api.addresses().every(at => typeof at !== 'string' && isLoopback(at.address))) throw new CurtilageError('listener-failed', `the API on ${host}:${port} would be reachable from other machines without encryption`)
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${bound}`
}

async function closeAll ({ broker, listeners, room, gateway, api }: Parts): Promise<void> {
  for (const listener of listeners) listener.close()
  room?.close()
  await within(BROKER_CLOSE_MS, new Promise<void>(resolve => broker.close(() => resolve())))
  if (api !== undefined) {
    await within(API_CLOSE_MS, api.close())
    api.server.closeAllConnections()
  }
  await gateway?.close()
}

/** Goes on after a while, whether it ended or not. */
async function within (ms: number, work: PromiseLike<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise(resolve => { timer = setTimeout(resolve, ms) })
  await Promise.race([Promise.resolve(work).catch(() => {}), late])
  clearTimeout(timer)
}
