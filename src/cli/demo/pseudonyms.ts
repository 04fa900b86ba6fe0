/**
 * From a disclosure back to the home it came from, by recomputing the stand-ins of the demo's own devices.
 *
 * Only who has the gateway's keys can do this: no recipient can, and two of them cannot join what they have.
 */

import { pseudonymKeyAt, type Core } from '../../core.js'
import type { CompiledRecipient } from '../../model/policy.js'
import { pseudonymOf } from '../../minimize/pseudonym.js'
import type { Resident } from './cast.js'

export class Pseudonyms {
  readonly #core: Core
  readonly #residents: readonly Resident[]
  readonly #accounts = new Map<string, Map<string, string>>()
  readonly #epochs = new Map<string, number>()

  constructor (core: Core, residents: readonly Resident[]) {
    this.#core = core
    this.#residents = residents
  }

  /** Undefined where the recipient is told no device, or of one that is none of ours. */
  accountOf (recipient: CompiledRecipient, device: unknown): string | undefined {
    const transform = recipient.deviceRule?.transform
    if (transform === undefined || typeof device !== 'string') return undefined
    this.#compute(recipient, transform.kind === 'pseudonymize' ? transform.epochMs : undefined)
    return this.#accounts.get(recipient.name)?.get(device)
  }

  /** Once an epoch; the last epoch's stay, for what was still under way. */
  #compute (recipient: CompiledRecipient, epochMs: number | undefined): void {
    const nowMs = this.#core.now()
    const epoch = epochMs === undefined ? 0 : Math.floor(nowMs / epochMs)
    if (this.#epochs.get(recipient.name) === epoch) return
    this.#epochs.set(recipient.name, epoch)
    const accounts = this.#accounts.get(recipient.name) ?? new Map<string, string>()
    this.#accounts.set(recipient.name, accounts)
    for (const { home: { account, devices } } of this.#residents) {
      for (const { device } of devices) accounts.set(epochMs === undefined ? device : this.#pseudonym(account, device, recipient.name, epochMs, nowMs), account)
    }
  }

  #pseudonym (account: string, device: string, recipient: string, epochMs: number, nowMs: number): string {
    const { keyring, registry, configuration: { policy } } = this.#core
    const accountKey = registry.accounts.keyWith(recipient, account)
    if (accountKey === undefined) return ''
    return pseudonymOf(device, { recipient, category: policy.deviceCategory.name, epochMs, nowMs }, { gatewayKeyAt: pseudonymKeyAt(keyring), accountKey })
  }
}
