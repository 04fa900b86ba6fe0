/** What a gateway must know before simulated devices can connect: lines for `device import`, and the accounts. */

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
