/** `curtilage policy`: which policy is in force, and the approval of a wider one. */

import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { Approval, ListedPolicy } from '../policy/in-force.js'
import type { Comparison } from '../policy/order.js'
import { path, withApi, type ApiClient } from './api-client.js'
import { changesText } from './changes-text.js'
import { examples, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { print, printJson, width } from './terminal.js'

const SHOWN_LETTERS = 12
const FEWEST_LETTERS = 8

interface Policies {
  readonly active: string
  readonly notice: string
  readonly waiting?: { readonly digest: string, readonly approval?: Approval } & Comparison
  readonly policies: readonly ListedPolicy[]
}

export function addPolicyCommands (program: Command): void {
  const group = program.command('policy').description('which policy is in force, and which waits for approval')

  examples(withData(group.command('list').description('every policy that was seen, oldest first, and what a waiting one would change')), [
    'curtilage policy list',
    'curtilage policy list --json'
  ]).action(async (options: DataOptions) => {
    const policies = await withApi(options, { create: false }, async api => await api.call<Policies>('GET', '/v1/policies'))
    if (options.json) printJson(policies)
    else print(policiesText(policies))
  })

  examples(withData(group.command('approve <digest>').description('let a wider policy take force at the next start')
    .requiredOption('--reason <text>', 'why; auditors see it')
    .option('--by <name>', 'who approves (default: the user of this machine)')), [
    'curtilage policy approve gkzzhmuqrstu --reason "notice 1.4 was published, all accounts were told"'
  ]).action(async (digest: string, options: DataOptions & { reason: string, by?: string }) => {
    const body = { reason: options.reason, by: options.by ?? userName() }
    const { running, answer } = await withApi(options, { create: false }, async api => {
      const whole = await wholeDigest(api, digest)
      return { running: api.running, answer: await api.call<object>('POST', path`/v1/policies/${whole}/approve`, body) }
    })
    if (options.json) return printJson(answer)
    print(`approved by ${body.by}: it takes force ${running ? 'when the gateway is started again' : 'at the next start'}`)
  })
}

/** The list shows the first letters; they are enough where no two policies share them. */
async function wholeDigest (api: ApiClient, written: string): Promise<string> {
  const { policies } = await api.call<Policies>('GET', '/v1/policies')
  const meant = policies.filter(({ digest }) => digest.startsWith(written))
  return written.length >= FEWEST_LETTERS && meant.length === 1 ? meant[0]?.digest ?? written : written
}

function policiesText ({ policies, waiting }: Policies): string {
  const rows = policies.map(({ digest, storedMs, active, approval }) => [
    active ? 'in force' : digest === waiting?.digest ? 'waits' : '',
    digest.slice(0, SHOWN_LETTERS),
    new Date(storedMs).toISOString(),
    approval === undefined ? '' : `approved by ${approval.by} on ${new Date(approval.atMs).toISOString()}: ${approval.reason}${approval.usedMs === undefined ? ', for the next start' : ''}`
  ])
  const listed = rows.length === 0 ? 'no policy was in force yet: no gateway has started on this data folder' : table([['', 'POLICY', 'SEEN', ''], ...rows], width())
  if (waiting === undefined) return listed
  return [listed, '', `the policy of the folder (${waiting.digest}) is ${waiting.verdict} than the one in force:`, changesText(waiting.changes)].join('\n')
}

function userName (): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
