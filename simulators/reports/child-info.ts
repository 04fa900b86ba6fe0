/** A hub's child: bare MAC, its own and its parent's id, a base64 name, a room in plain text. Also sent alone as `contact` and `leak`. */

import { extendedAddress } from '../addresses.js'
import type { Child, ChildKind, Identity } from '../identity.js'
import { Random } from '../random.js'
import { base64, seconds, signal, type Build, type Content, type Moment } from './moment.js'

export const contact: Build = (identity, moment) => ofKind('contact', identity, moment)
export const leak: Build = (identity, moment) => ofKind('leak', identity, moment)

const CATEGORIES: Readonly<Record<ChildKind, string>> = {
  outlet: 'plug.powerstrip.sub-plug',
  motion: 'subg.trigger.motion-sensor',
  contact: 'subg.trigger.contact-sensor',
  leak: 'subg.trigger.water-leak-sensor',
  climate: 'subg.trigger.temp-hmdt-sensor',
  button: 'subg.trigger.button'
}

export function childInfo (child: Child, identity: Identity, moment: Moment): Content {
  const ofModel = new Random(`model/${child.model}`)
  const bridge = identity.model.kind === 'bridge'
  return {
    device_id: child.id,
    parent_device_id: identity.deviceId,
    nickname: base64(child.name),
    location: child.room,
    mac: child.mac,
    ...(bridge ? { ext_addr: extendedAddress(child.mac) } : {}),
    category: CATEGORIES[child.kind],
    model: child.model,
    type: 'SMART.TAPOSENSOR',
    fw_ver: `1.${ofModel.integer(5, 12)}.0 Build 2${ofModel.digits(5)} Rel.${ofModel.digits(6)}`,
    hw_ver: '1.0',
    hw_id: ofModel.hex(32),
    oem_id: ofModel.hex(32),
    region: identity.home.place.zone,
    specs: identity.home.place.country,
    status: 'online',
    status_follow_edge: false,
    bind_count: 1,
    at_low_battery: false,
    battery_percentage: moment.random.integer(5, 100),
    lastOnboardingTimestamp: 1_700_000_000 + ofModel.integer(0, 20_000_000),
    report_interval: 16,
    jamming_rssi: -moment.random.integer(105, 120),
    jamming_signal_level: 1,
    ...signal(moment.random),
    avatar: 'sensor',
    ...reading(child, moment)
  }
}

function reading (child: Child, moment: Moment): Content {
  const { random } = moment
  switch (child.kind) {
    case 'motion': return { detected: random.chance(0.4) }
    case 'contact': return { open: random.chance(0.4) }
    case 'leak': return wet(random.chance(0.1), seconds(moment) - random.integer(0, 900_000))
    case 'climate': return { current_temp: random.decimal(14, 29, 1), current_temp_exception: 0, current_humidity: random.integer(25, 80), current_humidity_exception: random.integer(0, 9), temp_unit: 'celsius' }
    default: return {}
  }
}

function wet (isWet: boolean, since: number): Content {
  return { in_alarm: isWet, water_leak_status: isWet ? 'water_leak' : 'water_dry', trigger_timestamp: since }
}

function ofKind (kind: ChildKind, identity: Identity, moment: Moment): Content {
  const child = moment.random.pick(identity.children.filter(each => each.kind === kind))
  return { get_device_info: childInfo(child, identity, moment) }
}
