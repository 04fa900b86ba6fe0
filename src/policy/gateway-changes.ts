/** Which settings of `gateway.yaml` a running gateway does not follow. */

import { isDeepStrictEqual } from 'node:util'
import type { GatewaySettings, LimitSettings } from './gateway-settings.js'

/** All that are read when they are needed; the others are built into listeners and connections at the start. */
const FOLLOWED: ReadonlySet<keyof LimitSettings> = new Set([
  'maxReportBytes', 'maxOutboxEntries', 'maxOutboxBytes', 'maxDeadLetters', 'deadLetterRetentionMs', 'countRetentionMs'
])
/** Keys of the file; the level of the log is followed. */
const OF_THE_START: Readonly<Record<Exclude<keyof GatewaySettings, 'limits' | 'logLevel'>, string>> = { dataFolder: 'data', listeners: 'listeners', http: 'http', traces: 'traces' }

/** Keys as they stand in the file. */
export function restartNeeded (started: GatewaySettings, now: GatewaySettings): string[] {
  const limits = (Object.keys(now.limits) as (keyof LimitSettings)[])
    .filter(key => !FOLLOWED.has(key) && now.limits[key] !== started.limits[key])
    .map(key => `limits.${key.replace(/Ms$/, '')}`)
  const others = (Object.keys(OF_THE_START) as (keyof typeof OF_THE_START)[]).filter(key => !isDeepStrictEqual(started[key], now[key]))
  return [...others.map(key => OF_THE_START[key]), ...limits]
}
