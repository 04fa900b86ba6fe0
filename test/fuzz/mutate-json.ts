/** Changes of a JSON text that keep it JSON, or nearly so: what reaches behind the parser. */

import type { Mutator } from './mutate-bytes.js'
import type { Random } from './random.js'
import type { Json } from '../../src/model/json.js'

const KEYS = ['', '__proto__', 'constructor', 'toString', 'length', '0', '-1', 'a.b', '*', 'event', 'alias', 'device_id', '\u0000', '\ud83d\ude00', '\u202e', 'ключ']
const VALUES: readonly Json[] = [null, true, false, 0, -0, 1e21, 0.1, 4294967296, Number.MAX_SAFE_INTEGER, '', ' ', 'null', '\u0000', '\ud800', '\ufeff', '{}', [], {}, [[]], { '': null }]

/** Writes over, takes away, wraps, moves and copies one part of the value; leaves anything that is no JSON as it is. */
export const mutateJson: Mutator = (input, other, random) => {
  const json = read(input)
  if (json === undefined) return input
  const parts = [...partsOf({ root: json.value }, 'root')]
  const { holder, key } = random.pick(parts)
  change(holder, key, read(other)?.value ?? null, random)
  const root = parts[0]?.holder as { root: Json }
  return Buffer.from(spell(root.root ?? null, random))
}

interface Part {
  readonly holder: Record<string, Json>
  readonly key: string
}

function * partsOf (holder: Record<string, Json>, key: string, depth = 0): Generator<Part> {
  yield { holder, key }
  const value = holder[key]
  if (typeof value !== 'object' || value === null || depth > 100) return
  for (const inner of Object.keys(value)) yield * partsOf(value as Record<string, Json>, inner, depth + 1)
}

function change (holder: Record<string, Json>, key: string, other: Json, random: Random): void {
  const value = holder[key] ?? null
  switch (random.below(8)) {
    case 0: holder[key] = random.pick(VALUES); break
    case 1: holder[key] = wrapped(value, random); break
    case 2: if (Array.isArray(holder)) holder.splice(Number(key), 1); else delete holder[key]; break
    case 3: define(holder, random.pick(KEYS), value); break
    case 4: holder[key] = structuredClone(other); break
    case 5: holder[key] = JSON.stringify(value); break
    case 6: holder[key] = Buffer.from(JSON.stringify(value)).toString('base64'); break
    case 7: holder[key] = Array.from({ length: random.below(20) }, () => structuredClone(value))
  }
}

function wrapped (value: Json, random: Random): Json {
  let around = value
  for (let i = random.chance(8) ? 64 : random.below(4); i >= 0; i--) around = random.chance(2) ? [around] : { [random.pick(KEYS)]: around }
  return around
}

/** `__proto__` as a key of its own. */
function define (holder: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(holder, key === 'length' && Array.isArray(holder) ? '0' : key, { value, enumerable: true, configurable: true, writable: true })
}

function read (input: Uint8Array): { value: Json } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(input).toString('utf8')) as Json }
  } catch {
    return undefined
  }
}

/** Sometimes with space, sometimes with letters escaped, sometimes with a key twice. */
function spell (json: Json, random: Random): string {
  const text = JSON.stringify(json, undefined, random.chance(4) ? random.pick([' ', '\t', '\r\n']) : undefined)
  if (random.chance(4)) return text.replace(/[a-z](?=[^"]*")/, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (random.chance(8)) return text.replace(/("[^"\\]*":)([^,{}[\]]+)/, '$1$2,$1$2')
  return text
}
