/** Sources of a configuration → the compiled policy and all that belongs to it, or every problem there is. Pure. */

import type { CompiledPolicy, CompiledRecipient, CompiledReport } from '../model/policy.js'
import type { TestCase } from './cases.js'
import { checkShape, type CheckedFile } from './check-shape.js'
import { checkUnique } from './unique.js'
import { compileCases } from './compile-cases.js'
import { compileConsent } from './compile-consent.js'
import { compileApprovals, compileGateway } from './compile-gateway.js'
import { compileNotice } from './compile-notice.js'
import { compileRecipient } from './compile-recipient.js'
import { compileReport } from './compile-report.js'
import { digestSources } from './digest.js'
import { kindOf, singleFiles, type FileKind } from './file-kind.js'
import type { ApprovalSettings, GatewaySettings } from './gateway-settings.js'
import { nameDictionary } from './name-dictionary.js'
import { collectNames } from './names.js'
import type { CompiledNotice, Notice } from './notice.js'
import { parseSource } from './parse-source.js'
import { sortProblems, type Problem } from './problem.js'

export interface Configuration {
  readonly policy: CompiledPolicy
  readonly gateway: GatewaySettings
  /** The policy's own, whatever settings it runs under. */
  readonly approvals: ApprovalSettings
  /** Of this policy, whatever the settings in use say: a longer report discloses nothing. */
  readonly maxReportBytes: number
  readonly notice: Notice
  readonly cases: readonly TestCase[]
  /** Text by path relative to the configuration folder: enough to compile the same policy again. */
  readonly sources: ReadonlyMap<string, string>
}

export interface Refused {
  readonly problems: readonly Problem[]
}

/** Throws nothing: whatever is wrong with the sources is a problem, and all are told together. */
export function compileSources (sources: ReadonlyMap<string, string>, earlier: readonly Problem[] = []): Configuration | Refused {
  const problems = [...earlier]
  const compiled = new Compilation(sources, problems).compile()
  return compiled !== undefined && problems.length === 0 ? compiled : { problems: sortProblems(problems) }
}

class Compilation {
  private readonly sources: ReadonlyMap<string, string>
  private readonly problems: Problem[]
  private readonly files: CheckedFile[]

  constructor (sources: ReadonlyMap<string, string>, problems: Problem[]) {
    this.sources = sources
    this.problems = problems
    this.files = [...sources].flatMap(([file, text]) => this.check(file, text))
  }

  compile (): Configuration | undefined {
    const names = collectNames(this.files, [...this.sources.keys(), ...this.problems.map(problem => problem.file)])
    const notice = this.ofKind('notice').map(file => compileNotice(file, names))[0]
    const consent = this.ofKind('consent').map(file => compileConsent(file, names))[0]
    const gateway = this.ofKind('gateway').map(file => compileGateway(file))[0]
    const approvals = this.ofKind('gateway').map(file => compileApprovals(file))[0]
    const known = { names, categories: notice?.categories ?? new Map(), purposes: notice?.purposes ?? new Map(), recipientKinds: notice?.recipientKinds ?? new Map() }
    const reports = this.ofKind('report').map(file => compileReport(file, known))
    const context = { ...known, reports: byName(reports) }
    const recipients = this.ofKind('recipient').flatMap(file => compileRecipient(file, context) ?? [])
    const defaults = { names, region: consent?.defaultRegion ?? '', noticeVersion: notice?.current.version ?? '' }
    const cases = this.ofKind('cases').flatMap(file => compileCases(file, defaults))
    checkUnique(this.files)
    if (notice === undefined || consent === undefined || gateway === undefined || approvals === undefined) return this.demandSingleFiles()
    const policy = this.assemble(notice, { ...consent, reports, recipients })
    return policy && { policy, gateway, approvals, maxReportBytes: gateway.limits.maxReportBytes, notice, cases, sources: this.sources }
  }

  private assemble (notice: CompiledNotice, parts: Pick<CompiledPolicy, 'regimes' | 'transfers' | 'defaultRegion'> & { reports: readonly CompiledReport[], recipients: readonly CompiledRecipient[] }): CompiledPolicy | undefined {
    const { categories, purposes } = notice
    const [deviceCategory, timeCategory] = [categories.get('device.id'), categories.get('time.event')]
    if (deviceCategory === undefined || timeCategory === undefined) return undefined
    return {
      ...parts,
      digest: digestSources(this.sources),
      noticeVersion: notice.current.version,
      categories,
      purposes,
      reports: byName(parts.reports),
      reportsByTopic: new Map(parts.reports.map(report => [report.topicTail.join('/'), report])),
      deviceCategory,
      timeCategory,
      nameDictionary: nameDictionary(parts.reports)
    }
  }

  private check (file: string, text: string): CheckedFile[] {
    const kind = kindOf(file)
    if (kind === undefined) {
      this.problems.push({ file, line: 1, column: 1, code: 'unexpected-file', message: 'no part of the configuration' })
      return []
    }
    const parsed = parseSource(file, text, this.problems)
    return parsed === undefined ? [] : [checkShape(parsed, kind) as CheckedFile]
  }

  /** A file that was there and could not be read has its problem already. */
  private demandSingleFiles (): undefined {
    for (const file of singleFiles.keys()) {
      if (this.sources.has(file) || this.problems.some(problem => problem.file === file || problem.file === '.')) continue
      this.problems.push({ file, line: 1, column: 1, code: 'missing-file', message: 'the file is missing' })
    }
  }

  private ofKind<Kind extends FileKind> (kind: Kind): CheckedFile<Kind>[] {
    return this.files.filter(file => file.kind === kind) as unknown as CheckedFile<Kind>[]
  }
}

function byName (reports: readonly CompiledReport[]): Map<string, CompiledReport> {
  return new Map(reports.map(report => [report.name, report]))
}
