/**
 * Known addresses: those of the raw report, of its surroundings and of the registry. The second tier is compared with them.
 *
 * They live in memory for one report and travel with it as far as the guard.
 */

import { addressesIn, type Found } from './finder.js'

/** Backed by the registry's keyed fingerprints; may be slowish. */
export interface FingerprintLookup {
  /** 12 or 16 lower-case hex digits. */
  hasMac (hex: string): boolean
  /** Canonical text, as in `Found`. */
  hasIp (canonical: string): boolean
  /** The last 4, 5 or 6 hex digits of a MAC, lower case. */
  hasTail (hex: string): boolean
}

export interface KnownAddresses extends FingerprintLookup {
  /** Verdicts on texts already searched against these addresses: recipients share most of a report. */
  readonly verdicts: Map<string, boolean>
}

const NO_FINGERPRINTS: FingerprintLookup = { hasMac: () => false, hasIp: () => false, hasTail: () => false }

/** Gathers the addresses of the first tier in texts; cheap for a text that can hold none. */
export class KnownAddressCollector {
  private readonly macs = new Set<string>()
  private readonly ips = new Set<string>()
  private readonly tails = new Set<string>()

  /** `numeric`: a JSON number, or text that is a number by its category's type: no address of the first tier. */
  add (text: string, { numeric }: { numeric: boolean }): void {
    if (!numeric) for (const found of addressesIn(text)) this.learn(found)
  }

  known (registry: FingerprintLookup = NO_FINGERPRINTS): KnownAddresses {
    return {
      hasMac: hex => this.macs.has(hex) || registry.hasMac(hex),
      hasIp: canonical => this.ips.has(canonical) || registry.hasIp(canonical),
      hasTail: hex => this.tails.has(hex) || registry.hasTail(hex),
      verdicts: new Map()
    }
  }

  private learn ({ kind, canonical }: Found): void {
    if (kind === 'ip') {
      this.ips.add(canonical)
      return
    }
    this.macs.add(canonical)
    for (const digits of [4, 5, 6]) this.tails.add(canonical.slice(-digits))
  }
}
