/** Which settings of `gateway.yaml` a running gateway does not follow. */

import { isDeepStrictEqual } from 'node:util'
import type { GatewaySettings, LimitSettings } from './gateway-settings.js'

/** All that are read when they are needed; the others are built into listeners and connections at the start. */
const FOLLOWED: ReadonlySet<keyof LimitSettings> = new Set([
  'maxReportBytes', 'maxOutboxEntries', 'maxOutboxBytes', 'maxDeadLetters', 'deadLetterRetentionMs', 'countRetentionMs'
])

/** Keys as they stand in the file. */
export function restartNeeded (started: GatewaySettings, now: GatewaySettings): string[] {
  const limits = (Object.keys(now.limits) as (keyof LimitSettings)[])
    .filter(key => !FOLLOWED.has(key) && now.limits[key] !== started.limits[key])
    .map(key => `limits.${key.replace(/Ms$/, '')}`)
  return [
    ...(started.dataFolder === now.dataFolder ? [] : ['data']),
    ...(isDeepStrictEqual(started.listeners, now.listeners) ? [] : ['listeners']),
    ...(isDeepStrictEqual(started.http, now.http) ? [] : ['http']),
    ...limits
  ]
}
