/** All authenticated connections, found by who they are: a report is shown, and a credential ended, without a look at every one. */

import { onEnd } from './session.js'
import type { Client } from 'aedes'
import type { Identity } from '../model/registry.js'

const NONE: ReadonlySet<Client> = new Set()

export class Connections {
  readonly #byName = new Map<string, Set<Client>>()
  readonly #all = new Set<Client>()

  get size (): number {
    return this.#all.size
  }

  [Symbol.iterator] (): IterableIterator<Client> {
    return this.#all.values()
  }

  has (client: Client): boolean {
    return this.#all.has(client)
  }

  /** Counts until the connection's stream ends; aedes tells of an end by client id, and of some, where takeovers meet, never. */
  join (client: Client, identity: Identity): void {
    const name = nameOf(identity)
    this.#all.add(client)
    this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(client))
    onEnd(client, () => this.#leave(client, name))
  }

  /** Those of one device, app or recipient. */
  of (identity: Identity): ReadonlySet<Client> {
    return this.#byName.get(nameOf(identity)) ?? NONE
  }

  #leave (client: Client, name: string): void {
    this.#all.delete(client)
    const same = this.#byName.get(name)
    same?.delete(client)
    if (same?.size === 0) this.#byName.delete(name)
  }
}

function nameOf (identity: Identity): string {
  switch (identity.kind) {
    case 'device': return `device ${identity.device}`
    case 'app': return `app ${identity.account}`
    case 'recipient': return `recipient ${identity.recipient}`
  }
}
