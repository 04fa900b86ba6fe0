/** `energy-realtime` in two generations (floats in whole units, integers in thousandths), per outlet of a strip, and `energy-usage`. */

import type { Random } from '../random.js'
import { localTime, type Build, type Content } from './moment.js'

export const energyRealtime: Build = (identity, { random }) => {
  const watts = random.chance(0.3) ? 0 : random.decimal(0.2, 2400, 3)
  const volts = random.decimal(identity.home.place.region === 'eu' ? 227 : 117, identity.home.place.region === 'eu' ? 243 : 124, 3)
  switch (identity.model.kind) {
    case 'first-plug': return { emeter: { get_realtime: firstGeneration(random, watts, volts) } }
    case 'bulb': return { 'smartlife.iot.common.emeter': { get_realtime: { power_mw: random.integer(0, 10_800), err_code: 0 } } }
    case 'smart-plug': return { get_current_power: { current_power: Math.round(watts) } }
    case 'strip': return { emeter: { get_realtime: { slot_id: random.integer(0, identity.children.length - 1), ...secondGeneration(random, watts, volts) } } }
    default: return { emeter: { get_realtime: secondGeneration(random, watts, volts) } }
  }
}

function firstGeneration (random: Random, watts: number, volts: number): Content {
  return { current: Number((watts / volts).toFixed(6)), voltage: volts, power: watts, total: random.decimal(0, 400, 3), err_code: 0 }
}

function secondGeneration (random: Random, watts: number, volts: number): Content {
  const milliwatts = Math.round(watts * 1000)
  return { current_ma: Math.round(milliwatts / volts), voltage_mv: Math.round(volts * 1000), power_mw: milliwatts, total_wh: random.integer(0, 400_000), err_code: 0 }
}

/** Older firmware adds histories of a day, a week, a month and a year. */
export const energyUsage: Build = (identity, { random, epochMs }) => {
  const today = random.integer(0, 3000)
  const numbers = (count: number) => Array.from({ length: count }, () => random.integer(0, 180))
  const histories = { past24h: numbers(24), past7d: Array.from({ length: 7 }, () => numbers(24)), past30d: numbers(30), past1y: numbers(12) }
  return {
    get_energy_usage: {
      today_runtime: random.integer(0, 1440),
      month_runtime: random.integer(1440, 43_000),
      today_energy: today,
      month_energy: today + random.integer(0, 60_000),
      local_time: localTime(identity, epochMs),
      electricity_charge: [0, 0, 0],
      current_power: random.integer(0, 2_400_000),
      ...(random.chance(0.1) ? histories : {})
    }
  }
}
