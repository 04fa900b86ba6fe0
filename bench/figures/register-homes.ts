/** Accounts and devices for a run, registered through the API of a gateway. */

import type { Api } from './api.js'

export const PASSWORD = 'a password of more than twenty characters'
const LINES = 1000

export interface Home {
  readonly account: string
  readonly devices: readonly string[]
}

/** Accounts in the US under `opt-out`: what asks for consent by default has it. */
export async function registerHomes (api: Api, homes: readonly Home[]): Promise<void> {
  for (let i = 0; i < homes.length; i += 50) {
    await Promise.all(homes.slice(i, i + 50).map(({ account }) => api.call('POST', '/v1/accounts', { account, regime: 'opt-out', region: 'us' })))
  }
  const lines = homes.flatMap(({ account, devices }) => devices.map(device => JSON.stringify({ account, device, password: PASSWORD })))
  for (let i = 0; i < lines.length; i += LINES) {
    const { problems } = await api.call<{ problems: { problem: string }[] }>('POST', '/v1/devices/import', { lines: lines.slice(i, i + LINES) })
    if (problems[0] !== undefined) throw new Error(`devices could not be registered: ${problems[0].problem}`)
  }
}
