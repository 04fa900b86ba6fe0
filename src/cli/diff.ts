/** `curtilage diff`: what one configuration lets out beyond another. */

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import type { Change } from '../policy/order.js'
import type { Diff } from '../policy/diff.js'
import { withApi, type ApiClient } from './api-client.js'
import { diffText } from './diff-text.js'
import { found, UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { listPolicies, wholeDigest } from './policy.js'
import { print, printJson, width } from './terminal.js'

const DIGEST = /^[g-z]{8,100}$/

/** As the API answers it: with the accounts that each change reaches, where a data folder was asked. */
export interface ShownDiff extends Omit<Diff, 'changes'> {
  readonly changes: readonly (Change & { readonly accounts?: number })[]
  readonly accounts?: { readonly registered: number, readonly touched: number, readonly widened: number }
}

type Side = { readonly folder: string } | { readonly policy: string }

interface DiffOptions extends DataOptions {
  readonly allowWider?: true
}

export function addDiffCommand (program: Command): void {
  examples(withData(program.command('diff <old> <new>')
    .description('what the new configuration lets out beyond the old one, or less: for every recipient, report type, field and account')
    .option('--allow-wider', 'exit code 0 even where more leaves')), [
    'curtilage diff /etc/curtilage config',
    'curtilage diff /etc/curtilage config --data data     and how many registered accounts each change reaches',
    'curtilage diff active config --data data             against the policy in force',
    'curtilage diff gkzzhmuqrstu hjrykrtlhtyy --json      two policies that were seen: curtilage policy list'
  ]).addHelpText('after', `
OLD and NEW are folders, digests of policies that were seen (the first letters are enough), "active" for the one in force or
"waiting" for the one that waits for approval. Digests and --data take the data folder.

  wider      more leaves: it would wait for approval        narrower   what leaves can be computed from what left before
  different  something else leaves: it would wait, too      same       edited, and nothing of what leaves changes

Exit code 0: nothing wider or different; 1: something is, or a configuration has problems; 2: wrong usage.`)
    .action(async (old: string, next: string, options: DiffOptions) => {
      const sides = [sideOf(old), sideOf(next)] as const
      const shown = options.data !== undefined || sides.some(side => 'policy' in side) ? await askedDiff(sides, options) : await ownDiff(sides)
      if (shown.counts.wider + shown.counts.different > 0 && options.allowWider !== true) found()
      if (options.json) printJson(shown)
      else print(diffText(shown, [old, next], width()))
    })
}

function sideOf (written: string): Side {
  if (statSync(written, { throwIfNoEntry: false })?.isDirectory() === true) return { folder: written }
  if (DIGEST.test(written) || written === 'active' || written === 'waiting') return { policy: written }
  throw new UsageError(`${JSON.stringify(written)} is no folder, and no digest of a policy: see curtilage policy list`)
}

async function ownDiff (sides: readonly [Side, Side]): Promise<ShownDiff> {
  const [{ readConfiguration }, { diff }] = await Promise.all([import('../core.js'), import('../policy/diff.js')])
  const [before, after] = await Promise.all(sides.map(async side => await readConfiguration('folder' in side ? side.folder : '')))
  if (before === undefined || after === undefined) throw new TypeError('two sides')
  return diff(before, after)
}

/** Folders are checked here first, so that their problems are told in full. */
async function askedDiff (sides: readonly [Side, Side], options: DiffOptions): Promise<ShownDiff> {
  const { readConfiguration } = await import('../core.js')
  const read = await Promise.all(sides.map(async side => 'folder' in side ? { files: Object.fromEntries((await readConfiguration(side.folder)).sources) } : side))
  const folder = sides.flatMap(side => 'folder' in side ? side.folder : []).at(-1)
  return await withApi({ ...options, config: folder ?? options.config }, { create: false }, async api => {
    const [old, next] = await Promise.all(read.map(async side => 'files' in side ? side : { digest: await digestOf(api, side.policy) }))
    return await api.call<ShownDiff>('POST', '/v1/policies/diff', { old, new: next, accounts: true })
  })
}

async function digestOf (api: ApiClient, written: string): Promise<string> {
  if (written !== 'active' && written !== 'waiting') return await wholeDigest(api, written)
  const { active, waiting } = await listPolicies(api)
  const digest = written === 'active' ? active : waiting?.digest
  if (digest === undefined) throw new UsageError('no policy waits for approval')
  return digest
}
