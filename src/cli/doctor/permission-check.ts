/** Who else may read or write what belongs to the gateway alone. */

import { accessSync, constants, lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { CompiledPolicy } from '../../model/policy.js'
import type { Examination } from './examination.js'
import { systemCode, type Findings } from './finding.js'

const OTHERS = 0o077
const OTHERS_WRITE = 0o022
/** What the data folder holds that is private; each is made with such a mode. */
const PRIVATE = ['secret', 'ops.token', 'replay.ndjson', 'store', 'store/data.mdb', 'store/lock.mdb', 'outbox', 'outbox/journal-0', 'outbox/journal-1'] as const
/** Without these the gateway refuses to start. */
const REFUSED: ReadonlySet<string> = new Set(['secret'])

export async function checkDataFolder ({ data }: Examination, findings: Findings): Promise<void> {
  const folder = statOf(data)
  if (folder === undefined) return findings.ok(`${data} is not there yet: the first start makes it, mode 700`)
  if (!folder.isDirectory()) return findings.problem(`${data} is no folder`, 'name another one with --data, or move it away')
  checkMode(data, folder, folder, false, findings)
  for (const name of PRIVATE) {
    const stat = statOf(join(data, name))
    if (stat !== undefined) checkMode(join(data, name), stat, folder, REFUSED.has(name), findings)
  }
  checkUsable(data, folder, findings)
  if (findings.found.length === 0) findings.ok(`${data} and what is private in it belong to one user, and nobody else may read them`)
}

/** Whoever can write the configuration decides what leaves. */
export async function checkConfigFolder ({ config }: Examination, findings: Findings): Promise<void> {
  for (const name of ['.', 'gateway.yaml', 'consent.yaml', 'notice.yaml', 'recipients', 'reports']) {
    const path = join(config, name)
    const stat = statOf(path)
    if (stat !== undefined && (stat.mode & OTHERS_WRITE) !== 0) findings.warning(`${path} can be written by others (mode ${modeOf(stat)}), and so what leaves can be changed by them`, `chmod go-w ${path}`)
  }
  if (findings.found.length === 0) findings.ok(`${config} can be written by its owner alone`)
}

/** Files that sinks read their credentials from. */
export async function checkCredentialFiles ({ configuration }: Examination, findings: Findings): Promise<void> {
  if (configuration === undefined) return
  const files = credentialFiles(configuration.policy)
  for (const [recipient, path] of files) {
    const stat = statOf(path)
    if (stat === undefined) findings.problem(`${path}, a credential of ${recipient}, is not there`, 'put it in place; disclosures wait until then')
    else if ((stat.mode & OTHERS) !== 0) findings.problem(`${path}, a credential of ${recipient}, can be read by others (mode ${modeOf(stat)}), and is not used`, `chmod 600 ${path}`)
    else if (!isReadable(path)) findings.problem(`${path}, a credential of ${recipient}, cannot be read from here`, 'give it to the user of the gateway')
  }
  if (files.length > 0 && findings.found.length === 0) findings.ok(`${files.length} credentials of sinks can be read by their owner alone`)
}

function credentialFiles ({ recipients }: CompiledPolicy): [string, string][] {
  return recipients.filter(({ enabled }) => enabled).flatMap(({ name, sink }) => {
    const files = sink as { secretFile?: string, tokenFile?: string, passwordFile?: string }
    return [files.secretFile, files.tokenFile, files.passwordFile].flatMap(file => file === undefined ? [] : [[name, file] as [string, string]])
  })
}

function checkMode (path: string, stat: Stats, folder: Stats, isRefused: boolean, findings: Findings): void {
  const remedy = `chmod ${stat.isDirectory() ? 700 : 600} ${path}`
  if ((stat.mode & OTHERS) !== 0) {
    const text = `${path} can be used by others (mode ${modeOf(stat)})`
    if (isRefused) findings.problem(`${text}: the gateway does not start`, remedy)
    else findings.warning(text, remedy)
  }
  if (stat.isSymbolicLink()) findings.warning(`${path} is a symbolic link`, 'put the data itself there: a link can be moved under a running gateway')
  else if (stat.uid !== folder.uid) findings.warning(`${path} belongs to another user than the data folder`, `give it to the owner of the folder: chown ${path}`)
}

function checkUsable (data: string, { uid }: Stats, findings: Findings): void {
  const own = process.getuid?.()
  try {
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK)
    if (own === 0 && uid !== 0) findings.ok(`${data} belongs to another user: start the gateway as that one, not as root`)
  } catch (error) {
    findings.problem(`${data} cannot be written by this user (${systemCode(error)})`, 'run the gateway, and its commands, as the owner of the folder')
  }
}

function statOf (path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error))) return undefined
    throw error
  }
}

function isReadable (path: string): boolean {
  try { accessSync(path, constants.R_OK); return true } catch { return false }
}

function modeOf ({ mode }: Stats): string {
  return (mode & 0o777).toString(8)
}
