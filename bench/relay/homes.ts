/** The same devices and reports for every peer: simulated ones of the shipped types, of about 400 bytes. */

import { makeHomes, type Home } from '../../simulators/home.js'
import type { SimulatedDevice } from '../../simulators/device.js'
import { SAMPLE_EPOCH_MS } from '../../simulators/samples.js'
import { readConfiguration } from '../../src/core.js'

export const LEAST_BYTES = 250
const MOST_BYTES = 600
/** Longer than what a connection has in flight, and different from each other. */
export const REPORTS_EACH = 256

export interface Reporter {
  readonly account: string
  readonly device: string
  readonly topic: string
  readonly payloads: readonly Buffer[]
}

/** Types of report that the recipient of all that is measured gets. */
export async function listedReports (): Promise<ReadonlySet<string>> {
  const { policy } = await readConfiguration('config')
  return policy.recipients.find(({ name }) => name === 'product-analytics')?.reports ?? new Set()
}

/** One device of each home, with different reports of one type that fits and that is listed. */
export function reportersOf (count: number, listed: ReadonlySet<string>): { reporters: Reporter[], homes: Home[] } {
  const homes = makeHomes('relay', count * 2).filter(home => home.devices.some(device => fitting(device, listed) !== undefined)).slice(0, count)
  return { homes, reporters: homes.map(home => reporterOf(home, listed)) }
}

function reporterOf ({ account, devices }: Home, listed: ReadonlySet<string>): Reporter {
  const device = devices.find(each => fitting(each, listed) !== undefined)!
  const act = fitting(device, listed)!
  const payloads = Array.from({ length: REPORTS_EACH }, (_, i) => device.report(act, SAMPLE_EPOCH_MS + i * 60_000, i).payload)
  return { account, device: device.device, topic: device.topic(act.report), payloads }
}

function fitting (device: SimulatedDevice, listed: ReadonlySet<string>): SimulatedDevice['acts'][number] | undefined {
  return device.acts.find(act => {
    const { length } = device.report(act, SAMPLE_EPOCH_MS).payload
    return listed.has(act.report) && length >= LEAST_BYTES && length <= MOST_BYTES
  })
}
