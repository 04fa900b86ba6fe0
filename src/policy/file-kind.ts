/** Which file of the configuration folder is what. */

import type { ZodType } from 'zod'
import { casesFile, type CasesFile } from './schema/cases.js'
import { consentFile, type ConsentFile } from './schema/consent.js'
import { gatewayFile, type GatewayFile } from './schema/gateway.js'
import { noticeFile, type NoticeFile } from './schema/notice.js'
import { recipientFile, type RecipientFile } from './schema/recipient.js'
import { reportFile, type ReportFile } from './schema/report.js'

export interface FileOfKind {
  gateway: GatewayFile
  notice: NoticeFile
  consent: ConsentFile
  report: ReportFile
  recipient: RecipientFile
  cases: CasesFile
}

export type FileKind = keyof FileOfKind

export const schemas: Readonly<Record<FileKind, ZodType>> = {
  gateway: gatewayFile,
  notice: noticeFile,
  consent: consentFile,
  report: reportFile,
  recipient: recipientFile,
  cases: casesFile
}

/** Files that must be there. */
export const singleFiles: ReadonlyMap<string, FileKind> = new Map([
  ['gateway.yaml', 'gateway'], ['notice.yaml', 'notice'], ['consent.yaml', 'consent']
])

/** Folders of files of one kind each. */
export const kindFolders: ReadonlyMap<string, FileKind> = new Map([
  ['reports', 'report'], ['recipients', 'recipient'], ['tests', 'cases']
])

/** Folders that need not be there. */
export const optionalFolders: ReadonlySet<string> = new Set(['tests', 'schema'])

/** Kind of a file by its path relative to the configuration folder; undefined where the configuration has no place for it. */
export function kindOf (file: string): FileKind | undefined {
  const single = singleFiles.get(file)
  if (single !== undefined) return single
  const [folder = '', name = '', ...deeper] = file.split('/')
  return deeper.length === 0 && /^[^.].*\.yaml$/s.test(name) ? kindFolders.get(folder) : undefined
}

/** Hidden files, read-me files and what editors leave behind. */
export function isIgnored (name: string): boolean {
  return /^(\.|#|README(\.|$))/i.test(name) || /(~|\.bak|\.orig|\.swp|\.tmp)$/i.test(name)
}
