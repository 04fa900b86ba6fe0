/** The decoder of reports, beside what JSON.parse and TextDecoder say. */

import assert from 'node:assert/strict'
import { decode, MAX_DEPTH } from '../../../src/classify/decode.js'
import { byteMutators } from '../mutate-bytes.js'
import { mutateJson } from '../mutate-json.js'
import type { Target } from '../target.js'

const MAX_BYTES = 4096
const WORDS = ['{"', '":', '",', '{', '}', '[', ']', ',', ':', '"', '\\u0061', '\\u00', '\\ud83d', '\\"', '\\\\', 'true', 'null', '1e5', '\u00ef\u00bb\u00bf', '\u00ed\u00a0\u0080', '\u00c0\u0080', '"a":1,"a":2', '"__proto__":', '['.repeat(64), '{"a":'.repeat(64)]

export const decoder: Target = {
  name: 'decoder',
  sources: /\/src\/classify\/decode\./,
  mutators: [...byteMutators(WORDS), mutateJson, mutateJson],
  maxBytes: MAX_BYTES + 8,
  isLinear: true,
  open: async () => ({ attempt })
}

function attempt (input: Uint8Array): void {
  const decoded = decode(input, MAX_BYTES)
  const expected = judge(input)
  if (!decoded.ok) return assert(expected.flaws.includes(decoded.reason), `refused as ${decoded.reason}, expected ${expected.flaws.join() || 'none'}`)
  assert.equal(expected.flaws.join(), '', 'accepted')
  assert.deepEqual(decoded.json, expected.json)
}

/** All that is wrong with it. */
function judge (input: Uint8Array): { flaws: string[], json?: unknown } {
  if (input.length > MAX_BYTES) return { flaws: ['too-large'] }
  const text = Buffer.from(input).toString('utf8')
  if (!Buffer.from(text).equals(input)) return { flaws: ['invalid-utf8'] }
  try {
    const json: unknown = JSON.parse(text)
    return { flaws: structuralFlaws(text), json }
  } catch {
    return { flaws: ['not-json'] }
  }
}

function structuralFlaws (text: string): string[] {
  const flaws = new Set<string>()
  const open: (Set<string> | undefined)[] = []
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []
  for (const [i, token] of tokens.entries()) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined)
    if (token === '}' || token === ']') open.pop()
    if (open.length > MAX_DEPTH) flaws.add('too-deep')
    if (tokens[i + 1] !== ':') continue
    const [keys, key] = [open.at(-1), JSON.parse(token) as string]
    if (keys?.has(key) === true) flaws.add('duplicate-key')
    keys?.add(key)
  }
  return [...flaws]
}
