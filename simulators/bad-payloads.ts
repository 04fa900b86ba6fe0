/** Payloads that no gateway should take for a report, each made from a good one. */

import type { Random } from './random.js'

export const KIBIBYTE = 1024

export function notJson (random: Random): Buffer {
  return Buffer.from(random.pick(['hello?', '<xml version="1.0"/>', '{event: motion}', '', 'NaN']))
}

export function invalidUtf8 (good: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"alias":"'), Buffer.of(0xC3, 0x28, 0xFF), Buffer.from('","report":'), good, Buffer.from('}')])
}

export function cutOff (good: Buffer, random: Random): Buffer {
  return good.subarray(0, random.integer(1, good.length - 1))
}

/** Good JSON of that many bytes, full of a home's names. */
export function large (good: Buffer, bytes: number): Buffer {
  const head = Buffer.from('{"report":')
  const middle = Buffer.from(',"padding":"')
  const tail = Buffer.from('"}')
  const padding = Buffer.alloc(Math.max(0, bytes - head.length - good.length - middle.length - tail.length), 'padding ')
  return Buffer.concat([head, good, middle, padding, tail])
}

/** Good JSON, that many arrays deep. */
export function deep (levels: number): Buffer {
  return Buffer.from(`${'['.repeat(levels)}1${']'.repeat(levels)}`)
}

/** A second value under the same key, as parsers disagree on which one counts. */
export function duplicateKeys (good: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"event":"motion","event":"none",'), good.subarray(1)])
}
