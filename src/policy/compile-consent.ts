/** `consent.yaml` as checked → compiled. */

import type { ConsentPolicy, Regime } from '../model/policy.js'
import type { CheckedFile } from './check-shape.js'
import type { Names } from './names.js'
import { readDuration } from './read-duration.js'
import type { Reporter } from './reporter.js'
import type { ConsentFile } from './schema/consent.js'

type WrittenRegime = ConsentFile['regimes'][string]

export function compileConsent ({ value, reporter }: CheckedFile<'consent'>, names: Names): ConsentPolicy {
  checkOptIn(value, reporter)
  checkDefaultRegion(value, reporter)
  for (const [name, regime] of Object.entries(value.regimes ?? {})) checkRegime(name, regime, names, reporter)
  const grantExpiryMs = compileExpiry(value, reporter)
  return {
    regimes: new Map(Object.entries(value.regimes ?? {}).map(([name, regime]) => [name, compileRegime(name, regime)])),
    transfers: new Map(Object.entries(value.transfers ?? {}).map(([region, to]) => [region, new Set(to)])),
    defaultRegion: value.defaultRegion ?? '',
    ...(grantExpiryMs !== undefined && { grantExpiryMs })
  }
}

function compileRegime (name: string, { otherwise, purposes, denyKinds }: WrittenRegime): Regime {
  return {
    name,
    defaults: new Map(Object.entries(purposes ?? {}).map(([purpose, answer]) => [purpose, answer === 'allow'])),
    otherwise: otherwise === 'allow',
    deniedKinds: new Set(denyKinds)
  }
}

function checkRegime (name: string, { purposes, denyKinds }: WrittenRegime, names: Names, reporter: Reporter): void {
  for (const purpose of Object.keys(purposes ?? {})) {
    reporter.knows('purpose', purpose, names.purposes, ['regimes', name, 'purposes', purpose], 'key')
  }
  for (const [index, kind] of (denyKinds ?? []).entries()) {
    reporter.knows('recipient kind', kind, names.recipientKinds, ['regimes', name, 'denyKinds', index])
  }
}

/** INVARIANT: an account under a regime that nobody knows gives nothing unasked; `opt-in` is what it is treated as. */
function checkOptIn ({ regimes }: Partial<ConsentFile>, reporter: Reporter): void {
  if (regimes === undefined) return
  const optIn = regimes['opt-in']
  if (!reporter.source.has(['regimes', 'opt-in'])) {
    reporter.atKey(['regimes'], 'unsafe', 'regime \'opt-in\' is missing: unknown regimes are treated as it', { key: 'opt-in' })
  } else if (optIn?.otherwise === 'allow') {
    reporter.atValue(['regimes', 'opt-in', 'otherwise'], 'unsafe', 'opt-in must deny: unknown regimes are treated as it')
  }
  for (const [purpose, answer] of Object.entries(optIn?.purposes ?? {})) {
    if (answer === 'allow') reporter.atValue(['regimes', 'opt-in', 'purposes', purpose], 'unsafe', 'opt-in must deny: unknown regimes are treated as it')
  }
}

function checkDefaultRegion ({ defaultRegion, transfers }: Partial<ConsentFile>, reporter: Reporter): void {
  if (defaultRegion === undefined || !reporter.source.has(['transfers'])) return
  reporter.knows('region', defaultRegion, new Set(Object.keys(transfers ?? { [defaultRegion]: [] })), ['defaultRegion'])
}

function compileExpiry ({ expiry }: Partial<ConsentFile>, reporter: Reporter): number | undefined {
  if (expiry === undefined || expiry.grants === 'never') return undefined
  return readDuration(expiry.grants, ['expiry', 'grants'], reporter)
}
