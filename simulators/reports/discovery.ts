/** `discovery`: what a device answers when an app looks for it on the local network. */

import { dashMac } from '../addresses.js'
import type { Identity } from '../identity.js'
import { seconds, type Build, type Content, type Moment } from './moment.js'

export const discovery: Build = (identity, moment) => {
  const camera = identity.model.kind === 'camera'
  return { discovery_result: { error_code: 0, result: { ...shared(identity), ...(camera ? ofCamera(identity, moment) : {}) } } }
}

function shared (identity: Identity): Content {
  return {
    device_id: identity.discoveryId,
    owner: identity.home.owner,
    device_type: identity.model.type,
    device_model: identity.model.model,
    ip: identity.ip,
    mac: dashMac(identity.mac),
    is_support_iot_cloud: true,
    obd_src: 'tplink',
    factory_default: false,
    mgt_encrypt_schm: { is_support_https: false, encrypt_type: 'KLAP', http_port: 80, lv: 2 }
  }
}

function ofCamera (identity: Identity, moment: Moment): Content {
  return {
    device_name: identity.name,
    firmware_version: identity.model.firmware,
    hardware_version: identity.model.hardware,
    encrypt_type: ['3'],
    encrypt_info: { sym_schm: 'AES', key: '', data: '' },
    protocol_version: 1,
    decrypted_data: {
      connect_ssid: identity.home.ssid,
      connect_type: 'wireless',
      device_id: identity.deviceId,
      owner: identity.home.owner,
      http_port: 443,
      last_alarm_time: String(seconds(moment) - moment.random.integer(10, 90_000)),
      last_alarm_type: 'motion',
      sd_status: 'offline'
    }
  }
}
