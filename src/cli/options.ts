/** Options that many commands share, and their values as people write them. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import type { AddressSettings } from '../policy/gateway-settings.js'

export interface ConfigOptions {
  readonly config: string
  readonly json?: true
}

export interface DataOptions extends ConfigOptions {
  readonly data?: string
}

export function withConfig (command: Command): Command {
  return command.option('--config <dir>', 'folder of the configuration; without ./config the shipped one', defaultConfig()).option('--json', 'write JSON for scripts')
}

/** `./config`, as in a checkout; elsewhere the configuration that comes with the package. */
export function defaultConfig (): string {
  return existsSync('config/gateway.yaml') ? 'config' : join(import.meta.dirname, '../../../config')
}

/** For commands that work on the data of a gateway, running or not. */
export function withData (command: Command): Command {
  return withConfig(command).option('--data <dir>', 'data folder (default: what gateway.yaml says)')
}

export function examples (command: Command, lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map(line => `  ${line}`).join('\n')}`)
}

/** `HOST:PORT`, `[::1]:PORT` or `PORT` alone, on loopback then. */
export function parseAddress (written: string): AddressSettings {
  const parts = /^(?:(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/i.exec(written)
  const port = Number(parts?.[3])
  if (parts === null || port > 65535) throw new InvalidArgumentError('write HOST:PORT, such as 127.0.0.1:1883; port 0 picks one')
  return { host: parts[1] ?? parts[2] ?? '127.0.0.1', port }
}

export function onOrOff (written: string): boolean {
  if (written !== 'on' && written !== 'off') throw new InvalidArgumentError('write on or off')
  return written === 'on'
}

/** Without the options that were not given. */
export function given<T extends object> (options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
