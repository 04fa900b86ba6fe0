/**
 * The order on fields: which values are read at all, how, and what becomes of them.
 *
 * A value that a field does not take is absent, so a field that takes more values tells more. Where both take a value, what
 * one tells of it must follow from what the other does.
 */

import type { AllowRule, Category, CompiledField, Transform, ValueType } from '../model/policy.js'
import type { Excess } from './difference.js'
import { transformAtMost } from './transform-order.js'
import { spellTransform } from './transform-spelling.js'

const DEGREES = { latitude: 90, longitude: 180 }

/** A field and the rule under which it leaves. */
export interface Leaving {
  readonly field: CompiledField
  readonly rule: AllowRule
}

/** What `more` tells of a value in the report beyond what `less` does. */
export function leavingExcess (more: Leaving, less: Leaving): Excess[] {
  const [field, known] = [more.field, less.field]
  const form = formExcess(more, less)
  return [...form, ...tailExcess(more, known), ...(form.length > 0 ? [] : transformExcess(more, less))].map(each => ({ ...each, path: field.path }))
}

function formExcess (more: Leaving, less: Leaving): Excess[] {
  const [field, known] = [more.field, less.field]
  const types = { aspect: 'type', more: spellTypes(field.category), less: spellTypes(known.category) }
  const form = { aspect: 'spelling', more: spellForm(field), less: spellForm(known), moreRule: field.rule, lessRule: known.rule }
  const isOther = form.more === form.less ? types : form
  if (!takesAtMost(field, known) || escapesSearch(more, known)) return [isOther]
  if (!isReadAlike(more, less)) return [isOther]
  return partsWhatWasOne(more, less) ? [types] : []
}

function transformExcess (more: Leaving, less: Leaving): Excess[] {
  const [told, known] = inUnitsOf(more, less)
  if (transformAtMost(told, known)) return []
  return [{
    aspect: 'transform',
    more: spellTransform(more.rule.transform),
    less: spellTransform(less.rule.transform),
    moreRule: more.rule.rule,
    lessRule: less.rule.rule
  }]
}

/** Text that a person wrote is searched for tails of a known address as well; only text that leaves as it is can hold one. */
function tailExcess ({ field: { category, rule: moreRule }, rule: { transform } }: Leaving, { category: known, rule: lessRule }: CompiledField): Excess[] {
  const isText = transform.kind === 'keep' && category.types.has('text')
  return isText && !category.freeText && known.freeText ? [{ aspect: 'no free text', moreRule, lessRule }] : []
}

/** Where a field that can hold text is searched as such, one that holds numbers only lets long runs of digits and letters through. */
function escapesSearch ({ field, rule: { transform } }: Leaving, known: CompiledField): boolean {
  const isShown = transform.kind !== 'map' && transform.kind !== 'pseudonymize' && transform.kind !== 'part'
  return isShown && isNumeric(field.category) && !isNumeric(known.category)
}

function isNumeric ({ types }: Category): boolean {
  return !types.has('text') && (types.has('number') || types.has('time') || types.has('coordinate'))
}

/** Every value that `more` takes, `less` takes too. */
function takesAtMost (more: CompiledField, less: CompiledField): boolean {
  if (less.encoding !== undefined && more.encoding !== less.encoding) return false
  if (more.encoding !== less.encoding) return less.category.types.has('text')
  return [...more.category.types].every(type => isTaken(type, more, less))
}

function isTaken (type: ValueType, more: CompiledField, less: CompiledField): boolean {
  const { types } = less.category
  switch (type) {
    case 'text':
    case 'boolean':
    case 'number': return types.has(type)
    case 'time': return types.has(isCounted(more) ? 'number' : 'text') || (types.has('time') && formatAtMost(more, less))
    case 'coordinate': return types.has('number') || (types.has('coordinate') && axisAtMost(more, less))
  }
}

function isCounted ({ format }: CompiledField): boolean {
  return format === 'epoch-seconds' || format === 'epoch-milliseconds'
}

function formatAtMost ({ format: more }: CompiledField, { format: less }: CompiledField): boolean {
  return more === less || (more === 'epoch-seconds' && less === 'epoch-milliseconds')
}

function axisAtMost (more: CompiledField, less: CompiledField): boolean {
  if (more.axis === undefined || less.axis === undefined) return false
  const limit = DEGREES[less.axis] / less.scale
  const fits = DEGREES[more.axis] / more.scale <= limit
  return fits && (more.unset === undefined || more.unset === less.unset || Math.abs(more.unset) <= limit)
}

