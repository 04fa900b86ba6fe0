/**
 * The one-pass filter beside the reference: whatever the bytes, it judges as the reference does, or leaves the report to it;
 * it never throws.
 *
 * `report consent-known-surroundings \n payload`: the first line names the type and picks the rest by its signs.
 */

import assert from 'node:assert/strict'
import { loadConfiguration } from '../../../src/policy/load.js'
import { bothWays } from '../../filter/both-ways.js'
import { WORDS } from '../../filter/strange-reports.js'
import { consentOf, contextOf, grantedAll, intakeOf } from '../../fixtures/path.js'
import { configurationOf } from '../../fixtures/policy.js'
import { byteMutators, type Mutator } from '../mutate-bytes.js'
import { mutateJson } from '../mutate-json.js'
import type { Opened, Target } from '../target.js'
import type { FilterContext } from '../../../src/filter/filter.js'
import type { AccountConsent } from '../../../src/model/consent.js'
import type { CompiledPolicy } from '../../../src/model/policy.js'
import type { PathContext } from '../../../src/pipeline.js'

const END_OF_HEAD = 0x0a
/** The small configuration of the tests, beside the shipped types by their names. */
const SMALL = 'small/motion'

/** A registry that knows some: which, follows from the spelling. */
const SOME = { hasMac: (hex: string) => sumOf(hex) % 7 === 0, hasIp: (ip: string) => sumOf(ip) % 5 === 0, hasTail: (hex: string) => sumOf(hex) % 11 === 0 }
const SURROUNDINGS = [[], ['127.0.0.1', 'D', 'D', 'motion'], ['192.168.1.5', '50:C7:BF:0D:91:8C', 'D', 'motion']]

interface Kind {
  readonly policy: CompiledPolicy
  readonly topicTail: string
  /** Kept: the filter remembers decisions by them. */
  readonly consents: readonly (AccountConsent | undefined)[]
}

export const filter: Target = {
  name: 'filter',
  sources: /\/src\/(filter\/|classify\/|guard\/(byte-|text-memory|views|release|second))/,
  mutators: [...byteMutators(WORDS), inPayload(mutateJson), inPayload(mutateJson), inPayload(mutateJson)],
  maxBytes: 4096,
  open: openFilter
}

async function openFilter (): Promise<Opened> {
  const loaded = await loadConfiguration('config')
  if ('problems' in loaded) throw new Error('the shipped configuration does not load')
  const kinds = new Map([[SMALL, kindOf(configurationOf().policy, 'motion')]])
  for (const [topicTail, { name }] of loaded.policy.reportsByTopic) kinds.set(name, kindOf(loaded.policy, topicTail))
  return { attempt: input => attempt(input, kinds) }
}

function attempt (input: Uint8Array, kinds: ReadonlyMap<string, Kind>): void {
  const { head, payload } = divided(input)
  const [name = '', signs = ''] = Buffer.from(head).toString('latin1').split(' ')
  const [consent = 0, known = 0, surroundings = 0] = Buffer.from(signs, 'latin1')
  const { policy, topicTail, consents } = kinds.get(name) ?? [...kinds.values()][sumOf(name) % kinds.size]!
  const context: PathContext & FilterContext = {
    ...contextOf(policy, consents[consent % consents.length]),
    newId: recipient => recipient.replace(/[^g-z]/g, 'g').padEnd(38, 'k'),
    ...known % 2 === 1 && { fingerprints: SOME }
  }
  const { reference, filtered, byRow } = bothWays(intakeOf(topicTail, payload, SURROUNDINGS[surroundings % SURROUNDINGS.length]), context)
  if (filtered !== undefined) assert.deepEqual(filtered, reference, 'judged otherwise than by the reference')
  if (byRow !== undefined) assert.deepEqual(byRow, reference, 'judged otherwise by the row of all consents')
}

function kindOf (policy: CompiledPolicy, topicTail: string): Kind {
  return { policy, topicTail, consents: [grantedAll(policy), consentOf({ regime: 'opt-out' }), grantedAll(policy, { region: 'eu' }), grantedAll(policy, { minor: true }), undefined] }
}

/** Without a first line it is all payload. */
function divided (input: Uint8Array): { head: Uint8Array, payload: Uint8Array } {
  const end = input.indexOf(END_OF_HEAD)
  return { head: input.subarray(0, Math.max(0, end)), payload: input.subarray(end + 1) }
}

function inPayload (mutate: Mutator): Mutator {
  return (input, other, random) => {
    const { payload } = divided(input)
    return Buffer.concat([input.subarray(0, input.length - payload.length), mutate(payload, divided(other).payload, random)])
  }
}

function sumOf (text: string): number {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i)
  return sum
}
