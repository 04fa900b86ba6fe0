/**
 * The connection of one simulated device: MQTT 3.1.1, clean session, QoS 1.
 *
 * A lost connection is taken up again, and what was not acknowledged is sent again with the DUP flag.
 */

import mqtt, { type MqttClient } from 'mqtt'
import type { SimulatedDevice, SimulatedReport } from './device.js'

export interface TlsOptions {
  readonly ca?: string | Buffer
  readonly rejectUnauthorized?: boolean
}

export interface ConnectionOptions {
  readonly url: string
  readonly password?: string
  readonly qos?: 0 | 1
  readonly tls?: TlsOptions
  readonly reconnectMs?: number
}

const CONNECT_TIMEOUT_MS = 30_000

export class DeviceConnection {
  readonly device: SimulatedDevice
  sent = 0
  acknowledged = 0
  failed = 0
  /** Connections made after the first. */
  reconnects = 0
  private readonly client: MqttClient
  private readonly qos: 0 | 1

  constructor (device: SimulatedDevice, options: ConnectionOptions) {
    this.device = device
    this.qos = options.qos ?? 1
    this.client = mqtt.connect(options.url, {
      protocolVersion: 4,
      clean: true,
      clientId: device.clientId,
      username: device.device,
      password: options.password ?? device.password,
      keepalive: 60,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: options.reconnectMs ?? 1000,
      ...options.tls
    })
    this.client.on('error', () => {})
    this.client.once('connect', () => this.client.on('connect', () => { this.reconnects++ }))
  }

  /** Sent and not yet acknowledged. */
  get inFlight (): number {
    return this.sent - this.acknowledged - this.failed
  }

  get connected (): boolean {
    return this.client.connected
  }

  /** Resolves when the broker takes the device; false where it refuses. */
  opened (): Promise<boolean> {
    if (this.client.connected) return Promise.resolve(true)
    return new Promise(resolve => {
      this.client.once('connect', () => resolve(true))
      this.client.on('error', error => { if ('code' in error && typeof error.code === 'number') resolve(false) })
      this.client.once('end', () => resolve(false))
    })
  }

  /** Resolves at the acknowledgement (QoS 0: when written); false where none will come. */
  publish ({ report, payload }: SimulatedReport): Promise<boolean> {
    this.sent++
    return new Promise(resolve => {
      this.client.publish(this.device.topic(report), payload, { qos: this.qos }, error => {
        if (error) this.failed++
        else this.acknowledged++
        resolve(!error)
      })
    })
  }

  /** Cuts the connection as a radio would; the client comes back by itself and repeats what was not acknowledged. */
  cut (): void {
    this.client.stream.destroy()
  }

  async close (force = false): Promise<void> {
    await this.client.endAsync(force)
  }
}
