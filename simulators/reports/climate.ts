/** `climate`: a day of temperature and humidity in quarters of an hour; -1000 stands for a missing reading. */

import type { Random } from '../random.js'
import { seconds, type Build } from './moment.js'

const QUARTERS = 96
const MISSING = -1000

export const climate: Build = (_identity, moment) => {
  const { random } = moment
  const from = random.chance(0.5) ? QUARTERS : random.integer(0, QUARTERS)
  return {
    get_temp_humidity_records: {
      local_time: seconds(moment),
      past24h_temp: history(from, () => random.integer(140, 290)),
      past24h_temp_exception: history(from, () => exception(random)),
      past24h_humidity: history(from, () => random.integer(25, 80)),
      past24h_humidity_exception: history(from, () => exception(random)),
      temp_unit: 'celsius'
    }
  }
}

/** Missing until the sensor was first heard, then a reading each. */
function history (from: number, read: () => number): number[] {
  return Array.from({ length: QUARTERS }, (_, quarter) => quarter < from ? MISSING : read())
}

function exception (random: Random): number {
  return random.chance(0.8) ? 0 : random.integer(-9, 9)
}
