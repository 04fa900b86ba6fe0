/** `wifi-scan`: every access point in reach, the neighbors' too; densest of all reports in MAC addresses. */

import type { AccessPoint } from '../household.js'
import { base64, type Build, type Content } from './moment.js'

export const wifiScan: Build = (identity) => {
  const points = identity.home.neighbors
  if (identity.model.kind === 'camera') return { onboarding: { scan: { ap_list: points.map(ofCamera) } } }
  return { get_wireless_scan_info: { ap_list: points.map(ofDevice), start_index: 0, sum: points.length, wep_supported: false } }
}

function ofDevice (point: AccessPoint): Content {
  return { key_type: 'wpa2_psk', signal_level: point.signalLevel, ssid: base64(point.ssid), bssid: point.bssid, cipher_type: 2, channel: point.channel }
}

function ofCamera (point: AccessPoint): Content {
  return { auth: 4, encryption: 3, bssid: point.bssid, rssi: point.rssi, ssid: point.ssid }
}
