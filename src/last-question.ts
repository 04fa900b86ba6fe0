/** What is asked of each disclosure in the turn in which its sink is called: whether it may still leave, as things stand now. */

import type { StandingConsents } from './consent/standing/standing-consents.js'
import { standingRow, type Core } from './core.js'
import { reconsider, StandingReconsideration, type Waiting } from './decide/reconsider.js'
import { StandingDecisions } from './decide/standing-decisions.js'
import type { CompiledPolicy } from './model/policy.js'
import type { WithheldReason } from './model/reasons.js'
import { stillCovers } from './policy/order.js'

/** Asks the table of all consents, and the ledger where the table cannot tell. */
export class LastQuestion {
  readonly #core: Core
  readonly #standing: StandingConsents
  /** Of the policy in force. */
  #known: { readonly policy: CompiledPolicy, readonly standing: StandingReconsideration } | undefined

  constructor (core: Core, standing: StandingConsents) {
    this.#core = core
    this.#standing = standing
  }

  /** Undefined: it may leave. Throws data-gone, and what the ledger throws: it stays for now. */
  ask (waiting: Waiting): WithheldReason | undefined {
    const core = this.#core
    core.faults?.step?.('reconsider')
    core.store.watch.demandInPlace()
    const { policy } = core.inForce.current
    const { account } = waiting.header
    if (account === undefined) return reconsider(waiting, undefined, policy, core.now(), stillCovers)
    const row = standingRow(core, this.#standing, account, core.now())
    const answer = this.#under(policy).of(waiting, row)
    return answer === 'unknown' ? reconsider(waiting, core.registry.consentOf(account), policy, core.now(), stillCovers) : answer
  }

  #under (policy: CompiledPolicy): StandingReconsideration {
    if (this.#known?.policy !== policy) this.#known = { policy, standing: new StandingReconsideration(policy, new StandingDecisions(policy, this.#standing.table), stillCovers) }
    return this.#known.standing
  }
}
