/** Registers the demo's homes: accounts, devices with their addresses, consents. */

import type { Core } from '../../core.js'
import { grantsOf, type Resident } from './cast.js'

const BY = { source: 'demo', actor: 'curtilage demo' }

export async function enroll ({ registry, ledger, configuration }: Core, residents: readonly Resident[]): Promise<void> {
  await Promise.all(residents.map(async resident => {
    const { home: { account, devices }, part, regime, region } = resident
    await registry.accounts.add({ account, regime, region, minor: part?.minor === true, optOutSignal: part?.optOutSignal === true }, BY)
    await registry.devices.addAll(devices.map(({ device, password, mac }) => ({ account, device, password, mac })))
    await ledger.append(grantsOf(resident, configuration.policy).map(consent => ({ account, ...consent, ...BY })))
  }))
}
