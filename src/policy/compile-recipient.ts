/** `recipients/*.yaml` as checked → compiled. */

import type { AllowRule, CompiledRecipient, CompiledReport, Purpose, RecipientKind } from '../model/policy.js'
import type { CheckedFile } from './check-shape.js'
import { compileAllow, type AllowContext } from './compile-allow.js'
import { compileSink } from './compile-sink.js'
import { quote } from './quote.js'
import { readDuration } from './read-duration.js'

export interface RecipientContext extends AllowContext {
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly recipientKinds: ReadonlyMap<string, RecipientKind>
  readonly reports: ReadonlyMap<string, CompiledReport>
}

/** Undefined where what it names is not there. */
export function compileRecipient (file: CheckedFile<'recipient'>, context: RecipientContext): CompiledRecipient | undefined {
  const { value, reporter } = file
  const { names } = context
  if (value.region !== undefined) reporter.knows('region', value.region, names.regions, ['region'])
  for (const [index, report] of (value.reports ?? []).entries()) {
    if (report !== undefined) reporter.knows('report', report, names.reports, ['reports', index])
  }
  checkTwice(file)
  const kind = lookUp(file, 'kind', 'recipient kind', names.recipientKinds, context.recipientKinds)
  const purpose = lookUp(file, 'purpose', 'purpose', names.purposes, context.purposes)
  const { rules, byCategory } = compileAllow(value.allow, context, reporter)
  if (kind !== undefined) checkAccess(file, kind)
  const releaseMs = readDuration(value.release, ['release'], reporter)
  const sink = value.sink === undefined ? undefined : compileSink(value.sink, reporter)
  if (kind === undefined || purpose === undefined || value.region === undefined || sink === undefined) return undefined
  return {
    name: value.recipient ?? '',
    enabled: value.enabled ?? true,
    kind,
    purpose,
    region: value.region,
    reports: new Set(value.reports),
    excludeOrigins: new Set(value.excludeOrigins),
    allow: rules,
    plans: compilePlans(value.reports ?? [], byCategory, context.reports),
    deviceRule: byCategory.get('device.id'),
    timeRule: byCategory.get('time.event'),
    releaseMs,
    sink,
    rule: reporter.source.placeOf(['recipient'])
  }
}

function compilePlans (names: readonly string[], rules: ReadonlyMap<string, AllowRule>, reports: ReadonlyMap<string, CompiledReport>): Map<string, (AllowRule | undefined)[]> {
  return new Map(names.flatMap(name => {
    const report = reports.get(name)
    return report === undefined ? [] : [[name, report.fields.map(({ category }) => rules.get(category.name))]]
  }))
}

function lookUp<Item> ({ value, reporter }: CheckedFile<'recipient'>, key: 'kind' | 'purpose', noun: string, known: ReadonlySet<string> | undefined, items: ReadonlyMap<string, Item>): Item | undefined {
  const name = value[key]
  return name !== undefined && reporter.knows(noun, name, known, [key]) ? items.get(name) : undefined
}

/** A kind that may not have single reports is written down switched off. */
function checkAccess ({ value, reporter }: CheckedFile<'recipient'>, { name, access }: RecipientKind): void {
  if (value.enabled === false || (access !== 'aggregate' && access !== 'closed')) return
  const why = access === 'aggregate' ? 'may have aggregates only' : 'is closed'
  const message = `recipient kind ${quote(name)} ${why}: the recipient must say enabled: false`
  if (value.enabled === undefined) reporter.atValue(['kind'], 'kind-closed', message, { key: name })
  else reporter.atValue(['enabled'], 'kind-closed', message, { key: name })
}

function checkTwice ({ value, reporter }: CheckedFile<'recipient'>): void {
  for (const key of ['reports', 'excludeOrigins'] as const) {
    for (const [index, name] of (value[key] ?? []).entries()) {
      if (value[key]?.indexOf(name as never) !== index) reporter.atValue([key, index], 'duplicate-name', `${quote(name)} is listed twice`)
    }
  }
}
