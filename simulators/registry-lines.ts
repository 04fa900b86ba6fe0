/** What a gateway must know before simulated devices can connect: lines for `device import`, and the accounts. */

import { writeFile } from 'node:fs/promises'
import type { Home } from './home.js'

export interface AccountLine {
  readonly account: string
  readonly regime: string
  readonly region: string
}

/** One line for each device, without line feeds: `{"account","device","password","mac"}`. */
export function registryLines (homes: Iterable<Home>): string[] {
  return [...homes].flatMap(home => home.devices.map(({ account, device, password, mac }) => JSON.stringify({ account, device, password, mac })))
}

/** One entry for each home, for `account add`. */
export function accountLines (homes: Iterable<Home>): AccountLine[] {
  return [...homes].map(({ account, regime, region }) => ({ account, regime, region }))
}

/** Writes the lines of `device import` to a file that only its owner may read: it holds passwords. */
export async function writeRegistry (file: string, homes: Iterable<Home>): Promise<void> {
  await writeFile(file, registryLines(homes).map(line => line + '\n').join(''), { mode: 0o600 })
}
