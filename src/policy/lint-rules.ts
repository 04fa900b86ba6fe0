/** What a configuration that can be used is looked at for: one function for each code. Pure. */

import type { AllowRule, CompiledPolicy, CompiledRecipient, CompiledReport } from '../model/policy.js'
import { fileOf } from './cause.js'
import type { Configuration } from './compile.js'
import { reportLeaves } from './excess-fields.js'
import type { Finding } from './lint-finding.js'
import { quote } from './quote.js'
import { isOpen, isReachable, situations } from './situation.js'
import { spellDuration } from './units.js'

const NOTICE = 'notice.yaml'

export function findings (configuration: Pick<Configuration, 'policy' | 'notice'>): Finding[] {
  const { policy, notice } = configuration
  return [
    ...policy.recipients.flatMap(recipient => [
      ...unusedRules(recipient),
      ...closedReports(recipient, policy),
      ...unreached(recipient, policy),
      ...longEpochs(recipient, notice.longestEpochMs),
      ...keptText(recipient, policy)
    ]),
    ...unusedReports(policy),
    ...unusedCategories(policy)
  ]
}

/** The envelope's device and time count as fields. */
function unusedRules (recipient: CompiledRecipient): Finding[] {
  const used = new Set<AllowRule | undefined>([...recipient.plans.values()].flat())
  used.add(recipient.deviceRule).add(recipient.timeRule)
  return recipient.allow.filter(rule => !used.has(rule)).map(({ pattern }) =>
    ofRule('rule-unused', recipient, pattern, `${quote(pattern)} covers no field of the reports that ${quote(recipient.name)} gets`))
}

function closedReports (recipient: CompiledRecipient, policy: CompiledPolicy): Finding[] {
  return [...recipient.reports].flatMap((name, i): Finding[] => {
    const report = policy.reports.get(name)
    if (report === undefined || reportLeaves(report, { recipient, policy })) return []
    const why = recipient.excludeOrigins.has(report.origin) ? `its origin ${quote(report.origin)} is excluded` : 'no field of it is allowed'
    return [{ code: 'report-closed', file: fileOf(recipient.rule), path: ['reports', i], key: name, message: `${quote(recipient.name)} gets nothing of ${quote(name)}: ${why}` }]
  })
}

/** One that is switched off is meant to be out of reach. */
function unreached (recipient: CompiledRecipient, policy: CompiledPolicy): Finding[] {
  if (!recipient.enabled || [...situations({ recipient, policy })].some(situation => isOpen({ recipient, policy }, situation))) return []
  const isFar = ![...policy.transfers.keys()].some(from => isReachable(recipient, policy, from))
  const why = isFar ? `no transfer leads to region ${quote(recipient.region)}` : `nothing that is said to purpose ${quote(recipient.purpose.name)} counts`
  return [{ code: 'recipient-unreached', file: fileOf(recipient.rule), path: [isFar ? 'region' : 'purpose'], key: recipient.name, message: `no account reaches ${quote(recipient.name)}: ${why}` }]
}

function longEpochs (recipient: CompiledRecipient, longestMs: number | undefined): Finding[] {
  if (longestMs === undefined) return []
  return recipient.allow.flatMap(({ pattern, transform }) => transform.kind !== 'pseudonymize' || transform.epochMs <= longestMs
    ? []
    : [ofRule('epoch-too-long', recipient, pattern, `pseudonyms of ${quote(pattern)} last ${spellDuration(transform.epochMs)}, the notice says ${spellDuration(longestMs)} at most`)])
}

function keptText (recipient: CompiledRecipient, policy: CompiledPolicy): Finding[] {
  const kept = recipient.allow.filter(({ transform }) => transform.kind === 'keep')
  return kept.flatMap(({ pattern }) => {
    const written = [...policy.categories.values()].filter(({ name, freeText }) => freeText && (pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))))
    return written.map(({ name }) => ({ ...ofRule('text-kept', recipient, pattern, `${quote(name)} is text that a person wrote, and leaves as it is`), key: name }))
  })
}

function unusedReports (policy: CompiledPolicy): Finding[] {
  const leaves = (report: CompiledReport): boolean => policy.recipients.some(recipient => reportLeaves(report, { recipient, policy }))
  return [...policy.reports.values()].filter(report => !leaves(report)).map(({ name, rule }): Finding =>
    ({ code: 'report-unused', file: fileOf(rule), path: ['report'], key: name, message: `nothing of ${quote(name)} leaves for any recipient` }))
}

function unusedCategories ({ categories, reports }: CompiledPolicy): Finding[] {
  const used = new Set([...reports.values()].flatMap(({ fields }) => fields.map(({ category }) => category.name)))
  return [...categories.keys()].filter(name => !used.has(name)).map((name): Finding =>
    ({ code: 'category-unused', file: NOTICE, path: ['categories', name], key: name, message: `no report has a field of category ${quote(name)}` }))
}

function ofRule (code: Finding['code'], { rule }: CompiledRecipient, pattern: string, message: string): Finding {
  return { code, file: fileOf(rule), path: ['allow', pattern], key: pattern, message }
}
