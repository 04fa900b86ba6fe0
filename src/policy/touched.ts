/** How many accounts a change reaches: each is asked, as a decision would, what it lets each recipient have. */

import { status } from '../consent/status.js'
import type { AccountConsent, AccountFacts } from '../model/consent.js'
import type { CompiledPolicy, CompiledRecipient } from '../model/policy.js'
import type { Change } from './order.js'
import { isReachable, type Side } from './situation.js'

export interface Touched {
  readonly registered: number
  /** Those that at least one change reaches. */
  readonly touched: number
  /** By a change that is wider or different. */
  readonly widened: number
  /** For each change, in order; undefined where it concerns none that is registered now. */
  readonly byChange: readonly (number | undefined)[]
}

/** What holds for accounts that are added later, and grants that are recorded later. */
const LATER: ReadonlySet<string> = new Set(['default region', 'life of grants'])
/** What opens or closes a recipient to an account, while what it gets stays as it is. */
const GATES = /^(purpose required|opt-out signal ignored|notice demanded|access|consent|consent asked|regime .*|transfer from .*)$/
const ANY = ''

export class TouchedCounter {
  private readonly changes: readonly Change[]
  private readonly before: CompiledPolicy
  private readonly after: CompiledPolicy
  private readonly counts: number[]
  private registered = 0
  private touched = 0
  private widened = 0

  constructor (changes: readonly Change[], before: CompiledPolicy, after: CompiledPolicy) {
    this.changes = changes
    this.before = before
    this.after = after
    this.counts = changes.map(() => 0)
  }

  add (account: AccountConsent, nowMs: number): void {
    this.registered++
    const asked = new Map<string, boolean>()
    const open = (policy: CompiledPolicy, change: Change): boolean => {
      const key = JSON.stringify([policy === this.after, change.recipient, change.category])
      const known = asked.get(key) ?? isOpenTo(account, policy, change, nowMs)
      asked.set(key, known)
      return known
    }
    const reached = this.changes.map(change => concerns(change, account.facts) && reaches(change, open(this.before, change), open(this.after, change)))
    for (const [i, isReached] of reached.entries()) if (isReached) this.counts[i] = (this.counts[i] ?? 0) + 1
    if (reached.includes(true)) this.touched++
    if (this.changes.some(({ effect }, i) => effect !== 'narrower' && reached[i] === true)) this.widened++
  }

  result (): Touched {
    const byChange = this.changes.map(({ aspect }, i) => LATER.has(aspect) ? undefined : this.counts[i])
    return { registered: this.registered, touched: this.touched, widened: this.widened, byChange }
  }
}

function concerns ({ aspect }: Change, { regime, region, optOutSignal }: AccountFacts): boolean {
  if (LATER.has(aspect)) return false
  if (aspect.startsWith('regime ')) return aspect === `regime ${regime}`
  if (aspect.startsWith('transfer from ')) return aspect === `transfer from ${region}`
  return aspect !== 'opt-out signal ignored' || optOutSignal
}

function reaches ({ effect, aspect }: Change, before: boolean, after: boolean): boolean {
  if (GATES.test(aspect)) return before !== after
  if (effect === 'different') return before || after
  return effect === 'wider' ? after : before
}

/** For one recipient, or for any. */
function isOpenTo (account: AccountConsent, policy: CompiledPolicy, { recipient: name, category }: Change, nowMs: number): boolean {
  const recipients = policy.recipients.filter(recipient => name === undefined || recipient.name === name)
  return recipients.some(recipient => lets(account, { recipient, policy }, category, nowMs))
}

/** Something leaves for the recipient: of the category, or of any where none is given. */
function lets (account: AccountConsent, side: Side, category: string | undefined, nowMs: number): boolean {
  const { recipient, policy } = side
  const { enabled, kind } = recipient
  if (!enabled || kind.access === 'aggregate' || kind.access === 'closed' || !isReachable(recipient, policy, account.facts.region)) return false
  const categories = category === undefined ? categoriesOf(account, recipient) : [category]
  return categories.some(category => devicesOf(account).some(device =>
    status(account, { purpose: recipient.purpose.name, recipient: recipient.name, category, device }, policy, kind, nowMs).answer === 'yes'))
}

/** Those that the account has spoken about, and one that stands for all others. */
function categoriesOf ({ records }: AccountConsent, { allow }: CompiledRecipient): string[] {
  const covered = (category: string): boolean => allow.some(({ pattern }) => pattern === category || (pattern.endsWith('.*') && category.startsWith(pattern.slice(0, -1))))
  return [...new Set(records.flatMap(({ category }) => category !== undefined && covered(category) ? [category] : [])), ANY]
}

function devicesOf ({ records }: AccountConsent): string[] {
  return [...new Set([...records.flatMap(({ device }) => device ?? []), ANY])]
}
