/**
 * Keyed fingerprints of the addresses that a device is known by: HMAC-SHA-256, cut to 128 bits, hex.
 *
 * The registry never holds an address. The fingerprint binds the device, so equal addresses of two homes (a neighbor's
 * access point) look unrelated to whoever holds the store without the secret. After a rotation of the secret one is made
 * anew when its address is learned again; until then it is found under the generation that it was made under.
 */

import { createHmac } from 'node:crypto'
import type { AddressFingerprint, Device } from '../model/registry.js'
import type { Keyring } from '../store/keyring.js'

const TAIL_LENGTHS = [4, 5, 6]
const FINGERPRINT_HEX = 32
const LABEL = 'address-fingerprint'
const MAX_MACS = 48
const MAX_IPS = 16

export interface KnownAddress {
  readonly kind: 'mac' | 'ip'
  /** A MAC as 12 or 16 lower-case hex digits; an IP address in its canonical form. */
  readonly canonical: string
}

/** Which addresses a device is known by; the guard asks it. */
export interface FingerprintLookup {
  hasMac (hex: string): boolean
  hasIp (canonical: string): boolean
  /** The last 4 to 6 hex digits of a MAC. */
  hasTail (hex: string): boolean
}

export const NOTHING_KNOWN: FingerprintLookup = { hasMac: () => false, hasIp: () => false, hasTail: () => false }

export class Fingerprints {
  readonly #keyring: Keyring

  constructor (keyring: Keyring) {
    this.#keyring = keyring
  }

  of (device: string, address: KnownAddress): AddressFingerprint {
    return this.#under(this.#keyring.newest.generation, device, address)
  }

  /** Known, and under the newest generation of the secret. */
  knows (device: Device, { kind, canonical }: KnownAddress): boolean {
    const { generation } = this.#keyring.newest
    const prints = printsOf(device).get(generation)
    return prints !== undefined && prints.full.has(this.#print(generation, device.device, kind, canonical))
  }

  /** As `knows`, under an earlier one: it can be made anew, now that it is seen again. */
  knowsOfOld (device: Device, address: KnownAddress): boolean {
    return this.#oldPrint(device, address) !== undefined
  }

  /** What the device is known by with these added, within bounds; the same array where nothing changed. */
  taught (device: Device, found: readonly KnownAddress[]): readonly AddressFingerprint[] {
    const anew = new Map(found.flatMap(address => {
      const old = this.#oldPrint(device, address)
      return old === undefined ? [] : [[old, this.of(device.device, address)] as const]
    }))
    const left = device.addresses.filter(print => this.#keyring.numbers.includes(generationOf(print)))
    const renewed = anew.size === 0 && left.length === device.addresses.length ? device.addresses : left.map(print => anew.get(print.full) ?? print)
    return withFingerprints(renewed, found.map(address => this.of(device.device, address)))
  }

  /** Costs a keyed hash for each question and generation, and nothing for a device that is known by no address. */
  lookup (device: Device): FingerprintLookup {
    if (device.addresses.length === 0) return NOTHING_KNOWN
    const prints = [...printsOf(device)]
    const some = (kind: string, value: string): boolean => prints.some(([generation, { full, tails }]) =>
      (kind === 'tail' ? tails : full).has(this.#print(generation, device.device, kind, value)))
    return {
      hasMac: hex => some('mac', hex.toLowerCase()),
      hasIp: canonical => some('ip', canonical),
      hasTail: hex => TAIL_LENGTHS.includes(hex.length) && some('tail', hex.toLowerCase())
    }
  }

  #oldPrint (device: Device, { kind, canonical }: KnownAddress): string | undefined {
    for (const [generation, { full }] of printsOf(device)) {
      if (generation === this.#keyring.newest.generation) continue
      const print = this.#print(generation, device.device, kind, canonical)
      if (full.has(print)) return print
    }
  }

  #under (generation: number, device: string, { kind, canonical }: KnownAddress): AddressFingerprint {
    const tails = kind === 'mac' ? TAIL_LENGTHS.map(length => this.#print(generation, device, 'tail', canonical.slice(-length))) : []
    return { full: this.#print(generation, device, kind, canonical), tails, ...(generation > 1 && { generation }) }
  }

  /** Of a generation that was destroyed: what equals nothing. */
  #print (generation: number, device: string, kind: string, value: string): string {
    const key = this.#keyring.key(LABEL, generation)
    return key === undefined ? '' : createHmac('sha256', key).update(`${device}\0${kind}\0${value}`).digest('hex').slice(0, FINGERPRINT_HEX)
  }
}

/**
 * Adds what is new, within bounds: the first 48 MACs stay, so that a scan of the neighborhood cannot drive out the
 * device's own; of IP addresses the newest 16 stay. Returns the same array where nothing changed.
 */
export function withFingerprints (known: readonly AddressFingerprint[], found: readonly AddressFingerprint[]): readonly AddressFingerprint[] {
  const seen = new Set(known.map(({ full }) => full))
  const added = found.filter(({ full }) => !seen.has(full) && seen.add(full))
  const roomForMacs = MAX_MACS - known.filter(isMac).length
  const macs = added.filter(isMac).slice(0, Math.max(0, roomForMacs))
  const ips = added.filter(print => !isMac(print))
  if (macs.length + ips.length === 0) return known
  const allIps = [...known.filter(print => !isMac(print)), ...ips]
  return [...known.filter(isMac), ...macs, ...allIps.slice(-MAX_IPS)]
}

/** False where a new address of this kind would not be kept. */
export function roomFor (device: Device, { kind }: KnownAddress): boolean {
  return kind === 'ip' || device.addresses.filter(isMac).length < MAX_MACS
}

function isMac ({ tails }: AddressFingerprint): boolean {
  return tails.length > 0
}

interface Prints {
  readonly full: ReadonlySet<string>
  readonly tails: ReadonlySet<string>
}

const prints = new WeakMap<Device, ReadonlyMap<number, Prints>>()

/** By the generation of the secret that they were made under. */
function printsOf (device: Device): ReadonlyMap<number, Prints> {
  const known = prints.get(device)
  if (known !== undefined) return known
  const made = new Map([...new Set(device.addresses.map(generationOf))].map(generation => {
    const own = device.addresses.filter(print => generationOf(print) === generation)
    return [generation, { full: new Set(own.map(({ full }) => full)), tails: new Set(own.flatMap(({ tails }) => tails)) }]
  }))
  prints.set(device, made)
  return made
}

function generationOf ({ generation = 1 }: AddressFingerprint): number {
  return generation
}
