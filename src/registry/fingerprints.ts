/**
 * Keyed fingerprints of the addresses that a device is known by: HMAC-SHA-256, cut to 128 bits, hex.
 *
 * The registry never holds an address. The fingerprint binds the device, so equal addresses of two homes (a neighbor's
 * access point) look unrelated to whoever holds the store without the secret.
 */

import { createHmac } from 'node:crypto'
import type { AddressFingerprint, Device } from '../model/registry.js'

const TAIL_LENGTHS = [4, 5, 6]
const FINGERPRINT_HEX = 32
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
  readonly #key: Uint8Array

  constructor (key: Uint8Array) {
    this.#key = key
  }

  of (device: string, { kind, canonical }: KnownAddress): AddressFingerprint {
    const tails = kind === 'mac' ? TAIL_LENGTHS.map(length => this.#print(device, 'tail', canonical.slice(-length))) : []
    return { full: this.#print(device, kind, canonical), tails }
  }

  knows (device: Device, { kind, canonical }: KnownAddress): boolean {
    return device.addresses.length > 0 && printsOf(device).full.has(this.#print(device.device, kind, canonical))
  }

  /** Costs a keyed hash for each question, and nothing for a device that is known by no address. */
  lookup (device: Device): FingerprintLookup {
    if (device.addresses.length === 0) return NOTHING_KNOWN
    const { full, tails } = printsOf(device)
    return {
      hasMac: hex => full.has(this.#print(device.device, 'mac', hex.toLowerCase())),
      hasIp: canonical => full.has(this.#print(device.device, 'ip', canonical)),
      hasTail: hex => TAIL_LENGTHS.includes(hex.length) && tails.has(this.#print(device.device, 'tail', hex.toLowerCase()))
    }
  }

  #print (device: string, kind: string, value: string): string {
    return createHmac('sha256', this.#key).update(`${device}\0${kind}\0${value}`).digest('hex').slice(0, FINGERPRINT_HEX)
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

const prints = new WeakMap<Device, Prints>()

function printsOf (device: Device): Prints {
  const known = prints.get(device)
  if (known !== undefined) return known
  const made = {
    full: new Set(device.addresses.map(({ full }) => full)),
    tails: new Set(device.addresses.flatMap(({ tails }) => tails))
  }
  prints.set(device, made)
  return made
}
