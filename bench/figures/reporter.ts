/**
 * A device that reports as fast as it is answered and forgets no report before its PUBACK: after a break it connects
 * again and sends what is unanswered once more, in the old order, with DUP and the old packet ids.
 */

import { MqttConnection, type Credentials } from './mqtt-connection.js'

export interface ReporterOptions extends Credentials {
  readonly topic: string
  /** Sent and unanswered at one time. */
  readonly window: number
  /** Every report is sent under its own number, from 1. */
  readonly payload: (number: number) => string
  readonly onAnswered?: (number: number, ms: number) => void
}

interface Unanswered {
  readonly number: number
  readonly payload: string
  readonly sentMs: number
}

export class Reporter {
  readonly #options: ReporterOptions
  readonly #unanswered = new Map<number, Unanswered>()
  readonly answered = new Set<number>()
  #connection: MqttConnection | undefined
  #number = 0
  #limit = 0

  constructor (options: ReporterOptions) {
    this.#options = options
  }

  get isConnected (): boolean {
    return this.#connection !== undefined
  }

  /** Sent and not answered. */
  get open (): number {
    return this.#unanswered.size
  }

  /** Connects, and sends again what is unanswered. Rejects where it is not let in. */
  async connect (url: URL): Promise<void> {
    const connection = await MqttConnection.open(url, this.#options)
    if (connection.socket.closed) throw new Error('closed')
    connection.onPacket = packet => { if (packet.cmd === 'puback') this.#settle(packet.messageId ?? 0) }
    connection.onClose = () => { if (this.#connection === connection) this.#connection = undefined }
    this.#connection = connection
    for (const [messageId, { payload }] of this.#unanswered) connection.publish(this.#options.topic, payload, messageId, true)
    this.#fill()
  }

  /** Goes on with new reports until that many were sent in all. */
  report (limit: number): void {
    this.#limit = limit
    this.#fill()
  }

  /** No new reports. */
  pause (): void {
    this.#limit = 0
  }

  async cut (): Promise<void> {
    await this.#connection?.cut()
  }

  #fill (): void {
    const { window, topic, payload } = this.#options
    while (this.#connection !== undefined && this.#unanswered.size < window && this.#number < this.#limit) {
      const number = ++this.#number
      const messageId = (number - 1) % 65_535 + 1
      const text = payload(number)
      this.#unanswered.set(messageId, { number, payload: text, sentMs: performance.now() })
      this.#connection.publish(topic, text, messageId)
    }
  }

  #settle (messageId: number): void {
    const settled = this.#unanswered.get(messageId)
    if (settled === undefined) return
    this.#unanswered.delete(messageId)
    this.answered.add(settled.number)
    this.#options.onAnswered?.(settled.number, performance.now() - settled.sentMs)
    this.#fill()
  }
}
