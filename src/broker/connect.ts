/** Who may connect: hooks `preConnect` and `authenticate`. */

import { arrivalOf, type CertificateClaim } from './arrival.js'
import { takeSeat } from './seats.js'
import { openSession, remoteAddressOf, sessionOf, type Session } from './session.js'
import { neutralWill } from './will.js'
import type { AuthenticateError, Client, ConnectPacket } from 'aedes'
import type { RefusedReason } from '../model/reasons.js'
import type { Identity } from '../model/registry.js'
import type { Connections } from './connections.js'
import type { Door } from './door.js'
import type { FailedLogins } from './failed-logins.js'

const IDENTIFIER_REJECTED = 2
const SERVER_UNAVAILABLE = 3
const BAD_USER_NAME_OR_PASSWORD = 4
const MAX_CLIENT_ID_MQTT_3_1 = 23

/**
 * Takes out of CONNECT what must not enter the broker: the client id (it may hold a MAC; a stand-in scoped to the user
 * name replaces it, so that nobody takes over another user's session), the will (kept in memory beside the connection),
 * and the wish for a persistent session (the outbox keeps what must be kept).
 */
export function prepareConnect (client: Client, packet: ConnectPacket, door: Door): void {
  const userName = userNameOf(client, packet)
  openSession(client, {
    clientId: packet.clientId,
    userName,
    remoteAddress: remoteAddressOf(client),
    refuseWith: refusalOf(packet),
    will: packet.will,
    identity: undefined,
    handingOver: false
  })
  if (packet.will !== undefined) packet.will = neutralWill(packet.will)
  packet.clientId = door.scopeClientId(userName, packet.clientId === '' ? anonymousId() : packet.clientId)
  packet.clean = true
}

/**
 * Answers for a connection that `prepareConnect` has seen. Never throws; an unknown or slow answer refuses.
 *
 * Whoever is let in joins `connections` in the same turn, so that a credential which becomes void before CONNACK ends it too.
 */
export async function authenticate (client: Client, password: Uint8Array | undefined, door: Door, connections: Connections, logins: FailedLogins): Promise<AuthenticateError | null> {
  const session = sessionOf(client)
  if (session === undefined) return errorFor(BAD_USER_NAME_OR_PASSWORD)
  const answer = await identify(client, session, password, door, logins)
  if (client.closed) return errorFor(SERVER_UNAVAILABLE)
  if (!('refused' in answer) && takeSeat(client, answer, connections, door.limits, door.refused)) {
    session.identity = answer
    arrivalOf(client)?.authenticated()
    return null
  }
  const { refused, returnCode } = 'refused' in answer ? answer : refusal('too-many-connections', SERVER_UNAVAILABLE)
  door.refused(refused)
  return errorFor(returnCode)
}

interface Refusal {
  readonly refused: RefusedReason
  readonly returnCode: number
}

async function identify (client: Client, session: Session, password: Uint8Array | undefined, door: Door, logins: FailedLogins): Promise<Identity | Refusal> {
  if (session.refuseWith !== undefined) return refusal('identifier', session.refuseWith)
  const certificate = arrivalOf(client)?.certificate
  try {
    return certificate === undefined
      ? await byPassword(session, password ?? new Uint8Array(), door, logins)
      : await byCertificate(session, certificate, door)
  } catch {
    return refusal('credentials', SERVER_UNAVAILABLE)
  }
}

async function byPassword ({ remoteAddress, userName }: Session, password: Uint8Array, door: Door, logins: FailedLogins): Promise<Identity | Refusal> {
  if (!logins.mayTry(remoteAddress, userName)) return refusal('failed-logins', SERVER_UNAVAILABLE)
  const identity = await door.authenticate(userName, password)
  if (identity === undefined) {
    logins.failed(remoteAddress, userName)
    return refusal('credentials', BAD_USER_NAME_OR_PASSWORD)
  }
  logins.succeeded(remoteAddress, userName)
  return identity
}

/** A certificate stands in place of the password; what the user name says must be the same. */
async function byCertificate ({ userName }: Session, { device }: CertificateClaim, door: Door): Promise<Identity | Refusal> {
  const identity = device === undefined || userName !== device ? undefined : await door.registered(device)
  return identity ?? refusal('certificate', BAD_USER_NAME_OR_PASSWORD)
}

/** A certificate says who connects where CONNECT does not. */
function userNameOf (client: Client, { username }: ConnectPacket): string {
  return username === undefined || username === '' ? arrivalOf(client)?.certificate?.device ?? '' : username
}

/** MQTT 3.1.1 [MQTT-3.1.3-8]: an empty client id needs a clean session; MQTT 3.1: at most 23 characters. */
function refusalOf ({ clientId, clean, protocolVersion }: ConnectPacket): number | undefined {
  if (clientId === '' && clean !== true) return IDENTIFIER_REJECTED
  if (protocolVersion === 3 && clientId.length > MAX_CLIENT_ID_MQTT_3_1) return IDENTIFIER_REJECTED
}

let anonymous = 0

function anonymousId (): string {
  return `anonymous ${anonymous++}`
}

function refusal (refused: RefusedReason, returnCode: number): Refusal {
  return { refused, returnCode }
}

function errorFor (returnCode: number): AuthenticateError {
  return Object.assign(new Error('connection refused'), { returnCode })
}
