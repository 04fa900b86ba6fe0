/** A simulated device: who it is and what it sends. Generation is pure; the connection is another file's. */

import { colonMac } from './addresses.js'
import type { Identity } from './identity.js'
import type { Kind } from './models.js'
import { Random } from './random.js'
import { REPERTOIRE, type Act, type ReportName } from './repertoire.js'

export interface SimulatedReport {
  readonly report: ReportName
  readonly payload: Buffer
}

export class SimulatedDevice {
  readonly identity: Identity
  readonly acts: readonly Act[]

  constructor (identity: Identity) {
    this.identity = identity
    this.acts = REPERTOIRE[identity.model.kind]
  }

  get account (): string { return this.identity.home.account }
  /** Device id and user name. */
  get device (): string { return this.identity.device }
  get password (): string { return this.identity.password }
  get clientId (): string { return this.identity.clientId }
  get kind (): Kind { return this.identity.model.kind }
  /** Colon-parted, as `device add --mac` takes it. */
  get mac (): string { return colonMac(this.identity.mac) }
  /** Of its children with an address of their own. */
  get childMacs (): string[] { return this.identity.children.filter(child => child.mac !== this.identity.mac).map(child => colonMac(child.mac)) }

  topic (report: string): string {
    return `kasa/${this.account}/${this.device}/${report}`
  }

  /** One report. The same device, report, time and sequence give the same bytes; the sequence tells two of one millisecond apart. */
  report (act: Act, epochMs: number, sequence = 0): SimulatedReport {
    const random = new Random(`${this.identity.home.seed}/report/${this.identity.deviceId}/${act.report}/${epochMs}/${sequence}`)
    return { report: act.report, payload: Buffer.from(JSON.stringify(act.build(this.identity, { epochMs, random }))) }
  }

  /** One of each report that this device sends. */
  * reports (epochMs: number, sequence = 0): Generator<SimulatedReport> {
    for (const act of this.acts) yield this.report(act, epochMs, sequence)
  }
}
