/** Follows each connection of one listener from accept, through its handshakes, to the broker. */

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket, type PeerCertificate } from 'node:tls'
import type { Aedes } from 'aedes'
import type { RefusedReason } from '../../model/reasons.js'
import type { ClientCertificateSettings } from '../../policy/gateway-settings.js'
import { announce, type CertificateClaim } from '../arrival.js'
import { deviceNamedBy } from './device-name.js'
import type { Waiting, WaitingRoom } from './waiting-room.js'

export class Doorman {
  readonly #broker: Aedes
  readonly #room: WaitingRoom
  readonly #client: ClientCertificateSettings | undefined
  /** A TLS socket is another object than the one that was accepted; both have the same ends. */
  readonly #waiting = new Map<string, Waiting>()

  constructor (broker: Aedes, room: WaitingRoom, client: ClientCertificateSettings | undefined) {
    this.#broker = broker
    this.#room = room
    this.#client = client
  }

  accept (socket: Socket): void {
    const ends = endsOf(socket)
    const waiting = this.#room.enter(socket)
    this.#waiting.set(ends, waiting)
    socket.once('close', () => { if (this.#waiting.get(ends) === waiting) this.#waiting.delete(ends) })
  }

  /** Gives the broker a stream of MQTT that came over a socket, this one itself or WebSocket in it. Undefined where it may not. */
  admit (stream: Duplex, socket: Socket): Waiting | undefined {
    const ends = endsOf(socket)
    const waiting = this.#waiting.get(ends)
    if (waiting === undefined) {
      stream.destroy()
      return undefined
    }
    this.#waiting.delete(ends)
    const certificate = this.#certificateOf(socket)
    if (certificate === 'untrusted') {
      waiting.refuse('certificate')
      return undefined
    }
    waiting.handOver()
    announce(stream, { remoteAddress: waiting.remoteAddress, ...(certificate !== undefined && { certificate }), authenticated: () => waiting.leave() })
    this.#broker.handle(stream)
    return waiting
  }

  /** Counts why a connection is going to end, which has been answered already. */
  refuse (socket: Socket, reason: RefusedReason): void {
    const waiting = this.#waiting.get(endsOf(socket))
    if (waiting !== undefined) this.#room.tell(waiting, reason)
  }

  #certificateOf (socket: Socket): CertificateClaim | 'untrusted' | undefined {
    if (this.#client === undefined || !(socket instanceof TLSSocket)) return undefined
    const shown: Partial<PeerCertificate> = socket.getPeerCertificate()
    if (!wasShown(shown)) return this.#client.required ? 'untrusted' : undefined
    return socket.authorized ? { device: deviceNamedBy(shown) } : 'untrusted'
  }
}

/** Node gives an empty object where none was shown. */
function wasShown (shown: Partial<PeerCertificate>): shown is PeerCertificate {
  return shown.raw !== undefined
}

function endsOf ({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
