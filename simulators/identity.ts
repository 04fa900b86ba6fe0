/** Who a simulated device is: what stays the same in all its reports. */

import { colonMac, dashMac, deviceMac, macTail } from './addresses.js'
import type { Household } from './household.js'
import { isKasa, type Model } from './models.js'
import { Random } from './random.js'

export type ChildKind = 'outlet' | 'motion' | 'contact' | 'leak' | 'climate' | 'button'

export interface Child {
  readonly kind: ChildKind
  /** Outlets: the parent's id and two digits. Sensors: 40 hex digits of their own. */
  readonly id: string
  readonly mac: string
  readonly model: string
  readonly name: string
  readonly room: string
}

/** How the firmware writes coordinates; `unset` is what it sends where nobody set them. */
export type CoordinateStyle = 'scaled' | 'unset' | 'degrees' | 'text'

export interface Identity {
  readonly home: Household
  readonly model: Model
  /** User name of its connection; with Kasa devices the same as `deviceId`. */
  readonly device: string
  readonly password: string
  readonly clientId: string
  /** 40 hex digits, upper case. */
  readonly deviceId: string
  /** 32 hex digits, what discovery answers with. */
  readonly discoveryId: string
  /** 12 hex digits, upper case. */
  readonly mac: string
  readonly ip: string
  readonly name: string
  readonly room: string
  readonly coordinates: CoordinateStyle
  readonly hardwareId: string
  readonly makerId: string
  readonly firmwareId: string
  readonly serial: string
  readonly children: readonly Child[]
}

/** The device of that number in a home. Ids are chosen so that a registry that refuses addresses in ids takes them. */
export function makeIdentity (home: Household, model: Model, number: number): Identity {
  const random = new Random(`${home.seed}/home/${home.index}/device/${number}`)
  const ofModel = new Random(`model/${model.model}`)
  const deviceId = `80${random.hex(38)}`
  const mac = deviceMac(random)
  const room = random.pick(home.place.rooms)
  return {
    home,
    model,
    device: isKasa(model.kind) ? deviceId : `${model.kind}-${pad(home.index, 4)}-${pad(number, 2)}`,
    password: random.letters(28),
    clientId: `${model.model.slice(0, 5).replace(/\W/g, '')}-${random.letters(10)}`,
    deviceId,
    discoveryId: random.hex(32).toLowerCase(),
    mac,
    ip: `${home.network}.${10 + number * 3}`,
    name: nameOf(random, home, model, mac, room),
    room,
    coordinates: coordinatesOf(random, model),
    hardwareId: ofModel.hex(32),
    makerId: ofModel.hex(32),
    firmwareId: ofModel.hex(32),
    serial: random.digits(12),
    children: childrenOf(random.fork('children'), home, model, deviceId, mac)
  }
}

/** Mostly a person's words; some keep the setup network's name, which ends in the MAC's tail; some hold a whole address. */
function nameOf (random: Random, home: Household, model: Model, mac: string, room: string): string {
  const words = home.place.name(random.pick(home.people), room, home.place.things[model.thing])
  const odd = random.integer(1, 20)
  if (odd <= 3) return `${model.softAp}_${macTail(mac, 4)}`
  if (odd === 4) return `DVES_${macTail(mac, 6)}`
  if (odd === 5) return `${words} ${colonMac(mac)}`
  if (odd === 6) return `shelly-${mac.toLowerCase()}`
  if (odd === 7) return `${words} (${home.network}.77)`
  if (odd === 8) return `${room}_and${dashMac(mac)}`
  return words
}

function coordinatesOf (random: Random, model: Model): CoordinateStyle {
  if (model.kind === 'first-plug') return random.pick(['degrees', 'text'])
  return random.chance(0.25) ? 'unset' : 'scaled'
}

const SENSORS: readonly [ChildKind, string][] = [['motion', 'T100'], ['contact', 'T110'], ['leak', 'T300'], ['climate', 'T315'], ['button', 'S200D']]

function childrenOf (random: Random, home: Household, model: Model, parentId: string, parentMac: string): Child[] {
  if (model.outlets > 0) {
    return Array.from({ length: model.outlets }, (_, slot) => outlet(random, home, model, `${parentId}${pad(slot, 2)}`, parentMac))
  }
  if (model.kind !== 'hub' && model.kind !== 'bridge') return []
  const more = SENSORS.filter(() => random.chance(0.5))
  return [...SENSORS, ...more].map(([kind, name]) => sensor(random, home, kind, name))
}

function outlet (random: Random, home: Household, model: Model, id: string, mac: string): Child {
  const room = random.pick(home.place.rooms)
  return { kind: 'outlet', id, mac, model: model.model, name: home.place.name(random.pick(home.people), room, home.place.things.plug), room }
}

function sensor (random: Random, home: Household, kind: ChildKind, model: string): Child {
  const room = random.pick(home.place.rooms)
  const mac = deviceMac(random)
  const words = home.place.name(random.pick(home.people), room, home.place.things.sensor)
  const name = random.chance(0.15) ? `Tapo_Sensor_${macTail(mac, 4)}` : words
  return { kind, id: `802E${random.hex(36)}`, mac, model, name, room }
}

function pad (number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}
