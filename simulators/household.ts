/** What all devices of one simulated home share: people, place, router and the neighbours' access points. */

import { deviceMac, routerMac } from './addresses.js'
import { PLACES, type Place } from './places.js'
import { Random } from './random.js'

const DOMAINS = ['example.com', 'example.org', 'mail.example.net']
const NETWORK_NAMES = ['FRITZ!Box 7590', 'NETGEAR', 'Linksys', 'Vodafone-', 'ATT', 'xfinity', 'TP-Link_', 'Livebox-', 'eduroam', 'PrettyFly4aWiFi', 'カフェ']

export interface AccessPoint {
  readonly ssid: string
  readonly bssid: string
  readonly channel: number
  readonly signalLevel: number
  readonly rssi: number
}

export interface Household {
  readonly seed: string
  readonly index: number
  readonly account: string
  readonly regime: 'opt-in' | 'opt-out' | 'notice'
  readonly place: Place
  readonly people: readonly string[]
  readonly email: string
  /** The account as devices spell it: 32 hex digits. */
  readonly owner: string
  readonly latitude: number
  readonly longitude: number
  readonly ssid: string
  /** First three parts of the home's IPv4 network. */
  readonly network: string
  readonly publicIp: string
  readonly ipv6Prefix: string
  readonly routerMac: string
  readonly neighbors: readonly AccessPoint[]
}

/** The home of that number; the same for the same seed, whatever else was made before. */
export function makeHousehold (seed: string, index: number): Household {
  const random = new Random(`${seed}/home/${index}`)
  const place = random.pick(PLACES)
  const people = [random.pick(place.people), random.pick(place.people)]
  const router = routerMac(random)
  return {
    seed,
    index,
    account: `home-${String(index).padStart(4, '0')}`,
    regime: place.region === 'eu' ? 'opt-in' : random.pick(['opt-out', 'notice']),
    place,
    people,
    email: `${random.pick(['family', 'post', 'casa', 'us.two'])}.${random.digits(5)}@${random.pick(DOMAINS)}`,
    owner: random.hex(32),
    latitude: Number((place.latitude + random.decimal(-0.05, 0.05, 4)).toFixed(4)),
    longitude: Number((place.longitude + random.decimal(-0.05, 0.05, 4)).toFixed(4)),
    ssid: `${random.pick(['Casa', 'Home', 'Nest', 'Heim'])} ${random.digits(3)}`,
    network: `192.168.${random.integer(2, 254)}`,
    publicIp: `203.0.113.${random.integer(20, 254)}`,
    ipv6Prefix: `2001:db8:${random.hex(3).toLowerCase()}:${random.integer(1, 9)}`,
    routerMac: router,
    neighbors: neighbors(random.fork('neighbors'), router)
  }
}

/** Between none and thirty access points in reach, the home's own router first. */
function neighbors (random: Random, router: string): AccessPoint[] {
  const count = random.pick([0, 2, 3, 4, 5, 5, 6, 8, 12, 30])
  const own = { ssid: 'own', bssid: router, channel: 6, signalLevel: 3, rssi: -38 }
  return count === 0 ? [] : [own, ...Array.from({ length: count - 1 }, () => neighbor(random))]
}

function neighbor (random: Random): AccessPoint {
  const bssid = random.chance(0.2) ? deviceMac(random) : routerMac(random)
  const name = random.pick(NETWORK_NAMES)
  const ssid = name.endsWith('-') || name.endsWith('_') ? name + bssid.slice(-4) : name
  return { ssid, bssid, channel: random.integer(1, 13), signalLevel: random.integer(0, 3), rssi: -random.integer(40, 92) }
}
