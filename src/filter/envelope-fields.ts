/** `device` and `time` of the envelope, each under the rule of its category. */

import { pseudonymOf } from '../minimize/pseudonym.js'
import { generalizeTime, transformValue } from '../minimize/transform.js'
import type { CompiledPolicy } from '../model/policy.js'
import type { JudgeParts } from './judge-parts.js'
import type { RecipientPlan } from './recipient-plan.js'
import type { PseudonymScope } from './pseudonym-scope.js'

const MOST_DEVICES = 4096

/** Its JSON; undefined where it does not leave, `unsure` where the reference has to tell. */
export function deviceBytes (device: string, { device: decision, recipient }: RecipientPlan, policy: CompiledPolicy, parts: JudgeParts): Uint8Array | undefined | 'unsure' {
  if (decision.effect === 'suppress') return undefined
  const { transform } = decision.allow
  const { name } = policy.deviceCategory
  if (transform.kind === 'keep') return Buffer.from(JSON.stringify(device))
  if (transform.kind !== 'pseudonymize') return 'unsure'
  const scope: PseudonymScope = parts.scopeOf(name, transform.epochMs)
  const known = scope.devices.get(device)
  if (known !== undefined) return known
  const made = Buffer.from(`"${pseudonymOf(device, { recipient: recipient.name, category: name, epochMs: transform.epochMs, nowMs: parts.nowMs }, parts.keys)}"`)
  if (scope.devices.size >= MOST_DEVICES) scope.devices.clear()
  scope.devices.set(device, made)
  return made
}

export function timeBytes (receivedMs: number, { time: decision, lastTime }: RecipientPlan, policy: CompiledPolicy, parts: JudgeParts): Uint8Array | undefined | 'unsure' {
  if (decision.effect === 'suppress') return undefined
  const { transform } = decision.allow
  if (transform.kind === 'pseudonymize' || !Number.isInteger(receivedMs)) return 'unsure'
  const of = transform.kind === 'round' && transform.ofTime ? generalizeTime(receivedMs, transform.step) : receivedMs
  if (lastTime.of === of) return lastTime.bytes
  const form = { category: policy.timeCategory, scale: 1, format: 'iso' } as const
  const transformed = transformValue(new Date(receivedMs).toISOString(), transform, form, parts)
  const value = 'value' in transformed ? transformed.value : null
  lastTime.bytes = value === null || (typeof value === 'number' && !Number.isFinite(value)) ? undefined : Buffer.from(JSON.stringify(value))
  lastTime.of = of
  return lastTime.bytes
}
