/**
 * A recipient that cannot be reached for the whole load, then is back: it gets everything, and the others have theirs
 * while it is still away.
 */

import { join } from 'node:path'
import type { Figure, Run } from '../figures/figure.js'
import { GatewayProcess } from '../figures/gateway-process.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import { Fleet } from './fleet.js'
import { openReceivers } from './receivers/open-receivers.js'
import type { Receiver } from './receivers/receiver.js'

const DEVICES = 8
/** How much longer the same load may take the others; the machine's own unrest is in it, and in a short load nearly nothing else. */
const MAX_RATIO = 2
const MAX_SHORT_RATIO = 6

export async function recipientDown (run: Run): Promise<Figure[]> {
  const { short, folder, note } = run
  const [reports, maxRatio] = short ? [40, MAX_SHORT_RATIO] : [1_000, MAX_RATIO]
  const data = join(folder, 'data')
  const receivers = await openReceivers(data, run)
  const gateway = await GatewayProcess.start({ config: writeConfiguration(folder, receivers.map(({ words }) => words)), data })
  const fleet = new Fleet(DEVICES)
  const figures: Figure[] = []
  let sent = 0
  const load = async (expected: readonly Receiver[]): Promise<number> => {
    const startedMs = performance.now()
    fleet.report(sent += reports)
    await until('everything is answered', () => fleet.answered === sent * DEVICES)
    await haveAll(expected, sent * DEVICES)
    return performance.now() - startedMs
  }
  try {
    await fleet.register(gateway.api)
    await fleet.connect(gateway.mqtt)
    await Promise.all(receivers.map(receiver => receiver.attach(gateway)))
    await load(receivers)
    for (const down of receivers.filter(receiver => receiver.canBeDown)) {
      const { name } = down.words
      const beforeMs = await load(receivers)
      await down.detach()
      const had = down.arrivals.size
      const downMs = await load(receivers.filter(receiver => receiver !== down))
      const waiting = await gateway.api.metric('curtilage_outbox_depth', { recipient: name })
      const meanwhile = down.arrivals.size - had
      await down.attach(gateway)
      await haveAll([down], sent * DEVICES)
      const ratio = downMs / beforeMs
      note(`${name}: ${waiting} waited`)
      figures.push({
        what: `${name} down for the whole load of ${reports * DEVICES}, then back`,
        reach: `all delivered; the others have theirs before, in at most ${maxRatio} times the time`,
        seen: `${waiting} waited, ${down.arrivals.missing(fleet.numbers()).length} missing at the end, the others took ${ratio.toFixed(2)} times as long as without it`,
        pass: meanwhile === 0 && waiting === reports * DEVICES && down.arrivals.missing(fleet.numbers()).length === 0 && ratio <= maxRatio
      })
    }
    return figures
  } finally {
    await fleet.cut()
    await Promise.all(receivers.map(receiver => receiver.end()))
    await gateway.end()
  }
}

async function haveAll (receivers: readonly Receiver[], count: number): Promise<void> {
  for (const receiver of receivers) {
    await until(`${receiver.words.name} has ${count}`, async () => {
      await receiver.look()
      return receiver.arrivals.size === count
    })
  }
}
