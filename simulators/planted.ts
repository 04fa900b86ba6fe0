/**
 * What a home's reports give away: every address, name and place in them, in every spelling a leak may take.
 *
 * For leak checks: search what left the gateway for these texts. Some kinds may leave by rule (a name to an integration); addresses never.
 */

import { globalIpv6, macSpellings } from './addresses.js'
import type { SimulatedDevice } from './device.js'
import type { Household } from './household.js'
import { isKasa } from './models.js'

export type SecretKind = 'mac' | 'neighbor-mac' | 'ip' | 'email' | 'owner' | 'device-id' | 'name' | 'room' | 'ssid' | 'coordinate' | 'serial'

export interface Secret {
  readonly kind: SecretKind
  readonly value: string
  /** Texts to search for, `value` as sent among them. */
  readonly spellings: readonly string[]
}

/** Every secret of a home, each once. */
export function plantedIn (home: Household, devices: readonly SimulatedDevice[]): Secret[] {
  const secrets = [...ofHome(home, devices), ...devices.flatMap(ofDevice)]
  return [...new Map(secrets.map(secret => [`${secret.kind} ${secret.value}`, secret])).values()]
}

function ofHome (home: Household, devices: readonly SimulatedDevice[]): Secret[] {
  const kinds = new Set(devices.map(device => device.kind))
  const neighbors = home.neighbors.map(point => secret('neighbor-mac', point.bssid, macSpellings(point.bssid)))
  return [
    ...neighbors,
    ...(kinds.has('bridge') ? [secret('ip', home.publicIp)] : []),
    ...(kinds.has('camera') ? [secret('ip', `${home.network}.1`)] : []),
    ...([...kinds].some(isKasa) ? [secret('email', home.email)] : []),
    ...([...kinds].every(isKasa) ? [] : [secret('owner', home.owner), text('ssid', home.ssid)]),
    ...(devices.some(placesItself) ? [coordinate(home.latitude), coordinate(home.longitude)] : [])
  ]
}

function ofDevice ({ identity }: SimulatedDevice): Secret[] {
  const { home, children } = identity
  const bridged = identity.model.kind === 'bridge' ? children[0]?.mac : undefined
  return [
    mac(identity.mac),
    ...(isKasa(identity.model.kind) ? [] : [secret('ip', identity.ip)]),
    text('name', identity.name),
    secret('device-id', identity.deviceId),
    ...children.flatMap(child => [mac(child.mac), text('name', child.name), secret('device-id', child.id)]),
    ...(identity.model.thing === 'hub' ? children.map(child => text('room', child.room)) : []),
    ...(identity.model.kind === 'vacuum' ? [text('room', identity.room), secret('serial', identity.serial)] : []),
    ...(bridged === undefined ? [] : [secret('ip', globalIpv6(home.ipv6Prefix, bridged))]),
    ...(identity.name.includes(`${home.network}.77`) ? [secret('ip', `${home.network}.77`)] : [])
  ]
}

function placesItself ({ identity }: SimulatedDevice): boolean {
  return identity.coordinates !== 'unset' && identity.model.kind !== 'bulb'
}

function mac (value: string): Secret {
  return secret('mac', value, macSpellings(value))
}

function coordinate (degrees: number): Secret {
  return secret('coordinate', String(degrees), [String(degrees), degrees.toFixed(4), String(Math.round(degrees * 10_000))])
}

/** Text that some devices write in base64. */
function text (kind: SecretKind, value: string): Secret {
  return secret(kind, value, [value, Buffer.from(value).toString('base64').replace(/=+$/, '')])
}

function secret (kind: SecretKind, value: string, spellings: readonly string[] = [value]): Secret {
  return { kind, value, spellings: [...new Set(spellings)] }
}
