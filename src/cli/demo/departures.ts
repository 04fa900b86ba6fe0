/** Everything that left, as its recipients got it: counted, put down to a home, and searched for what must not be there. */

import { classify } from '../../classify/classify.js'
import type { Json } from '../../model/json.js'
import type { CompiledPolicy, CompiledRecipient } from '../../model/policy.js'
import type { ReportNode } from '../../model/report.js'
import type { LeakSearch, Planted } from './leak-search.js'
import { Meter } from './meter.js'
import type { Pseudonyms } from './pseudonyms.js'

/** What a small terminal has room for. */
const SHOWN_LENGTH = 240

export interface Latest {
  readonly recipient: string
  /** As it left. */
  readonly line: string
}

interface Departed {
  readonly meter: Meter
  readonly byAccount: Map<string, number>
  readonly categories: Map<string, number>
  unattributed: number
  latest: Latest | undefined
}

interface Envelope {
  readonly report: string
  readonly device?: unknown
  readonly time?: unknown
  readonly data: Json
}

export class Departures<P extends Planted> {
  /** Planted texts that were found in what left: must stay empty. */
  readonly leaked = new Set<P>()
  readonly #policy: CompiledPolicy
  readonly #pseudonyms: Pseudonyms
  readonly #search: LeakSearch<P>
  readonly #now: () => number
  readonly #byRecipient: ReadonlyMap<string, Departed>

  constructor (policy: CompiledPolicy, pseudonyms: Pseudonyms, search: LeakSearch<P>, now: () => number) {
    this.#policy = policy
    this.#pseudonyms = pseudonyms
    this.#search = search
    this.#now = now
    this.#byRecipient = new Map(policy.recipients.map(({ name }) => [name, { meter: new Meter(), byAccount: new Map(), categories: new Map(), unattributed: 0, latest: undefined }]))
  }

  /** One disclosure, as the recipient got it. */
  take (recipient: CompiledRecipient, line: string): void {
    const departed = this.of(recipient.name)
    const envelope = JSON.parse(line) as Envelope
    for (const planted of this.#search.find(line)) this.leaked.add(planted)
    departed.meter.add(1, this.#now())
    departed.latest = chosen(departed.latest, { recipient: recipient.name, line })
    for (const category of this.#categoriesIn(envelope)) increase(departed.categories, category)
    const account = this.#pseudonyms.accountOf(recipient, envelope.device)
    if (account === undefined) departed.unattributed++
    else increase(departed.byAccount, account)
  }

  of (recipient: string): Departed {
    const departed = this.#byRecipient.get(recipient)
    if (departed === undefined) throw new TypeError('a recipient of another policy')
    return departed
  }

  /** Disclosures of one home to one recipient. */
  count (recipient: string, account: string): number {
    return this.of(recipient).byAccount.get(account) ?? 0
  }

  total (): number {
    return [...this.#byRecipient.values()].reduce((sum, { meter }) => sum + meter.count, 0)
  }

  /** A disclosure has its report's own shape, so the report type tells what its fields are. */
  #categoriesIn ({ report, device, time, data }: Envelope): Set<string> {
    const categories = new Set<string>()
    const type = this.#policy.reports.get(report)
    if (device !== undefined) categories.add(this.#policy.deviceCategory.name)
    if (time !== undefined) categories.add(this.#policy.timeCategory.name)
    if (type !== undefined) gather(classify(data, type, { account: '', device: '', receivedMs: 0 }).root, categories)
    return categories
  }
}

/** The newest one that can be shown whole, if there is one. */
function chosen (known: Latest | undefined, latest: Latest): Latest {
  return known !== undefined && known.line.length <= SHOWN_LENGTH && latest.line.length > SHOWN_LENGTH ? known : latest
}

function gather (node: ReportNode, categories: Set<string>): void {
  if (node.kind === 'leaf') {
    if (node.field !== undefined) categories.add(node.field.category.name)
  } else if (node.kind === 'array') {
    for (const item of node.items) gather(item, categories)
  } else {
    for (const { keyField, node: child } of node.entries) {
      if (keyField !== undefined) categories.add(keyField.category.name)
      gather(child, categories)
    }
  }
}

function increase (counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
