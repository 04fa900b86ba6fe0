/**
 * Which firmware a device runs, in the one spelling that is safe to show.
 *
 * A firmware string is a raw value: only its three numbers and the day of its build are kept, spelled anew, so that no
 * address and no name fits in. Known from the last report that listed it, in memory, for a bounded number of devices.
 */

import type { Report, ReportNode } from '../model/report.js'

const CATEGORY = 'device.firmware'
const MAX_DEVICES = 20_000
const VERSION = /^(\d{1,3}\.\d{1,3}\.\d{1,3})(?: Build (\d{2})(\d{2})(\d{2}))?(?: Rel\.? ?\w{1,12})?$/
const MONTHS = 12
const DAYS = 31

/** `1.5.6 Build 191125 Rel.083657` → `1.5.6 Build 191125`; undefined for what has not that form. */
export function spellFirmware (text: string): string | undefined {
  const [, version, year, month, day] = VERSION.exec(text) ?? []
  if (version === undefined) return undefined
  return isIn(month, MONTHS) && isIn(day, DAYS) ? `${version} Build ${year}${month}${day}` : version
}

function isIn (number: string | undefined, last: number): boolean {
  return number !== undefined && Number(number) >= 1 && Number(number) <= last
}

export class FirmwareMemory {
  readonly #byDevice = new Map<string, string>()

  /** What the report tells of its own device, or what an earlier one told. */
  of (report: Report): string | undefined {
    const stated = states(report) ? firmwareIn(report.root) : undefined
    if (stated === undefined) return this.#byDevice.get(report.device)
    this.#byDevice.delete(report.device)
    this.#byDevice.set(report.device, stated)
    const [oldest] = this.#byDevice.keys()
    if (this.#byDevice.size > MAX_DEVICES && oldest !== undefined) this.#byDevice.delete(oldest)
    return stated
  }
}

const stating = new WeakMap<object, boolean>()

function states ({ type }: Report): boolean {
  const known = stating.get(type) ?? type.fields.some(({ category }) => category.name === CATEGORY)
  stating.set(type, known)
  return known
}

/** Outside of lists and below no key that may be anything: what stands there belongs to other devices. */
function firmwareIn (node: ReportNode): string | undefined {
  if (node.kind === 'array') return undefined
  if (node.kind === 'leaf') {
    const { field, fits, value } = node
    return field?.category.name === CATEGORY && fits && typeof value === 'string' && !/[[*{]/.test(field.path) ? spellFirmware(value) : undefined
  }
  for (const entry of node.entries) {
    const found = firmwareIn(entry.node)
    if (found !== undefined) return found
  }
  return undefined
}
