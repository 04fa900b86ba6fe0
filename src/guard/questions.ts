/**
 * What the second tier asks of a text, whichever addresses are known: the text is searched once against addresses that
 * answer no to everything and write down what they were asked.
 *
 * The course of a search depends on nothing but these answers, so it finds a known address exactly if one of the questions
 * is answered yes: the text need not be searched again for the next report.
 */

import { search } from './finder.js'
import { isNobodysMac, KnownIndex } from './known-index.js'
import { isKnownNumber } from './second-tier.js'
import { freshAllowance, MOST_EXTRA } from './views.js'
import type { FingerprintLookup, KnownAddresses } from './known.js'
import type { OwnAddresses } from './own-addresses.js'

export interface Questions {
  readonly macs: readonly string[]
  readonly ips: readonly string[]
  readonly tails: readonly string[]
  readonly macNumbers: readonly number[]
  readonly ipv4Numbers: readonly number[]
  readonly longHex: readonly string[]
  readonly count: number
  /** The same once more as numbers: MACs of 48 bits, asked for in any form; IPv4 addresses; tails with their lengths. */
  readonly macValues: readonly number[]
  readonly ipv4Values: readonly number[]
  readonly tailValues: readonly (readonly [span: number, value: number])[]
}

export interface Asked {
  /** An address of the first tier is in it, or it took too much work. */
  readonly isTold: boolean
  /** Undefined where nothing is asked. */
  readonly questions: Questions | undefined
  /** Extra work taken, see views.ts. */
  readonly extra: number
}

/** What a search of the text, of any kind, asks. */
export function questionsOfText (text: string, freeText: boolean): Asked {
  return askedBy(asking => search(text, asking, freeText) !== 'finished')
}

export function questionsOfNumber (value: number): Asked {
  return askedBy(asking => isKnownNumber(value, asking))
}

/** What a look of the caller's own asks. */
export function askedBy (look: (known: KnownAddresses) => boolean): Asked {
  const asking = new AskingAddresses()
  const isTold = look(asking)
  return { isTold, questions: asking.questions(), extra: MOST_EXTRA - asking.allowance.extra }
}

/** Is one of the questions answered yes? */
export function isAnswered (questions: Questions, { indexes, macs, ipv4s }: OwnAddresses, registry: FingerprintLookup): boolean {
  for (const index of indexes) if (isIn(questions, index)) return true
  for (const mac of macs) if (isMacIn(questions, mac)) return true
  for (const ipv4 of ipv4s) if (questions.ipv4Values.includes(ipv4)) return true
  if (registry.isEmpty === true) return false
  return questions.macs.some(hex => !isNobodysMac(hex) && registry.hasMac(hex)) || questions.ips.some(ip => registry.hasIp(ip)) || questions.tails.some(hex => registry.hasTail(hex))
}

function isMacIn ({ macValues, tailValues }: Questions, mac: number): boolean {
  if (macValues.includes(mac)) return true
  for (const [span, value] of tailValues) if (mac % span === value) return true
  return false
}

function isIn ({ macs, ips, tails, macNumbers, ipv4Numbers, longHex }: Questions, index: KnownIndex): boolean {
  return holdsAny(index.macs, macs) || holdsAny(index.ips, ips) || holdsAny(index.tails, tails) ||
    holdsAny(index.macNumbers, macNumbers) || holdsAny(index.ipv4Numbers, ipv4Numbers) || holdsAny(index.longHex, longHex)
}

function holdsAny<T> (set: ReadonlySet<T>, asked: readonly T[]): boolean {
  if (set.size === 0) return false
  for (const one of asked) if (set.has(one)) return true
  return false
}

/** Answers no, and is never empty, so that nothing is left unasked. */
class AskedSet<T> extends Set<T> {
  override has (one: T): boolean {
    this.add(one)
    return false
  }

  get asked (): T[] {
    return [...this]
  }

  override get size (): number {
    return 1
  }
}

class AskedIndex extends KnownIndex {
  override readonly macs = new AskedSet<string>()
  override readonly ips = new AskedSet<string>()
  override readonly tails = new AskedSet<string>()
  override readonly macNumbers = new AskedSet<number>()
  override readonly ipv4Numbers = new AskedSet<number>()
  override readonly longHex = new AskedSet<string>()
}

class AskingAddresses implements KnownAddresses {
  readonly index = new AskedIndex()
  readonly isIncomplete = false
  readonly verdicts = new Map<string, boolean>()
  readonly allowance = freshAllowance()

  hasMac (hex: string): boolean {
    return this.index.macs.has(hex)
  }

  hasIp (canonical: string): boolean {
    return this.index.ips.has(canonical)
  }

  hasTail (hex: string): boolean {
    return this.index.tails.has(hex)
  }

  questions (): Questions | undefined {
    const { macs, ips, tails, macNumbers, ipv4Numbers, longHex } = this.index
    const questions = { macs: macs.asked, ips: ips.asked, tails: tails.asked, macNumbers: macNumbers.asked, ipv4Numbers: ipv4Numbers.asked, longHex: longHex.asked }
    const count = Object.values(questions).reduce((sum, asked) => sum + asked.length, 0)
    return count === 0 ? undefined : { ...questions, count, ...valuesOf(questions) }
  }
}

function valuesOf ({ macs, ips, tails, macNumbers, ipv4Numbers, longHex }: Pick<Questions, 'macs' | 'ips' | 'tails' | 'macNumbers' | 'ipv4Numbers' | 'longHex'>): Pick<Questions, 'macValues' | 'ipv4Values' | 'tailValues'> {
  return {
    macValues: [...macs.filter(hex => hex.length === 12).map(hex => Number.parseInt(hex, 16)), ...macNumbers, ...longHex.flatMap(macInside)],
    ipv4Values: [...ips.filter(ip => !ip.includes(':')).map(ip => ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)), ...ipv4Numbers],
    tailValues: tails.map(hex => [16 ** hex.length, Number.parseInt(hex, 16)])
  }
}

/** An EUI-64 is known by the MAC that it is made of, its one bit turned or not (see known-index.ts). */
function macInside (hex: string): number[] {
  if (hex.length !== 16 || hex.slice(6, 10) !== 'fffe') return []
  const mac = Number.parseInt(hex.slice(0, 6) + hex.slice(10), 16)
  return [mac, Number.parseInt((Number.parseInt(hex.slice(0, 2), 16) ^ 2).toString(16).padStart(2, '0') + hex.slice(2, 6) + hex.slice(10), 16)]
}
