/** Who may connect: hooks `preConnect` and `authenticate`. */

import { openSession, remoteAddressOf, sessionOf } from './session.js'
import { neutralWill } from './will.js'
import type { AuthenticateError, Client, ConnectPacket } from 'aedes'
import type { Connections } from './connections.js'
import type { Door } from './door.js'

const IDENTIFIER_REJECTED = 2
const BAD_USER_NAME_OR_PASSWORD = 4
const MAX_CLIENT_ID_MQTT_3_1 = 23

/**
 * Takes out of CONNECT what must not enter the broker: the client id (it may hold a MAC; a stand-in scoped to the user
 * name replaces it, so that nobody takes over another user's session), the will (kept in memory beside the connection),
 * and the wish for a persistent session (the outbox keeps what must be kept).
 */
export function prepareConnect (client: Client, packet: ConnectPacket, door: Door): void {
  const userName = packet.username ?? ''
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
export async function authenticate (client: Client, password: Uint8Array | undefined, door: Door, connections: Connections): Promise<AuthenticateError | null> {
  const session = sessionOf(client)
  if (session === undefined) return refusal(BAD_USER_NAME_OR_PASSWORD)
  if (session.refuseWith !== undefined) {
    door.refused('identifier')
    return refusal(session.refuseWith)
  }
  session.identity = await identify(session.userName, password, door)
  if (session.identity !== undefined) {
    connections.join(client, session.identity)
    return null
  }
  door.refused('credentials')
  return refusal(BAD_USER_NAME_OR_PASSWORD)
}

async function identify (userName: string, password: Uint8Array | undefined, door: Door): ReturnType<Door['authenticate']> {
  try {
    return await door.authenticate(userName, password ?? new Uint8Array())
  } catch {
    return undefined
  }
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

function refusal (returnCode: number): AuthenticateError {
  return Object.assign(new Error('connection refused'), { returnCode })
}
