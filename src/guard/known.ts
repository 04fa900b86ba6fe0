/**
 * Known addresses: those of the raw report, of its surroundings and of the registry. The second tier is compared with them.
 *
 * They live in memory for one report and travel with it as far as the guard.
 */

import { searchAddresses, type Found } from './finder.js'
import { isNobodysMac, KnownIndex } from './known-index.js'
import { isNumericText } from './numeric-text.js'
import { freshAllowance, type Allowance } from './views.js'

/** Backed by the registry's keyed fingerprints; may be slowish. */
export interface FingerprintLookup {
  /** 12 or 16 lower-case hex digits. */
  hasMac (hex: string): boolean
  /** Canonical text, as in `Found`. */
  hasIp (canonical: string): boolean
  /** The last 4, 5 or 6 hex digits of a MAC, lower case. */
  hasTail (hex: string): boolean
  /** Set where it has nothing, so that it need not be asked. */
  readonly isEmpty?: boolean
}

/** Asks the report's own addresses first, then the registry, which is asked the same only once. */
export interface KnownAddresses extends FingerprintLookup {
  /** Addresses of the report and its surroundings alone. */
  readonly index: KnownIndex
  /** Some text took too much work to find all addresses in it: whatever may be a known one counts as known. */
  readonly isIncomplete: boolean
  /** Verdicts on texts already searched against these addresses: recipients share most of a report. */
  readonly verdicts: Map<string, boolean>
  readonly allowance: Allowance
}

/** The registry is asked no more often than this for one report; whatever is asked then counts as known. */
const MOST_QUESTIONS = 65_536

/** Gathers the addresses of the first tier in texts; cheap for a text that can hold none. */
export class KnownAddressCollector {
  private readonly index = new KnownIndex()
  private readonly allowance = freshAllowance()
  private isIncomplete = false

  /** `numeric`: a JSON number, or text that is a number by its category's type; spelled as one, it holds no address of the first tier. */
  add (text: string, { numeric }: { numeric: boolean }): void {
    if (this.isIncomplete || (numeric && isNumericText(text))) return
    const complete = searchAddresses(text, found => this.index.add(found), this.allowance)
    if (!complete) this.isIncomplete = true
  }

  /** An address that shows no sign of being one, told by where it stands. */
  know (found: Found): void {
    this.index.add(found)
  }

  known (registry?: FingerprintLookup): KnownAddresses {
    const { index, isIncomplete } = this
    const { macs, ips, tails } = index
    return {
      index,
      isIncomplete,
      verdicts: new Map(),
      allowance: freshAllowance(),
      hasMac: lookup(macs, registry && (hex => !isNobodysMac(hex) && registry.hasMac(hex)), isIncomplete),
      hasIp: lookup(ips, registry && (canonical => registry.hasIp(canonical)), isIncomplete),
      hasTail: lookup(tails, registry && (hex => registry.hasTail(hex)), isIncomplete)
    }
  }
}

type Lookup = (address: string) => boolean

function lookup (own: ReadonlySet<string>, registry: Lookup | undefined, isIncomplete: boolean): Lookup {
  if (isIncomplete) return () => true
  if (registry === undefined) return address => own.has(address)
  const answers = new Map<string, boolean>()
  return address => {
    if (own.has(address)) return true
    const answer = answers.get(address) ?? (answers.size >= MOST_QUESTIONS || registry(address))
    if (answers.size < MOST_QUESTIONS) answers.set(address, answer)
    return answer
  }
}
