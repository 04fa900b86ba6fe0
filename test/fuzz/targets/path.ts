/** The whole path of a report under rules that keep all they may: no bytes make it throw, no planted address leaves. */

import assert from 'node:assert/strict'
import { takeReport, type Taken } from '../../../src/pipeline.js'
import { contextOf, grantedAll, intakeOf } from '../../fixtures/path.js'
import { configurationOf } from '../../fixtures/policy.js'
import { byteMutators } from '../mutate-bytes.js'
import { mutateJson } from '../mutate-json.js'
import type { Mutator } from '../mutate-bytes.js'
import type { Json } from '../../../src/model/json.js'
import type { Target } from '../target.js'
import { HEAD_BYTES, plantedIn } from './planted.js'

const WORDS = ['"event":', '"alias":', '"nickname":', '"sw_ver":', '"size":', '"when":', '"timestamp":', '"ap_list":[{"bssid":', '"ip":', '"children":{', '"any":{', '"readings":[', '"latitude_i":', '"longitude_i":', '"a.b":{"c":', '50C7BF0D918C', '192.168.1.5', '1735996775', '"12B"']

const { policy } = configurationOf()
const context = contextOf(policy, grantedAll(policy))

export const path: Target = {
  name: 'path',
  sources: /\/src\/(pipeline|classify\/|decide\/|minimize\/|guard\/(?!.*(ipv|mac|escapes|fold)))/,
  mutators: [...byteMutators(WORDS), inRest(mutateJson), inRest(mutateJson)],
  maxBytes: 2048,
  open: async () => ({ attempt })
}

function attempt (input: Uint8Array): void {
  takeReport(intakeOf('motion', input), context)
  const divided = plantedIn(input)
  if (divided === undefined) return
  const { planted, rest } = divided
  takeReport(intakeOf('motion', rest), context)
  const json = read(rest)
  if (json === undefined) return
  const planting = plant(json.value, planted.text, planted.place)
  for (const bytes of disclosedIn(takeReport(intakeOf('motion', JSON.stringify(planting)), context))) {
    for (const form of [planted.text, JSON.stringify(planted.text).slice(1, -1), Buffer.from(planted.text).toString('base64').slice(1, -4)]) {
      assert(!bytes.includes(form), `${planted.spelling}, ${planted.encoding}: left`)
    }
  }
}

function disclosedIn (taken: Taken): string[] {
  if (taken.outcome === 'quarantined') return []
  return taken.judgements.flatMap(judgement => judgement.effect === 'disclosed' ? [Buffer.from(judgement.disclosure.bytes).toString('utf8')] : [])
}

/** Writes the text in place of, or amid, one of the texts of the value, keys included. */
function plant (json: Json, text: string, place: number): Json {
  const count = countTexts(json)
  let left = Math.floor(place * count)
  const write = (old: string): string => left-- === 0 ? (old.length % 2 === 0 ? text : `${old} ${text}`) : old
  const walk = (value: Json): Json => {
    if (typeof value === 'string') return write(value)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [write(key), walk(inner)]))
  }
  return walk(json)
}

function countTexts (json: Json): number {
  if (typeof json === 'string') return 1
  if (typeof json !== 'object' || json === null) return 0
  const keys = Array.isArray(json) ? 0 : Object.keys(json).length
  return Object.values(json).reduce<number>((sum, inner) => sum + countTexts(inner), keys)
}

function read (bytes: Uint8Array): { value: Json } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(bytes).toString('utf8')) as Json }
  } catch {
    return undefined
  }
}

function inRest (mutate: Mutator): Mutator {
  return (input, other, random) => Buffer.concat([input.subarray(0, HEAD_BYTES), mutate(input.subarray(HEAD_BYTES), other.subarray(HEAD_BYTES), random)])
}
