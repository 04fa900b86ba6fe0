/**
 * Transient trouble in every stage, put in through the gateway's own place for faults: first always, when nothing may be
 * acknowledged or delivered, then now and then under load. What was acknowledged is neither lost nor withheld.
 *
 * The gateway runs in this process, since faults can be given to no other.
 */

import { join } from 'node:path'
import { startGateway } from '../../src/start-gateway.js'
import { Api } from '../figures/api.js'
import type { Figure, Run } from '../figures/figure.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import { Fleet } from './fleet.js'
import { openReceivers, ownReceivers } from './receivers/open-receivers.js'
import type { Receiver } from './receivers/receiver.js'
import { isBeforeAcknowledgement, nameOf, TROUBLES, TroubleMaker, type Trouble } from './trouble-maker.js'

const DEVICES = 4
/** Reports of each before the first trouble: what comes again is recognized only of a device that has shown how it counts its packets. */
const WARM_UP = 16
/** Of the calls, while it strikes now and then. */
const SHARE = 0.03
/** Of batches and of connections: there are fewer of them. */
const SHARE_OF_FEW = 0.3
/** Each of them stalls everything for longer than a report waits. */
const SHARE_OF_STALLS = 0.001
const STAGE_TIMEOUT_MS = 1_500

export async function trouble (run: Run): Promise<Figure[]> {
  const { short, folder, note } = run
  const reports = short ? 20 : 500
  const data = join(folder, 'data')
  const receivers = run.short ? ownReceivers(data) : await openReceivers(data, run)
  const config = writeConfiguration(folder, receivers.map(({ words }) => words), { stageTimeout: `${STAGE_TIMEOUT_MS}ms` })
  const maker = new TroubleMaker(STAGE_TIMEOUT_MS * 1.5)
  const running = await startGateway({ config, data, mqtt: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 }, faults: maker.faults })
  const gateway = { mqtt: new URL(running.mqttUrl), api: new Api(running.httpUrl, data) }
  const fleet = new Fleet(DEVICES, 16)
  const wrong: string[] = []
  let struck = 0
  await fleet.register(gateway.api)
  const stopConnecting = fleet.keepConnected(() => gateway.mqtt)
  await Promise.all(receivers.map(receiver => receiver.attach(gateway)))
  try {
    fleet.report(WARM_UP)
    await until('the devices are known', () => fleet.answered === WARM_UP * DEVICES)
    for (const [i, one] of TROUBLES.entries()) {
      const sent = WARM_UP + (i + 1) * reports
      wrong.push(...await strikeAlways(one, sent - reports, { maker, fleet, receivers }))
      maker.begin(one, shareOf(one))
      if (nameOf(one).startsWith('authenticate')) await fleet.cut()
      fleet.report(sent)
      await until(`${nameOf(one)} now and then: everything is answered`, () => maker.struck > 0 && fleet.answered === sent * DEVICES)
      struck += maker.struck
      maker.end()
      note(`${nameOf(one)}: struck ${struck} times so far, ${fleet.answered} acknowledged`)
    }
    await until('everything has left', async () => await gateway.api.metric('curtilage_outbox_depth') === 0)
    for (const receiver of receivers) await receiver.look()
    return figuresOf({ receivers, fleet, wrong, struck, withheld: await gateway.api.metric('curtilage_withheld_total') })
  } finally {
    maker.end()
    await stopConnecting()
    await fleet.cut()
    await Promise.all(receivers.map(receiver => receiver.end()))
    await running.close()
  }
}

interface Parts {
  readonly maker: TroubleMaker
  readonly fleet: Fleet
  readonly receivers: readonly Receiver[]
}

/** Nothing is under way as it begins. Answers what was wrong. */
async function strikeAlways (trouble: Trouble, sent: number, { maker, fleet, receivers }: Parts): Promise<string[]> {
  const { answered } = fleet
  await settled(receivers, answered)
  maker.begin(trouble, 1)
  // who is to be refused has to come again
  if (nameOf(trouble).startsWith('authenticate')) await fleet.cut()
  fleet.report(sent + 5)
  const early = isBeforeAcknowledgement(trouble)
  await until(`${nameOf(trouble)} always: strikes`, () => maker.struck >= (early ? 20 : 4))
  for (const receiver of receivers) await receiver.look()
  const acknowledged = fleet.answered - answered
  const delivered = receivers.filter(({ arrivals }) => arrivals.size > answered).map(({ words }) => words.name)
  maker.end()
  if (early && acknowledged > 0) return [`${nameOf(trouble)}: ${acknowledged} acknowledged all the same`]
  return mayDeliver(trouble) ? [] : delivered.map(name => `${nameOf(trouble)}: delivered to ${name} all the same`)
}

/** All that was acknowledged has arrived. */
async function settled (receivers: readonly Receiver[], count: number): Promise<void> {
  for (const receiver of receivers) {
    await until(`${receiver.words.name} has ${count}`, async () => {
      await receiver.look()
      return receiver.arrivals.size === count
    })
  }
}

/** What was appended before the trouble came may be delivered, acknowledged or not. */
function mayDeliver (trouble: Trouble): boolean {
  return trouble.kind === 'work' && (trouble.way !== 'before' || trouble.work === 'learn')
}

function shareOf (trouble: Trouble): number {
  if (trouble.kind === 'work' && trouble.way === 'slow') return SHARE_OF_STALLS
  return trouble.kind === 'work' && ['authenticate', 'deliver'].includes(trouble.work) ? SHARE_OF_FEW : SHARE
}

interface Seen {
  readonly receivers: readonly Receiver[]
  readonly fleet: Fleet
  readonly wrong: readonly string[]
  readonly struck: number
  readonly withheld: number
}

function figuresOf ({ receivers, fleet, wrong, struck, withheld }: Seen): Figure[] {
  const numbers = [...fleet.numbers()]
  const lost = receivers.map(({ words, arrivals }) => `${words.name} ${arrivals.missing(numbers).length}`)
  const strange = receivers.flatMap(({ arrivals }) => [...arrivals.strangeCopies, ...arrivals.leaks])
  return [
    {
      what: `transient trouble in every stage, ${TROUBLES.length} kinds, each always: acknowledged while it lasts`,
      reach: '0',
      seen: wrong.length === 0 ? `0 (struck ${struck} times more, now and then)` : wrong.slice(0, 5).join('; '),
      pass: wrong.length === 0
    },
    {
      what: 'transient trouble: acknowledged and then lost, or withheld',
      reach: '0',
      seen: `lost: ${lost.join(', ')}; withheld: ${withheld}; of ${numbers.length} acknowledged`,
      pass: withheld === 0 && lost.every(text => text.endsWith(' 0'))
    },
    { what: 'transient trouble: copies under another id or of other bytes, leaks', reach: '0', seen: strange.length === 0 ? '0' : `${strange.length}: ${strange.slice(0, 3).join('; ')}`, pass: strange.length === 0 }
  ]
}
