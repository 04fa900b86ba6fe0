/** `device-info` of the newer protocol: dash-parted MAC, IP, base64 names, pairing codes; cameras have a form of their own. */

import { colonMac, dashMac, extendedAddress, globalIpv6, linkLocalIpv6, pairs } from '../addresses.js'
import type { Identity } from '../identity.js'
import { Random } from '../random.js'
import { base64, scaledCoordinate, signal, type Build, type Content, type Moment } from './moment.js'

export const deviceInfo: Build = (identity, moment) => {
  if (identity.model.kind === 'camera') return camera(identity, moment)
  const content = { ...shared(identity, moment), ...special(identity, moment) }
  if (identity.model.kind === 'bridge') return { get_device_info: content, bridge: bridged(identity) }
  return { get_device_info: content, ...pairing(identity) }
}

function shared (identity: Identity, moment: Moment): Content {
  const { home } = identity
  return {
    device_id: identity.deviceId,
    fw_ver: identity.model.firmware,
    hw_ver: identity.model.hardware,
    type: identity.model.type,
    model: identity.model.model,
    mac: dashMac(identity.mac),
    hw_id: identity.hardwareId,
    fw_id: identity.firmwareId,
    oem_id: identity.makerId,
    ip: identity.ip,
    time_diff: home.place.timeDiff,
    ssid: base64(home.ssid),
    ...signal(moment.random),
    latitude: scaledCoordinate(identity, home.latitude),
    longitude: scaledCoordinate(identity, home.longitude),
    lang: home.place.language,
    avatar: identity.model.label,
    region: home.place.zone,
    specs: '',
    nickname: base64(identity.name),
    has_set_location_info: identity.coordinates !== 'unset',
    overheated: false
  }
}

function special (identity: Identity, { random }: Moment): Content {
  const on = random.chance(0.5)
  const power = { device_on: on, on_time: on ? random.integer(1, 500_000) : 0 }
  switch (identity.model.kind) {
    case 'smart-bulb': return { ...power, brightness: random.integer(1, 100), hue: random.integer(0, 360), saturation: random.integer(0, 100), color_temp: 0, dynamic_light_effect_enable: false }
    case 'vacuum': return { location: identity.room, board_sn: identity.serial, custom_sn: identity.serial.split('').reverse().join(''), product_id: '1794', total_ver: '1.4.40', mcu_ver: '1.1.2724.442', linux_ver: 'V21.198.1708420747' }
    case 'hub':
    case 'bridge': return { in_alarm: random.chance(0.1), in_alarm_source: '' }
    case 'motion-sensor': return { detected: random.chance(0.3), battery_percentage: random.integer(5, 100), at_low_battery: false, report_interval: 16 }
    default: return { ...power, auto_off_status: 'off', auto_off_remain_time: 0, default_states: { type: 'last_states', state: {} }, power_protection_status: 'normal' }
  }
}

/** Matter and HomeKit codes, on the devices that have them. */
function pairing (identity: Identity): Content {
  const random = new Random(`pairing/${identity.deviceId}`)
  const { model } = identity.model
  if (model === 'H100') return { get_matter_setup_info: { setup_code: random.digits(11), setup_payload: `${random.digits(2)}:${random.letters(5).toUpperCase()}-${random.digits(3)}.${random.digits(9)}` } }
  if (model !== 'KP125M') return {}
  const code = `${random.digits(3)}-${random.digits(2)}-${random.digits(3)}`
  return { get_homekit_info: { mfi_setup_code: code, mfi_setup_id: random.letters(4).toUpperCase(), mfi_token_token: base64(random.letters(48)), mfi_token_uuid: random.uuid() } }
}

function camera (identity: Identity, moment: Moment): Content {
  const { home } = identity
  const basic = {
    device_type: identity.model.type,
    device_model: identity.model.model,
    device_name: `${identity.model.model} ${identity.model.hardware}`,
    device_info: `${identity.model.model} ${identity.model.hardware} IPC`,
    device_alias: identity.name,
    sw_version: identity.model.firmware,
    hw_version: identity.model.hardware,
    mac: dashMac(identity.mac),
    dev_id: identity.deviceId,
    hw_id: identity.hardwareId,
    oem_id: identity.makerId,
    latitude: scaledCoordinate(identity, home.latitude),
    longitude: scaledCoordinate(identity, home.longitude),
    region: home.place.country,
    has_set_location_info: identity.coordinates === 'unset' ? 0 : 1,
    local_ip: identity.ip,
    ffs: false,
    is_cal: true,
    features: 3,
    avatar: identity.model.label,
    manufacturer_name: 'TP-LINK'
  }
  return { device_info: { basic_info: basic }, network: { wan: { ipaddr: identity.ip, gateway: `${home.network}.1`, rssi: moment.random.integer(-80, -30) } } }
}

/** A bridge tells of a neighbor device of another make, and repeats one address in as many spellings as such messages do. */
function bridged (identity: Identity): Content {
  const other = identity.children[0]?.mac ?? identity.mac
  const small = other.toLowerCase()
  return {
    id: small,
    ids: [other, extendedAddress(other)],
    via_device: `0x${extendedAddress(identity.mac)}`,
    from: `${colonMac(small)}-0-a`,
    host: `http://shelly-${small}.local/`,
    tags: { [colonMac(other)]: { seen: true } },
    raw: { type: 'Buffer', data: pairs(other).map(pair => Number.parseInt(pair, 16)) },
    frame: `02010607ff${small}0a`,
    remote: `0.0.0.0 (${identity.ip})`,
    ip: '0',
    ipv6: [linkLocalIpv6(other), globalIpv6(identity.home.ipv6Prefix, other)],
    public_ip: identity.home.publicIp,
    network_address: 41267,
    last_message: JSON.stringify({ mac: dashMac(other), ip: identity.ip })
  }
}
