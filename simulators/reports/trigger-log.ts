/** `trigger-log`: the last events of one child of a hub. The ids join reports of one event; none may leave. */

import type { ChildKind } from '../identity.js'
import type { Random } from '../random.js'
import { seconds, type Build, type Content } from './moment.js'

const EVENTS: Readonly<Partial<Record<ChildKind, readonly string[]>>> = {
  motion: ['motion'],
  contact: ['open', 'close', 'keepOpen'],
  leak: ['waterLeak', 'waterDry'],
  button: ['singleClick', 'doubleClick', 'rotation']
}

export const triggerLog: Build = (identity, moment) => {
  const { random } = moment
  const child = random.pick(identity.children.filter(each => EVENTS[each.kind] !== undefined))
  const newest = random.integer(100, 40_000)
  const count = random.pick([0, 1, 1, 1, 1, 2, 3, 5])
  let timestamp = seconds(moment)
  const logs = Array.from({ length: count }, (_, age) => {
    const log = entry(random, random.pick(EVENTS[child.kind] ?? ['motion']), newest - age, timestamp)
    timestamp -= random.integer(16, 35)
    return log
  })
  return { get_trigger_logs: { logs, start_id: count === 0 ? 0 : newest, sum: count === 0 ? 0 : random.integer(count, 90) } }
}

function entry (random: Random, event: string, id: number, timestamp: number): Content {
  const eventId = random.chance(0.8) ? random.uuid() : random.hex(32)
  const params = event === 'rotation' ? { params: { rotate_deg: random.pick([-30, 30, 60]) } } : {}
  return { event, eventId, id, timestamp, ...params }
}
