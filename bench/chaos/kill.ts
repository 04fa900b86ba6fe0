/**
 * kill -9 at random moments under load, some of them while the gateway starts: what was acknowledged is delivered, nothing
 * planted is anywhere, and a copy is a copy.
 *
 * A device sends what is unanswered again after each kill, marked as such, as a device of MQTT does.
 */

import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Figure, Run } from '../figures/figure.js'
import { GatewayProcess, type ProcessOptions } from '../figures/gateway-process.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import { Fleet } from './fleet.js'
import { findable, plantedBelow, plantedIn } from './planted.js'
import { openReceivers } from './receivers/open-receivers.js'
import type { Receiver } from './receivers/receiver.js'

export async function kill (run: Run): Promise<Figure[]> {
  const { short, folder, note } = run
  const [rounds, least] = short ? [2, 800] : [20, 100_000]
  const data = join(folder, 'data')
  const receivers = await openReceivers(data, run)
  const options: ProcessOptions = { config: writeConfiguration(folder, receivers.map(({ words }) => words)), data }
  const output: string[] = []
  const fleet = new Fleet(8)
  const startKills = { count: 0 }
  try {
    for (let round = 1; round <= rounds; round++) {
      if (round % 3 === 2) await killAtStart(options, output, startKills)
      const gateway = await GatewayProcess.start(options, output)
      if (round === 1) await fleet.register(gateway.api)
      await Promise.all(receivers.map(receiver => receiver.attach(gateway)))
      await fleet.connect(gateway.mqtt)
      fleet.report(Infinity)
      const target = Math.ceil(least * (round - Math.random() / 2) / rounds)
      await until(`round ${round}: ${target} answered, of them ${fleet.answered}`, () => fleet.answered >= target || gateway.hasEnded)
      await setTimeout(randomInt(50))
      await gateway.end('SIGKILL')
      await until('connections end', () => fleet.reporters.every(({ isConnected }) => !isConnected))
      await Promise.all(receivers.map(receiver => receiver.detach()))
      note(`round ${round}: ${fleet.answered} acknowledged`)
    }
    await drain(options, output, receivers, fleet, least)
    return figuresOf({ receivers, fleet, output, folder: data, rounds, least, startKills: startKills.count })
  } finally {
    await fleet.cut()
    await Promise.all(receivers.map(receiver => receiver.end()))
  }
}

/** A gateway that recovers is killed before it is ready, or just after. */
async function killAtStart (options: ProcessOptions, output: string[], startKills: { count: number }): Promise<void> {
  const { child, ready } = GatewayProcess.begin(options, output)
  ready.catch(() => {})
  await setTimeout(randomInt(1_000))
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  startKills.count++
}

/** One more start: what is unanswered is sent again, and everything is delivered. */
async function drain (options: ProcessOptions, output: string[], receivers: readonly Receiver[], fleet: Fleet, least: number): Promise<void> {
  const gateway = await GatewayProcess.start(options, output)
  try {
    await Promise.all(receivers.map(receiver => receiver.attach(gateway)))
    await fleet.connect(gateway.mqtt)
    await until(`${least} answered`, () => fleet.answered >= least)
    fleet.pause()
    await until('the rest is answered', () => fleet.open === 0)
    await until('the outbox is empty', async () => await gateway.api.metric('curtilage_outbox_depth') === 0)
    for (const receiver of receivers) await receiver.look()
  } finally {
    await fleet.cut()
    await Promise.all(receivers.map(receiver => receiver.detach()))
    await gateway.end()
  }
}

interface Seen {
  readonly receivers: readonly Receiver[]
  readonly fleet: Fleet
  readonly output: readonly string[]
  readonly folder: string
  readonly rounds: number
  readonly least: number
  readonly startKills: number
}

function figuresOf ({ receivers, fleet, output, folder, rounds, least, startKills }: Seen): Figure[] {
  const numbers = [...fleet.numbers()]
  const lost = receivers.map(({ words, arrivals }) => `${words.name} ${arrivals.missing(numbers).length}`)
  const leaks = [...receivers.flatMap(({ arrivals }) => arrivals.leaks), ...plantedIn(Buffer.from(output.join(''))), ...plantedBelow(folder)]
  const strange = receivers.flatMap(({ arrivals }) => arrivals.strangeCopies)
  const copies = receivers.reduce((sum, { arrivals }) => sum + arrivals.copies, 0)
  return [
    { what: `kill -9 under load, ${rounds} rounds (${startKills} more while starting): acknowledged`, reach: `at least ${least}`, seen: String(numbers.length), pass: numbers.length >= least },
    { what: 'kill -9: acknowledged and lost, by recipient', reach: '0', seen: lost.join(', '), pass: lost.every(text => text.endsWith(' 0')) },
    {
      what: 'kill -9: planted addresses and words found in what left, in the data folder, in the log',
      reach: '0',
      seen: `${leaks.length}${leaks.length > 0 ? `: ${leaks.slice(0, 3).join('; ')}` : ''} (a raw report is found by ${findable()} spellings)`,
      pass: leaks.length === 0 && findable() >= 8
    },
    { what: 'kill -9: copies under another id, or of other bytes', reach: '0', seen: `${strange.length} (${copies} copies equal in id and bytes)${strange.length > 0 ? `: ${strange.slice(0, 2).join('; ')}` : ''}`, pass: strange.length === 0 }
  ]
}
