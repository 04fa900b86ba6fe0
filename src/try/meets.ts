/** Does what came out meet what a case expects? */

import type { Json } from '../model/json.js'
import { ANY_PSEUDONYM } from '../policy/cases.js'

const PSEUDONYM = /^[g-z]{20,}$/

/** Equal but for the order of keys; `{pseudonym}` stands for any pseudonym, as a value or as a key. */
export function meets (expected: Json, actual: Json | undefined): boolean {
  if (expected === ANY_PSEUDONYM) return typeof actual === 'string' && PSEUDONYM.test(actual)
  if (Array.isArray(expected)) return Array.isArray(actual) && expected.length === actual.length && expected.every((item, i) => meets(item, actual[i]))
  if (typeof expected === 'object' && expected !== null) return isObject(actual) && meetsObject(expected, actual)
  return expected === actual
}

export function isPseudonym (text: string): boolean {
  return PSEUDONYM.test(text)
}

function meetsObject (expected: { [key: string]: Json }, actual: { [key: string]: Json }): boolean {
  const wanted = Object.keys(expected)
  if (wanted.length !== Object.keys(actual).length) return false
  return wanted.every(key => {
    const found = key === ANY_PSEUDONYM ? Object.keys(actual).find(other => PSEUDONYM.test(other)) : key
    return found !== undefined && Object.hasOwn(actual, found) && meets(expected[key] ?? null, actual[found])
  })
}

function isObject (value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
