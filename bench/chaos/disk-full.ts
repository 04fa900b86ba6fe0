/**
 * The disk fills up under load, to the last byte, and has room again: nothing is acknowledged meanwhile, the gateway goes
 * on by itself, and what was acknowledged arrives. Every other time it is killed while the disk is full.
 */

import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Figure, Run } from '../figures/figure.js'
import { GatewayProcess, type ProcessOptions } from '../figures/gateway-process.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import { Fleet } from './fleet.js'
import { openReceivers, ownReceivers } from './receivers/open-receivers.js'
import { SmallDisk } from './small-disk.js'
import type { Receiver } from './receivers/receiver.js'

const MIB = 1024 * 1024
const DISK_MIB = 512
/** The gateway takes no reports below this, and writes nothing below the other. */
const NO_REPORTS_BYTES = 64 * MIB
const NO_WRITES_BYTES = 16 * MIB
/** Refusals to see before a silence means something. */
const PROOF = 30

export async function diskFull (run: Run): Promise<Figure[]> {
  const { short, folder } = run
  const rounds = short ? 2 : 6
  const disk = SmallDisk.mount(join(folder, 'disk'), DISK_MIB)
  if (disk === undefined) return [{ what: 'disk full', reach: 'no acknowledgement without durability', seen: 'not tried: no file system can be mounted here; trouble tries a store that refuses to write', pass: true }]
  try {
    return await fillAndClear(disk, rounds, run)
  } finally {
    disk.unmount()
  }
}

async function fillAndClear (disk: SmallDisk, rounds: number, run: Run): Promise<Figure[]> {
  const { folder, note } = run
  const data = join(disk.folder, 'data')
  const receivers = run.short ? ownReceivers(data) : await openReceivers(data, run)
  const options: ProcessOptions = { config: writeConfiguration(folder, receivers.map(({ words }) => words)), data }
  const fleet = new Fleet(4)
  const wrong: string[] = []
  let gateway = await GatewayProcess.start(options)
  await fleet.register(gateway.api)
  const stopConnecting = fleet.keepConnected(() => gateway.mqtt)
  try {
    await attachAll(receivers, gateway)
    fleet.report(Infinity)
    for (let round = 1; round <= rounds; round++) {
      await taking(fleet, 'before it is full')
      for (const leave of [NO_REPORTS_BYTES - MIB, NO_WRITES_BYTES - MIB, 0]) {
        disk.fill(leave)
        const acknowledged = await whileFull(fleet, gateway)
        if (acknowledged > 0) wrong.push(`round ${round}: ${acknowledged} acknowledged with ${Math.floor(leave / MIB)} MiB free`)
        if (gateway.hasEnded) { wrong.push(`round ${round}: the gateway ended with ${Math.floor(leave / MIB)} MiB free`); break }
      }
      if (round % 2 === 0 || gateway.hasEnded) await gateway.end('SIGKILL')
      disk.clear()
      if (gateway.hasEnded) {
        await Promise.all(receivers.map(receiver => receiver.detach()))
        gateway = await GatewayProcess.start(options)
        await attachAll(receivers, gateway)
      }
      await taking(fleet, 'when there is room again')
      note(`round ${round}: ${fleet.answered} acknowledged`)
    }
    fleet.pause()
    await until('the rest is answered', () => fleet.open === 0)
    await until('everything has left', async () => await gateway.api.metric('curtilage_outbox_depth') === 0)
    for (const receiver of receivers) await receiver.look()
    return figuresOf(receivers, fleet, wrong, rounds)
  } finally {
    await stopConnecting()
    await fleet.cut()
    await Promise.all(receivers.map(receiver => receiver.end()))
    await gateway.end()
  }
}

async function attachAll (receivers: readonly Receiver[], gateway: GatewayProcess): Promise<void> {
  await Promise.all(receivers.map(receiver => receiver.attach(gateway)))
}

async function taking (fleet: Fleet, when: string): Promise<void> {
  const { answered } = fleet
  await until(`reports are taken ${when}`, () => fleet.answered >= answered + 200)
}

/** Answers how many were acknowledged between the first refusals and many more. */
async function whileFull (fleet: Fleet, gateway: GatewayProcess): Promise<number> {
  // what was on its way when the last byte went may still be answered
  await refusals(gateway, PROOF)
  const { answered } = fleet
  await refusals(gateway, PROOF)
  return fleet.answered - answered
}

async function refusals (gateway: GatewayProcess, count: number): Promise<void> {
  const transient = async (): Promise<number> => await gateway.api.metric('curtilage_reports_total', { outcome: 'transient' }).catch(() => NaN)
  const before = await transient()
  await until('reports are refused', async () => gateway.hasEnded || await transient() >= before + count)
  await setTimeout(50)
}

function figuresOf (receivers: readonly Receiver[], fleet: Fleet, wrong: readonly string[], rounds: number): Figure[] {
  const numbers = [...fleet.numbers()]
  const lost = receivers.map(({ words, arrivals }) => `${words.name} ${arrivals.missing(numbers).length}`)
  const strange = receivers.reduce((sum, { arrivals }) => sum + arrivals.strangeCopies.length, 0)
  return [
    { what: `disk full under load to the last byte, ${rounds} times, a small file system of its own`, reach: 'no acknowledgement while it is; goes on by itself', seen: wrong.length === 0 ? `none; ${numbers.length} acknowledged before and after` : wrong.slice(0, 4).join('; '), pass: wrong.length === 0 },
    { what: 'disk full: acknowledged and lost; copies under another id or of other bytes', reach: '0; 0', seen: `${lost.join(', ')}; ${strange}`, pass: strange === 0 && lost.every(text => text.endsWith(' 0')) }
  ]
}
