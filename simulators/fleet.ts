/** Many simulated devices in one process: connects them, and lets each send when its turn comes, at one total rate or at a multiple of natural speed. */

import { Agenda } from './agenda.js'
import { DeviceConnection, type TlsOptions } from './connection.js'
import type { SimulatedDevice } from './device.js'

/** Reports a second over all devices, or how many times faster than real devices. */
export type Pace = { readonly ratePerSecond: number } | { readonly speed: number }

export interface FleetOptions {
  readonly url: string
  readonly pace: Pace
  readonly qos?: 0 | 1
  /** Devices start with one of each of their reports. */
  readonly tour?: boolean
  readonly tls?: TlsOptions
  /** Password of a device, where the gateway chose it. */
  readonly credentials?: (device: SimulatedDevice) => string
  /** Time written into reports, epoch milliseconds. */
  readonly now?: () => number
  readonly maxInFlight?: number
  readonly reconnectMs?: number
}

export interface Counts {
  readonly devices: number
  readonly connected: number
  readonly refused: number
  readonly sent: number
  readonly acknowledged: number
  readonly failed: number
  readonly inFlight: number
  /** Reports not made because their device was away or waiting for acknowledgements. */
  readonly postponed: number
  readonly reconnects: number
  readonly byReport: Readonly<Record<string, number>>
}

const TICK_MS = 20
const CONNECTING_AT_ONCE = 64
const MAX_IN_FLIGHT = 20_000
const MAX_IN_FLIGHT_OF_DEVICE = 32

export class Fleet {
  private readonly options: FleetOptions
  private readonly agenda = new Agenda()
  private readonly connections = new Map<string, DeviceConnection>()
  private readonly byReport = new Map<string, number>()
  private readonly devices: readonly SimulatedDevice[]
  private refused = 0
  private sent = 0
  private settled = 0
  private postponed = 0
  private turns = 0
  private startedMs = 0
  private stopping = false
  private timer: NodeJS.Timeout | undefined

  constructor (devices: readonly SimulatedDevice[], options: FleetOptions) {
    this.devices = devices
    this.options = options
  }

  /** Connects all devices, some at a time; each starts to send when it is connected. Resolves when all were taken or refused. */
  async start (): Promise<void> {
    this.startedMs = performance.now()
    this.tick()
    const waiting = [...this.devices]
    const connectSome = async () => {
      for (let device = waiting.pop(); device !== undefined && !this.stopping; device = waiting.pop()) await this.connect(device)
    }
    waiting.reverse()
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome))
  }

  counts (): Counts {
    const all = [...this.connections.values()]
    const sum = (of: (connection: DeviceConnection) => number) => all.reduce((total, connection) => total + of(connection), 0)
    return {
      devices: this.devices.length,
      connected: sum(connection => connection.connected ? 1 : 0),
      refused: this.refused,
      sent: this.sent,
      acknowledged: sum(connection => connection.acknowledged),
      failed: sum(connection => connection.failed),
      inFlight: this.sent - this.settled,
      postponed: this.postponed,
      reconnects: sum(connection => connection.reconnects),
      byReport: Object.fromEntries([...this.byReport].sort())
    }
  }

  /** Cuts the connection of one device, or of all; they come back by themselves. */
  cut (device?: string): void {
    for (const [id, connection] of this.connections) if (device === undefined || id === device) connection.cut()
  }

  /** Sends no more, waits for acknowledgements under way (at most `drainMs`), disconnects. */
  async stop (drainMs = 5000): Promise<Counts> {
    this.stopping = true
    clearTimeout(this.timer)
    const deadline = performance.now() + drainMs
    while (this.sent > this.settled && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, TICK_MS))
    const counts = this.counts()
    await Promise.all([...this.connections.values()].map(connection => connection.close(true)))
    return counts
  }

  private async connect (device: SimulatedDevice): Promise<void> {
    const { url, qos, tls, credentials, reconnectMs } = this.options
    const connection = new DeviceConnection(device, {
      url,
      ...(qos === undefined ? {} : { qos }),
      ...(tls === undefined ? {} : { tls }),
      ...(reconnectMs === undefined ? {} : { reconnectMs }),
      ...(credentials === undefined ? {} : { password: credentials(device) })
    })
    this.connections.set(device.device, connection)
    if (await connection.opened()) this.agenda.add(device, this.options.tour)
    else if (!this.stopping) this.refused++
  }

  private tick (): void {
    while (this.isDue()) this.turn()
    if (!this.stopping) this.timer = setTimeout(() => this.tick(), TICK_MS)
  }

  /** Whether the pace allows another act. After a stall at most one second's worth is made up for. */
  private isDue (): boolean {
    const { pace, maxInFlight = MAX_IN_FLIGHT } = this.options
    if (this.agenda.nextMs === Infinity || this.sent - this.settled >= maxInFlight) return false
    const elapsedMs = performance.now() - this.startedMs
    if ('speed' in pace) return this.agenda.nextMs <= elapsedMs * pace.speed
    const target = Math.floor(elapsedMs * pace.ratePerSecond / 1000)
    this.turns = Math.max(this.turns, target - Math.ceil(pace.ratePerSecond))
    return this.turns < target
  }

  private turn (): void {
    this.turns++
    const due = this.agenda.take()
    if (due === undefined) return
    const connection = this.connections.get(due.device.device)
    if (!connection?.connected || connection.inFlight >= MAX_IN_FLIGHT_OF_DEVICE) {
      this.postponed++
      return
    }
    this.sent++
    this.byReport.set(due.act.report, (this.byReport.get(due.act.report) ?? 0) + 1)
    connection.publish(due.device.report(due.act, (this.options.now ?? Date.now)(), this.sent)).then(() => { this.settled++ })
  }
}
