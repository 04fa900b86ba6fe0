/** The demo itself: a real gateway, homes whose devices connect to it, recipients that take what leaves, and a view of it all. */

import { join } from 'node:path'
import type { Secret } from '../../../simulators/planted.js'
import type { CompiledRecipient } from '../../model/policy.js'
import { startGateway, type RunningGateway } from '../../start-gateway.js'
import { Arrivals } from './arrivals.js'
import { castHomes, type Resident } from './cast.js'
import { ChangeOfMind } from './change-of-mind.js'
import { Departures, type Latest } from './departures.js'
import { enroll } from './enroll.js'
import { FollowedFolder } from './followed-files.js'
import { LeakSearch } from './leak-search.js'
import { Neighborhood } from './neighborhood.js'
import { Outlook } from './outlook.js'
import { findableIn, plantedAddresses } from './planted-addresses.js'
import { Pseudonyms } from './pseudonyms.js'
import { RecipientClient } from './recipient-client.js'
import { Strangers } from './strangers.js'
import { Waiting } from './waiting.js'

export interface PlayOptions {
  readonly config: string
  /** Empty, or not there yet. */
  readonly data: string
  readonly homes: number
  /** Reports a second of all homes. */
  readonly rate: number
  readonly seed: string
  readonly changeEveryMs: number
}

const STRANGER_EVERY_MS = 5_000
const PICKED = { host: '127.0.0.1', port: 0 }
const PURPOSE = 'improve-products'
const DRAIN_MS = 1_000
const PAUSE_MS = 20

export class Play {
  readonly startedMs: number
  readonly residents: readonly Resident[]
  readonly running: RunningGateway
  readonly arrivals: Arrivals
  readonly departures: Departures<Secret>
  readonly outlook: Outlook
  readonly waiting: Waiting
  readonly planted: ReadonlySet<Secret>
  /** How many of the planted the search finds in what the devices send: what shows that it can find them. */
  readonly findable: number
  neighborhood: Neighborhood | undefined
  strangers: Strangers | undefined
  mind: ChangeOfMind | undefined
  readonly #files: readonly (readonly [CompiledRecipient, FollowedFolder])[]
  readonly #clients: RecipientClient[] = []

  /** Resolves when the gateway runs, the homes are registered and their devices begin to connect. */
  static async start (options: PlayOptions): Promise<Play> {
    const residents = castHomes(options.seed, options.homes)
    const running = await startGateway({ config: options.config, data: options.data, mqtt: PICKED, http: PICKED })
    const play = new Play(residents, running, options)
    try {
      await play.#open(options)
    } catch (error) {
      await play.end()
      throw error
    }
    return play
  }

  private constructor (residents: readonly Resident[], running: RunningGateway, { data }: PlayOptions) {
    const { core } = running.gateway
    const { policy } = core.configuration
    this.startedMs = core.now()
    this.residents = residents
    this.running = running
    this.planted = plantedAddresses(residents)
    const search = new LeakSearch(this.planted)
    this.findable = findableIn(residents, search, core.now())
    this.arrivals = new Arrivals(core.now)
    this.departures = new Departures(policy, new Pseudonyms(core, residents), search, core.now)
    this.outlook = new Outlook(core)
    this.waiting = new Waiting(running.gateway)
    this.#files = policy.recipients.flatMap(recipient => recipient.enabled && recipient.sink.type === 'file'
      ? [[recipient, new FollowedFolder(join(data, 'recipients', recipient.sink.folder))] as const]
      : [])
    running.gateway.observe(this.arrivals.observe)
  }

  async #open ({ seed, rate, changeEveryMs }: PlayOptions): Promise<void> {
    const { mqttUrl: url, httpUrl, gateway: { core } } = this.running
    await enroll(core, this.residents)
    for (const recipient of core.configuration.policy.recipients) {
      if (!recipient.enabled || recipient.sink.type !== 'mqtt') continue
      const token = await core.registry.recipientToken(recipient.name)
      this.#clients.push(await RecipientClient.connect(url, recipient.name, token, line => this.departures.take(recipient, line)))
    }
    this.neighborhood = new Neighborhood(this.residents, { url, seed, rate })
    this.strangers = new Strangers(url, seed, STRANGER_EVERY_MS)
    this.mind = await this.#mind(httpUrl, changeEveryMs)
  }

  async #mind (gatewayApi: string, everyMs: number): Promise<ChangeOfMind | undefined> {
    const { core } = this.running.gateway
    const account = this.residents.find(({ part }) => part?.name === 'changes-its-mind')?.home.account
    const served = core.configuration.policy.recipients.filter(({ purpose }) => purpose.name === PURPOSE)
    if (account === undefined) return undefined
    const { token } = await core.registry.tokens.create(`account:${account}`)
    const departed = (): number => {
      this.read()
      return served.reduce((sum, { name }) => sum + this.departures.count(name, account), 0)
    }
    return new ChangeOfMind({ account, purpose: PURPOSE, gatewayApi, token, everyMs, departed, reported: () => this.neighborhood?.reported(account) ?? 0 }, core.now)
  }

  /** Reads on in the files of the recipients. */
  read (): void {
    for (const [recipient, folder] of this.#files) for (const line of folder.newLines()) this.departures.take(recipient, line)
  }

  /** The latest disclosure of the recipient whose turn it is. */
  latest (turn: number): Latest | undefined {
    const all = this.running.gateway.recipients.flatMap(name => this.departures.of(name).latest ?? [])
    return all[turn % Math.max(1, all.length)]
  }

  /** Devices go silent; what they were acknowledged is delivered and read. The gateway still runs. */
  async silence (): Promise<void> {
    await Promise.all([this.mind?.stop(), this.strangers?.stop(), this.neighborhood?.stop()])
    const deadline = performance.now() + DRAIN_MS
    while (this.#underWay() && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    this.read()
    this.mind?.settle()
    await this.waiting.count()
  }

  /** Everything closed; may follow a start that failed. */
  async end (): Promise<void> {
    await Promise.all([this.mind?.stop(), this.strangers?.stop(), this.neighborhood?.stop()])
    await Promise.all(this.#clients.map(async client => await client.close()))
    await this.running.close()
  }

  #underWay (): boolean {
    const { outbox, core } = this.running.gateway
    return core.configuration.policy.recipients.some(({ name, releaseMs }) => releaseMs === undefined && outbox.depth(name) > 0)
  }
}
