/** `sysinfo` of the older protocol: colon-parted or bare MAC, 40-hex ids, coordinates in several spellings, children of a strip. */

import { colonMac } from '../addresses.js'
import type { Child, Identity } from '../identity.js'
import { lightState } from './light-state.js'
import { scaledCoordinate, type Build, type Content, type Moment } from './moment.js'

export const sysinfo: Build = (identity, moment) => ({ system: { get_sysinfo: contentOf(identity, moment) } })

function contentOf (identity: Identity, moment: Moment): Content {
  if (identity.model.kind === 'bulb') return bulb(identity, moment)
  if (identity.model.outlets > 0) return strip(identity, moment)
  return plug(identity, moment)
}

function shared (identity: Identity, { random }: Moment): Content {
  return {
    sw_ver: identity.model.firmware,
    hw_ver: identity.model.hardware,
    model: identity.model.model,
    deviceId: identity.deviceId,
    oemId: identity.makerId,
    hwId: identity.hardwareId,
    rssi: -random.integer(28, 85),
    alias: identity.name,
    err_code: 0
  }
}

function plug (identity: Identity, moment: Moment): Content {
  const { random } = moment
  const first = identity.model.kind === 'first-plug'
  const on = random.chance(0.6)
  return {
    ...shared(identity, moment),
    [first ? 'type' : 'mic_type']: identity.model.type,
    ...coordinates(identity),
    ...(first ? { fwId: identity.firmwareId } : { status: 'new', obd_src: 'tplink' }),
    mac: colonMac(identity.mac),
    led_off: 0,
    feature: identity.model.kind === 'motion-switch' ? 'TIM' : 'TIM:ENE',
    updating: 0,
    icon_hash: '',
    dev_name: identity.model.label,
    active_mode: random.pick(['none', 'schedule', 'count_down']),
    next_action: nextAction(moment, identity),
    relay_state: on ? 1 : 0,
    on_time: on ? random.integer(1, 900_000) : 0,
    ...(random.chance(0.3) ? { ntc_state: 0 } : {})
  }
}

/** The first plugs write degrees, as a number or as text; later ones integers of ten-thousandths. */
function coordinates (identity: Identity): Content {
  const { latitude, longitude } = identity.home
  if (identity.coordinates === 'degrees') return { latitude, longitude }
  if (identity.coordinates === 'text') return { latitude: latitude.toFixed(4), longitude: longitude.toFixed(4) }
  return { latitude_i: scaledCoordinate(identity, latitude), longitude_i: scaledCoordinate(identity, longitude) }
}

function strip (identity: Identity, moment: Moment): Content {
  return {
    ...shared(identity, moment),
    mic_type: identity.model.type,
    ...coordinates(identity),
    mac: colonMac(identity.mac),
    feature: 'TIM:ENE',
    status: 'new',
    updating: 0,
    led_off: 0,
    children: identity.children.map(child => outlet(child, moment)),
    child_num: identity.children.length
  }
}

function outlet (child: Child, { random }: Moment): Content {
  const on = random.chance(0.5)
  return { id: child.id, state: on ? 1 : 0, alias: child.name, on_time: on ? random.integer(1, 900_000) : 0, next_action: { type: -1 } }
}

function bulb (identity: Identity, moment: Moment): Content {
  return {
    ...shared(identity, moment),
    mic_type: identity.model.type,
    mic_mac: identity.mac,
    description: identity.model.label,
    dev_state: 'normal',
    active_mode: 'none',
    is_factory: false,
    disco_ver: '1.0',
    ctrl_protocols: { name: 'Linkie', version: '1.0' },
    heapsize: moment.random.integer(280_000, 330_000),
    is_dimmable: 1,
    is_color: 1,
    is_variable_color_temp: 1,
    light_state: lightState(moment),
    preferred_state: [0, 1, 2, 3].map(index => ({ index, hue: index * 80, saturation: 75, color_temp: 0, brightness: 100 - index * 20 }))
  }
}

function nextAction ({ random }: Moment, identity: Identity): Content {
  if (random.chance(0.6)) return { type: -1 }
  return { type: 1, id: identity.hardwareId.split('').reverse().join(''), schd_sec: random.integer(0, 86_399), action: random.integer(0, 1) }
}
