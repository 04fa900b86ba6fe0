/** Registers simulated homes through the gateway's API; what is registered already stays as it is. */

import { registryLines, accountLines } from '../../../simulators/registry-lines.js'
import type { Home } from '../../../simulators/home.js'
import { CurtilageError } from '../../model/errors.js'
import { withApi, type ApiClient } from '../api-client.js'
import type { DataOptions } from '../options.js'

export interface Registered {
  accounts: number
  devices: number
  /** Lines that were not taken, mostly since the device was there before. */
  notTaken: number
  firstProblem: string | undefined
}

interface Imported {
  readonly imported: number
  readonly problems: readonly { readonly problem: string }[]
}

const LINES_AT_ONCE = 1000

export async function registerHomes (homes: readonly Home[], options: DataOptions): Promise<Registered> {
  return await withApi(options, { create: true }, async api => {
    const registered: Registered = { accounts: 0, devices: 0, notTaken: 0, firstProblem: undefined }
    for (const account of accountLines(homes)) if (await isAdded(api, account)) registered.accounts++
    const lines = registryLines(homes)
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      const { imported, problems } = await api.call<Imported>('POST', '/v1/devices/import', { lines: lines.slice(at, at + LINES_AT_ONCE) })
      registered.devices += imported
      registered.notTaken += problems.length
      registered.firstProblem ??= problems[0]?.problem
    }
    return registered
  })
}

async function isAdded (api: ApiClient, account: object): Promise<boolean> {
  try {
    await api.call('POST', '/v1/accounts', account)
    return true
  } catch (error) {
    if (error instanceof CurtilageError && error.code === 'account-exists') return false
    throw error
  }
}
