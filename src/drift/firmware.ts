/**
 * Which firmware a device runs, in the one spelling that is safe to show.
 *
 * A firmware string is a raw value: only its three numbers and the day of its build are kept, spelled anew, so that no
 * address and no name fits in. Known from the last report that listed it, in memory, for a bounded number of devices.
 */

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

  /** What a report tells of its own device, or what an earlier one told. */
  of (device: string, texts: readonly string[]): string | undefined {
    let stated: string | undefined
    for (const text of texts) stated ??= spellFirmware(text)
    if (stated === undefined) return this.#byDevice.get(device)
    this.#byDevice.delete(device)
    this.#byDevice.set(device, stated)
    const [oldest] = this.#byDevice.keys()
    if (this.#byDevice.size > MAX_DEVICES && oldest !== undefined) this.#byDevice.delete(oldest)
    return stated
  }
}
