/** A transform as written → compiled, held against the types of the categories that it is for. */

import type { Transform, ValueType } from '../model/policy.js'
import { quote } from './quote.js'
import { readDuration } from './read-duration.js'
import type { Reporter } from './reporter.js'
import type { WrittenTransform } from './schema/transform.js'
import type { SourcePath } from './source.js'
import { parseDistance } from './units.js'

type Written = Exclude<WrittenTransform, string>
type Kind = keyof Written

/** Undefined, and a problem, where it makes no transform. */
export function compileTransform (written: WrittenTransform, path: SourcePath, reporter: Reporter): Transform | undefined {
  if (typeof written === 'string') return { kind: written }
  const kinds = Object.keys(written) as Kind[]
  const [kind, second] = kinds
  if (kind === undefined) return reporter.atValue(path, 'invalid-value', 'a transform must say what to do')
  if (second !== undefined) {
    return reporter.atKey([...path, second], 'invalid-value', `${quote(second)} beside ${quote(kind)}: a rule has one transform`, { key: second })
  }
  return compilers[kind](written, [...path, kind], reporter)
}

/** Types of which a transform takes one; it suppresses a value of any other. */
export function typesTaken (transform: Transform): readonly ValueType[] {
  switch (transform.kind) {
    case 'keep':
    case 'suppress': return ['text', 'number', 'boolean', 'time', 'coordinate']
    case 'round': return transform.ofTime ? ['time'] : ['number']
    case 'bucket': return ['number']
    case 'grid': return ['coordinate']
    case 'map': return ['text', 'number', 'boolean']
    case 'pseudonymize': return ['text', 'number']
    case 'part': return ['time']
  }
}

type Compiler = (written: Written, path: SourcePath, reporter: Reporter) => Transform | undefined

const compilers: Readonly<Record<Kind, Compiler>> = {
  round: ({ round }, path, reporter) => {
    if (typeof round === 'number') return { kind: 'round', step: round, ofTime: false }
    const step = readDuration(round, path, reporter)
    return step === undefined ? undefined : { kind: 'round', step, ofTime: true }
  },
  bucket: ({ bucket: edges = [] }, path, reporter) => {
    const misplaced = edges.findIndex((edge, index) => index > 0 && edge <= (edges[index - 1] ?? edge))
    if (misplaced !== -1) return reporter.atValue([...path, misplaced], 'invalid-value', 'the edges of a bucket must ascend')
    return { kind: 'bucket', edges }
  },
  grid: ({ grid = '' }, path, reporter) => {
    const sideKm = parseDistance(grid)
    if (sideKm === undefined) return reporter.atValue(path, 'invalid-value', `${quote(grid)} is not a whole number of meters between 1m and 20000km`)
    return { kind: 'grid', sideKm }
  },
  map: ({ map = {} }) => ({ kind: 'map', values: new Map(Object.entries(map)) }),
  pseudonymize: ({ pseudonymize }, path, reporter) => {
    const epochMs = readDuration(pseudonymize?.epoch, [...path, 'epoch'], reporter)
    return epochMs === undefined ? undefined : { kind: 'pseudonymize', epochMs }
  },
  part: ({ part = 'hour' }) => ({ kind: 'part', part })
}
