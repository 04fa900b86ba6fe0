/** `tests/*.yaml` as checked → compiled. */

import type { Json } from '../model/json.js'
import type { CaseAccount, CaseConsent, Expectation, TestCase } from './cases.js'
import type { CheckedFile } from './check-shape.js'
import type { Names } from './names.js'
import { quote } from './quote.js'
import type { Reporter } from './reporter.js'
import type { CasesFile } from './schema/cases.js'
import type { SourcePath } from './source.js'
import { isWithheldReason, withheldReasons } from './withheld-reasons.js'

type WrittenCase = CasesFile['cases'][number]
type WrittenConsent = NonNullable<WrittenCase['account']['consents']>[number]

/** What a case leaves out. */
export interface CaseDefaults {
  readonly names: Names
  readonly region: string
  readonly noticeVersion: string
}

const DEVICE = 'device-1'

export function compileCases ({ value, reporter }: CheckedFile<'cases'>, defaults: CaseDefaults): TestCase[] {
  return (value.cases ?? []).flatMap((written, index) => written === undefined ? [] : [compileCase(written, ['cases', index], defaults, reporter)])
}

function compileCase (written: WrittenCase, path: SourcePath, defaults: CaseDefaults, reporter: Reporter): TestCase {
  reporter.knows('report', written.report, defaults.names.reports, [...path, 'report'])
  return {
    name: written.name,
    account: compileAccount(written.account, [...path, 'account'], defaults, reporter),
    report: written.report,
    device: written.device ?? DEVICE,
    atMs: readInstant(written.at, [...path, 'at'], reporter),
    payload: written.payload as Json,
    expect: new Map(Object.entries(written.expect).map(([recipient, expected]) => {
      reporter.knows('recipient', recipient, defaults.names.recipients, [...path, 'expect', recipient], 'key')
      return [recipient, compileExpectation(expected, [...path, 'expect', recipient], reporter)]
    })),
    rule: reporter.source.placeOf([...path, 'name'])
  }
}

function compileAccount (account: WrittenCase['account'], path: SourcePath, defaults: CaseDefaults, reporter: Reporter): CaseAccount {
  reporter.knows('regime', account.regime, defaults.names.regimes, [...path, 'regime'])
  if (account.region !== undefined) reporter.knows('region', account.region, defaults.names.regions, [...path, 'region'])
  return {
    regime: account.regime,
    region: account.region ?? defaults.region,
    minor: account.minor ?? false,
    optOutSignal: account.optOutSignal ?? false,
    consents: (account.consents ?? []).map((consent, index) => compileConsent(consent, [...path, 'consents', index], defaults, reporter))
  }
}

function compileConsent (consent: WrittenConsent, path: SourcePath, { names, noticeVersion }: CaseDefaults, reporter: Reporter): CaseConsent {
  const { purpose, state, recipient, category, device, notice } = consent
  reporter.knows('purpose', purpose, names.purposes, [...path, 'purpose'])
  if (recipient !== undefined) reporter.knows('recipient', recipient, names.recipients, [...path, 'recipient'])
  if (category !== undefined) reporter.knows('category', category, names.categories, [...path, 'category'])
  const expires = readInstant(consent.expires, [...path, 'expires'], reporter)
  if (expires !== undefined && state !== 'granted') reporter.atKey([...path, 'expires'], 'invalid-value', 'only a grant can expire', { key: 'expires' })
  return {
    purpose,
    state,
    notice: notice ?? noticeVersion,
    ...(recipient !== undefined && { recipient }),
    ...(category !== undefined && { category }),
    ...(device !== undefined && { device }),
    ...(expires !== undefined && { expires })
  }
}

function compileExpectation (expected: WrittenCase['expect'][string], path: SourcePath, reporter: Reporter): Expectation {
  if ('withheld' in expected) {
    const { withheld } = expected
    if (isWithheldReason(withheld)) return { withheld }
    reporter.knows('reason', withheld, withheldReasons, [...path, 'withheld'])
    return { withheld: 'nothing-left' }
  }
  const { data, device, time } = expected.disclosed
  return { disclosed: { data: data as Json, ...(device !== undefined && { device }), ...(time !== undefined && { time }) } }
}

function readInstant (text: string | undefined, path: SourcePath, reporter: Reporter): number | undefined {
  if (text === undefined) return undefined
  const instantMs = Date.parse(text)
  if (Number.isFinite(instantMs)) return instantMs
  reporter.atValue(path, 'invalid-value', `${quote(text)} is no time of the calendar`)
  return undefined
}
