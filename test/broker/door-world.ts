/** A broker with the gateway's hooks behind real listeners, three identities and one password; for tests of who gets in. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { Test } from 'tap'
import type { BrokerLimits, Door } from '../../src/broker/door.js'
import { install, type Installed } from '../../src/broker/install.js'
import { listen, type Listener } from '../../src/broker/listeners/listen.js'
import { WaitingRoom } from '../../src/broker/listeners/waiting-room.js'
import type { GatewayEvent } from '../../src/model/events.js'
import type { Identity } from '../../src/model/registry.js'
import type { ListenerSettings } from '../../src/policy/gateway-settings.js'
import { configurationOf } from '../fixtures/policy.js'

export const ADDRESS = { host: '127.0.0.1', port: 0, plaintext: false, origins: [] }

export const IDENTITIES: Readonly<Record<string, Identity>> = {
  D: { kind: 'device', account: 'A', device: 'D' },
  E: { kind: 'device', account: 'B', device: 'E' },
  'account:A': { kind: 'app', account: 'A' },
  'account:B': { kind: 'app', account: 'B' },
  'recipient:R': { kind: 'recipient', recipient: 'R' }
}

export interface DoorWorld {
  readonly broker: Aedes
  readonly installed: Installed
  readonly listener: Listener
  readonly room: WaitingRoom
  readonly port: number
  readonly refused: string[]
  readonly events: GatewayEvent[]
  /** Topics of the reports that were taken. */
  readonly taken: string[]
  /** How often the credential store was asked. */
  asked: number
  connect (user: string | undefined, options?: IClientOptions): MqttClient
}

export interface WorldSettings {
  readonly listener?: ListenerSettings
  readonly limits?: Partial<BrokerLimits>
  readonly maxWaiting?: number
  readonly handshakeTimeoutMs?: number
}

export async function doorWorld (t: Test, { listener: settings = { type: 'mqtt', ...ADDRESS }, limits, maxWaiting = 100, handshakeTimeoutMs = 5_000 }: WorldSettings = {}): Promise<DoorWorld> {
  const broker = await Aedes.createBroker()
  t.teardown(async () => await new Promise<void>(resolve => broker.close(() => resolve())))
  const refused: string[] = []
  const events: GatewayEvent[] = []
  const taken: string[] = []
  const bounds = { ...configurationOf().gateway.limits, ...limits, handshakeTimeoutMs }
  const world = { broker, refused, events, taken, asked: 0 }
  const door: Door = {
    authenticate: async (userName, password) => {
      world.asked++
      return Buffer.from(password).toString() === 'right' ? IDENTITIES[userName] : undefined
    },
    registered: async device => IDENTITIES[device],
    take: report => {
      taken.push(`kasa/${report.account}/${report.device}/${report.topicTail}`)
      report.final(true)
    },
    dropped: () => {},
    refused: reason => { refused.push(reason) },
    recipientReady: () => {},
    scopeClientId: (user, id) => `${user.length} ${user} ${id}`,
    limits: bounds
  }
  const installed = install(broker, door)
  const room = new WaitingRoom({ maxWaiting, handshakeTimeoutMs, refused: door.refused })
  const listener = await listen(broker, settings, { name: settings.type, room, limits: bounds, tell: event => { events.push(event) }, lookMs: 10 })
  const clients: MqttClient[] = []
  t.teardown(() => {
    for (const client of clients) client.end(true)
    listener.close()
    room.close()
  })
  return Object.assign(world, {
    installed,
    listener,
    room,
    port: Number(new URL(listener.url).port),
    connect: (user: string | undefined, options: IClientOptions = {}) => {
      const client = mqtt.connect(listener.url, { ...(user !== undefined && { username: user, password: 'right' }), reconnectPeriod: 0, ...options })
      client.on('error', () => {})
      clients.push(client)
      return client
    }
  })
}

/** Resolves to 'connected', or to what ended the attempt: a CONNACK code, or 'closed'. */
export async function outcome (client: MqttClient): Promise<string | number> {
  if (client.connected) return 'connected'
  return await new Promise(resolve => {
    client.once('connect', () => resolve('connected'))
    client.once('error', error => { if ('code' in error && typeof error.code === 'number') resolve(error.code) })
    client.once('close', () => resolve('closed'))
  })
}

export async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

export const WITHOUT_OPENSSL = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed: apt-get install openssl'

export interface Issued {
  readonly certFile: string
  readonly keyFile: string
}

/** A certificate authority in a folder of its own. */
export class Authority {
  readonly #folder: string
  readonly caFile: string
  readonly crlFile: string

  constructor (folder: string, name: string) {
    this.#folder = join(folder, name)
    mkdirSync(this.#folder, { recursive: true })
    this.caFile = join(this.#folder, 'ca.pem')
    this.crlFile = join(this.#folder, 'crl.pem')
    this.#openssl('req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=authority ${name}`, '-keyout', this.#path('ca.key'), '-out', this.caFile)
    writeFileSync(this.#path('index.txt'), '')
    writeFileSync(this.#path('ca.cnf'), `[ca]\ndefault_ca=this\n[this]\ndatabase=${this.#path('index.txt')}\ndefault_md=sha256\ndefault_crl_days=2\n`)
    this.writeCrl()
  }

  /** @param subject such as `/CN=D` @param names such as `URI:spiffe://x/D` @param days may be negative */
  issue (file: string, subject: string, names: string | undefined = undefined, days = 2, usage = 'serverAuth,clientAuth'): Issued {
    const [certFile, keyFile, request, extensions] = [this.#path(`${file}.pem`), this.#path(`${file}.key`), this.#path(`${file}.csr`), this.#path(`${file}.ext`)]
    this.#openssl('req', ...NEW_KEY, '-subj', subject, '-keyout', keyFile, '-out', request)
    writeFileSync(extensions, `extendedKeyUsage=${usage}\n${names === undefined ? '' : `subjectAltName=${names}\n`}`)
    this.#openssl('x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.#path('ca.key'), '-CAcreateserial', '-days', String(days), '-extfile', extensions, '-out', certFile)
    return { certFile, keyFile }
  }

  revoke ({ certFile }: Issued): void {
    this.#openssl('ca', '-config', this.#path('ca.cnf'), '-revoke', certFile, '-cert', this.caFile, '-keyfile', this.#path('ca.key'))
    this.writeCrl()
  }

  writeCrl (): void {
    this.#openssl('ca', '-config', this.#path('ca.cnf'), '-gencrl', '-cert', this.caFile, '-keyfile', this.#path('ca.key'), '-out', this.crlFile)
  }

  #path (file: string): string {
    return join(this.#folder, file)
  }

  #openssl (...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' })
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