/** The parts of the form that the two transforms go by are the same, or the whole value is known. */
function isReadAlike (more: Leaving, less: Leaving): boolean {
  const { field: known, rule: { transform } } = less
  if (transform.kind === 'keep' && known.encoding === undefined) return true
  if (more.field.encoding !== known.encoding) return false
  if (transform.kind === 'keep') return true
  if (isCount(transform) && isCount(more.rule.transform)) return more.field.scale === known.scale || transformAtMost(...inUnitsOf(more, less))
  const parts = [...new Set([...partsReadBy(more.rule.transform), ...partsReadBy(transform)])]
  return parts.every(part => more.field[part] === known[part])
}

const LISTED_TYPES: ReadonlySet<ValueType> = new Set(['text', 'boolean', 'number'])

/**
 * Of values that a map told as one, the field takes some no more: true is absent now, where it was told as the text `true` is.
 */
function partsWhatWasOne (more: Leaving, less: Leaving): boolean {
  const [told, known] = [more.rule.transform, less.rule.transform]
  const [taken, before] = [more.field.category.types, less.field.category.types]
  if (told.kind !== 'map' || known.kind !== 'map' || [...taken, ...before].some(type => !LISTED_TYPES.has(type))) return false
  const tells = new Map<string, string | undefined>()
  for (const key of known.values.keys()) {
    for (const value of spelledAlike(key)) {
      if (!isOfType(value, before)) continue
      const was = JSON.stringify(known.values.get(key))
      const is = isOfType(value, taken) ? JSON.stringify(told.values.get(key)) : undefined
      if (tells.has(was) && tells.get(was) !== is) return true
      tells.set(was, is)
    }
  }
  return false
}

/** The values that a map finds under one key. */
function spelledAlike (key: string): (string | number | boolean)[] {
  const flag = BOTH.get(key)
  return [key, ...(flag === undefined ? [] : [flag]), ...(String(Number(key)) === key && Number.isFinite(Number(key)) ? [Number(key)] : [])]
}

function isOfType (value: string | number | boolean, types: ReadonlySet<ValueType>): boolean {
  if (typeof value === 'string') return types.has('text') || (types.has('number') && /^-?\d/.test(value))
  return types.has(typeof value as ValueType)
}

type FormPart = 'format' | 'axis' | 'scale' | 'unset'

function partsReadBy (transform: Transform): readonly FormPart[] {
  switch (transform.kind) {
    case 'round': return transform.ofTime ? ['format'] : ['scale']
    case 'bucket': return ['scale']
    case 'part': return ['format']
    case 'grid': return ['axis', 'scale', 'unset']
    default: return []
  }
}

type Count = Extract<Transform, { kind: 'round' | 'bucket' }>

function isCount (transform: Transform): transform is Count {
  return transform.kind === 'bucket' || (transform.kind === 'round' && !transform.ofTime)
}

/** Both transforms in the units of the report, where their fields are scaled differently; and of what can only be true or false, every value. */
function inUnitsOf (more: Leaving, less: Leaving): [Transform, Transform] {
  const [told, known] = [spelledOut(more), spelledOut(less)]
  if (more.field.scale === less.field.scale || !isCount(told) || !isCount(known)) return [told, known]
  return [inRawUnits(told, more.field.scale), inRawUnits(known, less.field.scale)]
}

function inRawUnits (transform: Count, scale: number): Count {
  const raw = (value: number): number => Number((value / scale).toPrecision(12))
  return transform.kind === 'bucket' ? { ...transform, edges: transform.edges.map(raw) } : { ...transform, step: raw(transform.step) }
}

const BOTH = new Map([['true', true], ['false', false]])

function spelledOut ({ field: { category: { types } }, rule: { transform } }: Leaving): Transform {
  return transform.kind === 'keep' && types.size === 1 && types.has('boolean') ? { kind: 'map', values: BOTH } : transform
}

function spellTypes ({ types }: Category): string {
  return [...types].sort().join(' or ')
}

function spellForm ({ encoding, format, axis, scale, unset }: CompiledField): string {
  return [encoding, format, axis, `scale ${scale}`, unset === undefined ? undefined : `unset ${unset}`].filter(part => part !== undefined).join(', ')
}
