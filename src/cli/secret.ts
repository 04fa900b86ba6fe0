/** `curtilage secret`: rotation of the secret from which the gateway's keys follow. */

import type { Command } from 'commander'
import type { GenerationStatus } from '../rotation.js'
import { withApi } from './api-client.js'
import { examples, withData, type DataOptions } from './options.js'
import { note, print, printJson } from './terminal.js'

interface Answer {
  readonly generations: readonly GenerationStatus[]
  readonly retired?: readonly GenerationStatus[]
}

export function addSecretCommands (program: Command): void {
  const group = program.command('secret').description('the secret from which the gateway\'s keys follow')

  examples(withData(group.command('status').description('its generations, and what still needs each of them')), [
    'curtilage secret status'
  ]).action(async (options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<Answer>('GET', '/v1/secret'))
    tell(answer, options)
  })

  examples(withData(group.command('rotate').description('a new generation: passwords and tokens stay valid, pseudonyms change with their next epoch')), [
    'curtilage secret rotate'
  ]).action(async (options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<Answer>('POST', '/v1/secret/rotate'))
    if (!options.json) note('rotated; keep a copy of DATA/secret with your next backup')
    tell(answer, options)
  })

  examples(withData(group.command('retire').description('destroy old generations that nothing needs any more')
    .option('--force', 'all old ones, though things break: after a leak')), [
    'curtilage secret retire',
    'curtilage secret rotate && curtilage secret retire --force'
  ]).action(async (options: DataOptions & { force?: true }) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<Answer>('POST', '/v1/secret/retire', { force: options.force === true }))
    if (!options.json) for (const gone of answer.retired ?? []) print([`generation ${gone.generation} was destroyed`, ...broken(gone)].join('\n  '))
    tell(answer, options)
  })
}

function tell (answer: Answer, { json }: DataOptions): void {
  if (json) return printJson(answer)
  for (const one of answer.generations) print([head(one), ...needs(one)].join('\n  '))
}

function head ({ generation, sinceMs, newest, needed }: GenerationStatus): string {
  const since = sinceMs === 0 ? 'the first one' : `since ${time(sinceMs)}`
  return `generation ${generation}, ${since}: ${newest ? 'the newest' : needed ? 'still needed' : 'needed by nothing: curtilage secret retire'}`
}

function needs ({ newest, devices, apps, recipients, tokens, addresses, pseudonymsUntilMs, noticesUntilMs }: GenerationStatus): string[] {
  const until = (what: string): string => newest ? '' : `, until ${what}`
  return [
    ...counted(devices, `passwords of devices${until('their next login')}`),
    ...counted(apps, `tokens of accounts' apps${until('their next login')}`),
    ...counted(recipients, `tokens of recipients${until('their next login')}`),
    ...counted(tokens, `tokens of the API${until('their next use')}`),
    ...counted(addresses, `fingerprints of addresses${until('they are learned again')}`),
    ...pseudonymsUntilMs === undefined ? [] : [`pseudonyms of epochs that began under it, until ${time(pseudonymsUntilMs)}`],
    ...noticesUntilMs === undefined ? [] : [`pseudonyms that an erasure may have to name, until ${time(noticesUntilMs)}`]
  ]
}

function broken ({ devices, apps, recipients, tokens, addresses, pseudonymsUntilMs, noticesUntilMs }: GenerationStatus): string[] {
  return [
    ...counted(devices, 'passwords of devices are void: curtilage device rotate'),
    ...counted(apps, 'tokens of accounts\' apps are void: curtilage account app-token'),
    ...counted(recipients, 'tokens of recipients are void: curtilage recipient token'),
    ...counted(tokens, 'tokens of the API are void: curtilage token create'),
    ...counted(addresses, 'fingerprints of addresses are void until they are learned again'),
    ...pseudonymsUntilMs === undefined ? [] : ['pseudonyms of the running epochs change now'],
    ...noticesUntilMs === undefined ? [] : ['an erasure cannot name the pseudonyms of earlier epochs any more']
  ]
}

function counted (count: number, text: string): string[] {
  return count === 0 ? [] : [`${count} ${text}`]
}

function time (ms: number): string {
  return new Date(ms).toISOString()
}
