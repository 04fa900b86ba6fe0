/** A configuration folder for a run: the shipped notice, consent and reports, and recipients of the run's own. */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface RecipientWords {
  readonly name: string
  readonly purpose: 'improve-products' | 'analyze-use'
  /** The sink as it stands in YAML. */
  readonly sink: string
}

/** Every recipient gets the number of a report as power, and would get names if they held no address. */
export function writeConfiguration (folder: string, recipients: readonly RecipientWords[], limits: Readonly<Record<string, string | number>> = {}): string {
  const config = join(folder, 'config')
  cpSync('config', config, { recursive: true })
  for (const part of ['recipients', 'tests']) rmSync(join(config, part), { recursive: true })
  mkdirSync(join(config, 'recipients'))
  for (const recipient of recipients) writeFileSync(join(config, 'recipients', `${recipient.name}.yaml`), recipientYaml(recipient))
  for (const [name, value] of Object.entries(limits)) setLimit(join(config, 'gateway.yaml'), name, value)
  return config
}

function recipientYaml ({ name, purpose, sink }: RecipientWords): string {
  return [
    `recipient: ${name}`, 'kind: service-provider', `purpose: ${purpose}`, 'region: us', 'reports: [energy-realtime]',
    'allow: { energy.power: keep, device.name: keep, device.id: { pseudonymize: { epoch: 365d } } }', `sink: ${sink}`, ''
  ].join('\n')
}

function setLimit (file: string, name: string, value: string | number): void {
  const lines = readFileSync(file, 'utf8').split('\n').filter(line => !line.trim().startsWith(`${name}:`))
  writeFileSync(file, lines.join('\n').replace(/^limits:$/m, `limits:\n  ${name}: ${value}`))
}
