/** `motion`: the flat report of a wireless motion sensor, with a neighbor scan that places the home. */

import { base64, scaledCoordinate, seconds, type Build } from './moment.js'

export const motion: Build = (identity, moment) => {
  const { home } = identity
  const seen = home.neighbors.slice(0, moment.random.integer(1, 5))
  return {
    event: 'motion',
    detected: moment.random.chance(0.8),
    timestamp: seconds(moment),
    device_id: identity.deviceId,
    nickname: base64(identity.name),
    latitude_i: scaledCoordinate(identity, home.latitude),
    longitude_i: scaledCoordinate(identity, home.longitude),
    ap_list: seen.map(point => ({ bssid: point.bssid, ssid: base64(point.ssid), signal_level: point.signalLevel }))
  }
}
