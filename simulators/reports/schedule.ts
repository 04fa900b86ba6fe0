/** `schedule`: rules in minutes of the day and sun offsets; the night mode of the indicator light. */

import { isKasa } from '../models.js'
import type { Random } from '../random.js'
import { seconds, type Build, type Content, type Moment } from './moment.js'

export const schedule: Build = (identity, moment) => {
  const count = moment.random.pick([0, 0, 0, 0, 0, 1, 2, 7])
  return isKasa(identity.model.kind) ? older(moment, count) : newer(moment, count)
}

function older ({ random }: Moment, count: number): Content {
  const rules = Array.from({ length: count }, () => ({
    id: random.hex(32), name: 'Schedule Rule', enable: 1, wday: [1, 1, 1, 1, 1, 0, 0], stime_opt: 0, smin: random.integer(0, 1439), sact: random.integer(0, 1), eact: -1, repeat: 1
  }))
  const action = { type: 1, id: random.hex(32), schd_sec: random.integer(0, 86_399), action: 1 }
  return { schedule: { get_rules: { enable: 1, rule_list: rules, version: 2, err_code: 0 }, ...(count > 0 ? { get_next_action: { ...action, err_code: 0 } } : {}) } }
}

function newer (moment: Moment, count: number): Content {
  const rules = Array.from({ length: count }, (_, at) => rule(moment, at + 1))
  const night = { night_mode_type: 'sunrise_sunset', sunrise_offset: 0, sunset_offset: -30, start_time: 1140, end_time: 420 }
  return {
    get_schedule_rules: { enable: count > 0, rule_list: rules, schedule_rule_max_count: 32, start_index: 0, sum: count },
    ...(moment.random.chance(0.3) ? { get_led_info: { led_rule: 'night_mode', led_status: false, night_mode: night } } : {})
  }
}

function rule (moment: Moment, number: number): Content {
  const { random } = moment
  const day = new Date(seconds(moment) * 1000)
  return {
    id: `S${number}`,
    enable: true,
    mode: random.pick(['repeat', 'once']),
    week_day: random.integer(1, 127),
    year: day.getUTCFullYear(),
    month: day.getUTCMonth() + 1,
    day: day.getUTCDate(),
    s_type: random.pick(['normal', 'sunrise', 'sunset']),
    s_min: random.integer(0, 1439),
    e_type: 'normal',
    e_min: random.integer(0, 1439),
    e_action: 'none',
    time_offset: offset(random),
    desired_states: { on: random.chance(0.5) }
  }
}

function offset (random: Random): number {
  return random.pick([0, 0, -30, 15])
}
