/** `clock`: the device's idea of the time and the zone it stands in. */

import { isKasa } from '../models.js'
import { localTime, seconds, type Build } from './moment.js'

export const clock: Build = (identity, moment) => {
  const { place } = identity.home
  if (identity.model.kind === 'camera') {
    const status = { seconds_from_1970: seconds(moment), local_time: localTime(identity, moment.epochMs) }
    return { system: { clock_status: status, basic: { timezone: `UTC${hours(place.timeDiff)}`, timing_mode: 'ntp', zone_id: place.zone } } }
  }
  if (isKasa(identity.model.kind)) {
    const local = new Date(moment.epochMs + place.timeDiff * 60_000)
    const parts = { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, mday: local.getUTCDate(), hour: local.getUTCHours(), min: local.getUTCMinutes(), sec: local.getUTCSeconds() }
    return { time: { get_time: { ...parts, err_code: 0 }, get_timezone: { index: 38, err_code: 0 } } }
  }
  return { get_device_time: { timestamp: seconds(moment), time_diff: place.timeDiff, region: place.zone } }
}

function hours (minutes: number): string {
  const whole = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
