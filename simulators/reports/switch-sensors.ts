/** `pir-config` and `ambient-light` of a wall switch with sensors; its modules have dots in their names. */

import type { Build } from './moment.js'

export const pirConfig: Build = (_identity, { random }) => ({
  'smartlife.iot.PIR': {
    get_config: { enable: random.integer(0, 1), version: '1.0', trigger_index: random.integer(0, 3), cold_time: 15_000 * random.integer(1, 4), min_adc: 0, max_adc: 4095, array: [80, 50, 20, 0], err_code: 0 }
  }
})

const LEVELS = [['cloudy', 15, 390], ['overcast', 12, 300], ['dawn', 9, 222], ['twilight', 9, 222], ['total darkness', 4, 111], ['custom', 97, 2400]] as const

export const ambientLight: Build = (_identity, { random }) => {
  const levels = LEVELS.map(([name, value, adc]) => ({ name, adc, value }))
  const config = { devs: [{ hw_id: 0, enable: random.integer(0, 1), dark_index: random.integer(0, 5), min_adc: 0, max_adc: 2450, level_array: levels }], ver: '1.0', err_code: 0 }
  const now = { get_current_brt: { value: random.integer(0, 100), err_code: 0 }, get_dark_status: { bDark: random.integer(0, 1), err_code: 0 } }
  return { 'smartlife.iot.LAS': { get_config: config, ...(random.chance(0.3) ? now : {}) } }
}
