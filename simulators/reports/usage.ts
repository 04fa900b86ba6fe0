/** `usage`: how long a device ran, and what it used and saved, today and over 7 and 30 days. */

import type { Random } from '../random.js'
import type { Build, Content } from './moment.js'

export const usage: Build = (identity, { random }) => {
  const metered = identity.model.kind === 'smart-plug' || identity.model.kind === 'smart-bulb'
  const counters = { time_usage: span(random, 1440), ...(metered ? { power_usage: span(random, 900), saved_power: span(random, 1200) } : {}) }
  return { get_device_usage: counters }
}

function span (random: Random, perDay: number): Content {
  const today = random.integer(0, perDay)
  const past7 = today + random.integer(0, perDay * 6)
  return { today, past7, past30: past7 + random.integer(0, perDay * 23) }
}
