/** Whether anything of a home may reach a recipient at present, and what stands against it: asked of the decider itself. */

import type { Core } from '../../core.js'
import { decide } from '../../decide/decide.js'
import type { CompiledRecipient } from '../../model/policy.js'
import type { WithheldReason } from '../../model/reasons.js'
import type { Resident } from './cast.js'

export class Outlook {
  readonly #core: Core
  readonly #answers = new Map<string, WithheldReason | undefined>()

  constructor (core: Core) {
    this.#core = core
    core.ledger.onChange(account => {
      for (const key of this.#answers.keys()) if (key.startsWith(`${account} `)) this.#answers.delete(key)
    })
  }

  /** Undefined: the way is open. */
  reason (resident: Resident, recipient: CompiledRecipient): WithheldReason | undefined {
    const key = `${resident.home.account} ${recipient.name}`
    if (!this.#answers.has(key)) this.#answers.set(key, this.#ask(resident, recipient))
    return this.#answers.get(key)
  }

  #ask ({ home }: Resident, recipient: CompiledRecipient): WithheldReason | undefined {
    const { configuration: { policy }, ledger, now } = this.#core
    const consent = ledger.current(home.account)
    let reason: WithheldReason = 'report-not-listed'
    for (const { device, acts } of home.devices) {
      for (const { report: name } of acts) {
        const report = policy.reportsByTopic.get(name)
        if (report === undefined || !recipient.reports.has(report.name)) continue
        const decision = decide({ report, recipient, device, consent, nowMs: now() }, policy)
        if (decision.effect === 'disclose') return undefined
        reason = decision.reason
      }
    }
    return reason
  }
}
