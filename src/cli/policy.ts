/** `curtilage policy`: which policy is in force, what waits, and the ways from one to another. */

import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { path, withApi, withQuery, type ApiClient } from './api-client.js'
import { UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { answerText, historyText, policiesText, type ShownAnswer, type ShownList, type ShownPolicy } from './policy-text.js'
import { print, printJson } from './terminal.js'

const FEWEST_LETTERS = 8
const PAGE = 1000

interface Asking {
  readonly reason: string
  readonly by?: string
}

export function addPolicyCommands (program: Command): void {
  const group = program.command('policy').description('which policy is in force, which waits for approval, and how each came to be')

  examples(withData(group.command('list').description('every policy that was in force and the last that were seen, the latest first; what a waiting one would change')), [
    'curtilage policy list',
    'curtilage policy list --json'
  ]).action(async (options: DataOptions) => {
    const policies = await withApi(options, { create: false }, listPolicies)
    if (options.json) printJson(policies)
    else print(policiesText(policies))
  })

  examples(withData(group.command('show <digest>').description('one policy: when it was in force, by whom and what that changed; its files as they were written')
    .option('--file <path>', 'only this file, as it was written')), [
    'curtilage policy show gkzzhmuqrstu',
    'curtilage policy show gkzzhmuqrstu --file recipients/product-analytics.yaml'
  ]).action(async (digest: string, options: DataOptions & { file?: string }) => {
    const policy = await withApi(options, { create: false }, async api => await api.call<ShownPolicy>('GET', path`/v1/policies/${await wholeDigest(api, digest)}`))
    if (options.file !== undefined) return printFile(policy, options.file)
    if (options.json) printJson(policy)
    else print(historyText(policy))
  })

  examples(withReason(withData(group.command('approve <digest>').description('approve the policy that waits; with the last approval that is needed it takes force at once'))), [
    'curtilage policy approve gkzzhmuqrstu --reason "notice 1.4 was published, all accounts were told"',
    'CURTILAGE_TOKEN=… curtilage policy approve gkzzhmuqrstu --reason "seen" --by "second pair of eyes"'
  ]).action(async (digest: string, options: DataOptions & Asking) => {
    await ask(options, async (api, body) => await api.call('POST', path`/v1/policies/${await wholeDigest(api, digest)}/approve`, body))
  })

  examples(withReason(withData(group.command('activate <digest>').description('put a policy that was seen before in force; a wider one waits for approval. The folder stays as it is, and is set aside until it changes'))), [
    'curtilage policy activate gkzzhmuqrstu --reason "back to the rules of May, ticket 31"'
  ]).action(async (digest: string, options: DataOptions & Asking) => {
    await ask(options, async (api, body) => await api.call('POST', path`/v1/policies/${await wholeDigest(api, digest)}/activate`, body))
  })

  examples(withReason(withData(group.command('rollback').description('put the policy in force that was before the one that is; a wider one waits for approval. The folder is set aside until it changes'))), [
    'curtilage policy rollback --reason "doorbells went dark, ticket 12"'
  ]).action(async (options: DataOptions & Asking) => {
    await ask(options, async (api, body) => await api.call('POST', '/v1/policies/rollback', body))
  })

  examples(withData(group.command('reload').description('let the running gateway look at its configuration folder now; exit code 1 where the folder has problems')), [
    'curtilage policy reload',
    'curtilage policy reload --json'
  ]).action(async (options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<ShownAnswer>('POST', '/v1/policies/reload', { by: userName() }))
    tell(answer, options, true)
    if (answer.outcome === 'refused') process.exitCode = 1
  })
}

function withReason (command: Command): Command {
  return command.requiredOption('--reason <text>', 'why; auditors see it').option('--by <name>', 'who (default: the user of this machine)')
}

async function ask (options: DataOptions & Asking, work: (api: ApiClient, body: object) => Promise<ShownAnswer>): Promise<void> {
  const body = { reason: options.reason, by: options.by ?? userName() }
  const { answer, running } = await withApi(options, { create: false }, async api => ({ answer: await work(api, body), running: api.running }))
  tell(answer, options, running)
}

function tell (answer: ShownAnswer, { json, config }: DataOptions, running: boolean): void {
  if (json) printJson(answer)
  else print(answerText(answer, config, running))
}

function printFile ({ files }: ShownPolicy, file: string): void {
  const text = files[file]
  if (text === undefined) throw new UsageError(`the policy has no file ${file}: it has ${Object.keys(files).join(', ')}`)
  print(text.replace(/\n$/, ''))
}

export async function listPolicies (api: ApiClient): Promise<ShownList> {
  let page = await api.call<ShownList & { next?: string }>('GET', withQuery('/v1/policies', { limit: PAGE }))
  const first = page
  const policies = [...page.policies]
  while (page.next !== undefined) {
    page = await api.call('GET', withQuery('/v1/policies', { limit: PAGE, after: page.next }))
    policies.push(...page.policies)
  }
  const { next, ...rest } = first
  return { ...rest, policies }
}

/** The list shows the first letters; they are enough where no two policies share them. */
export async function wholeDigest (api: ApiClient, written: string): Promise<string> {
  const { policies } = await listPolicies(api)
  const meant = policies.filter(({ digest }) => digest.startsWith(written))
  return written.length >= FEWEST_LETTERS && meant.length === 1 ? meant[0]?.digest ?? written : written
}

function userName (): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
