/**
 * Withdrawals under load: after the answer nothing more of that account and purpose comes anywhere, while the account's
 * other purpose and the other accounts go on.
 */

import { join } from 'node:path'
import type { Figure, Run } from '../figures/figure.js'
import { GatewayProcess } from '../figures/gateway-process.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import { accountOf, Fleet } from './fleet.js'
import { FileReceiver } from './receivers/file-receiver.js'
import { openReceivers } from './receivers/open-receivers.js'
import type { Receiver } from './receivers/receiver.js'

/** Both of the account that changes its mind. */
const OWN = [0, 1]
const OTHERS = [2, 3]
/** What has to arrive elsewhere before a silence means something. */
const PROOF = 40

export async function withdrawal (run: Run): Promise<Figure[]> {
  const { short, folder, note } = run
  const rounds = short ? 5 : 100
  const data = join(folder, 'data')
  const withdrawn = await openReceivers(data, run)
  const kept = new FileReceiver('chaos-usage', 'analyze-use', data)
  const all = [...withdrawn, kept]
  const gateway = await GatewayProcess.start({ config: writeConfiguration(folder, all.map(({ words }) => words)), data })
  const fleet = new Fleet(4)
  const state = async (state: 'granted' | 'withdrawn'): Promise<void> => {
    await gateway.api.call('POST', `/v1/accounts/${accountOf(OWN[0]!)}/consents`, { purpose: 'improve-products', state })
  }
  const late: string[] = []
  let proofs = 0
  try {
    await fleet.register(gateway.api)
    await fleet.connect(gateway.mqtt)
    await Promise.all(all.map(receiver => receiver.attach(gateway)))
    fleet.report(Infinity)
    for (let round = 1; round <= rounds; round++) {
      await more(withdrawn, OWN, 1)
      await state('withdrawn')
      const atAnswer = await linesOf(withdrawn, OWN)
      const [keptBefore, othersBefore] = [await linesOf([kept], OWN), await linesOf(withdrawn, OTHERS)]
      await Promise.all([more([kept], OWN, PROOF), more(withdrawn, OTHERS, PROOF)])
      const later = await linesOf(withdrawn, OWN)
      withdrawn.forEach(({ words }, i) => { if (later[i] !== atAnswer[i]) late.push(`round ${round}: ${later[i]! - atAnswer[i]!} to ${words.name}`) })
      proofs += sum(await linesOf([kept], OWN)) - sum(keptBefore) + sum(await linesOf(withdrawn, OTHERS)) - sum(othersBefore)
      await state('granted')
      if (round % 20 === 0) note(`${round} rounds`)
    }
    return [{
      what: `withdrawal under load, ${rounds} times: disclosures of that account and purpose after the answer`,
      reach: '0, to any recipient; the rest goes on',
      seen: `${late.length}${late.length > 0 ? `: ${late.slice(0, 3).join('; ')}` : ''} (meanwhile ${proofs} of its other purpose and of other accounts, ${fleet.answered} acknowledged)`,
      pass: late.length === 0 && proofs >= rounds * PROOF
    }]
  } finally {
    await fleet.cut()
    await Promise.all(all.map(receiver => receiver.end()))
    await gateway.end()
  }
}

async function linesOf (receivers: readonly Receiver[], devices: readonly number[]): Promise<number[]> {
  for (const receiver of receivers) await receiver.look()
  return receivers.map(({ arrivals }) => arrivals.linesOf(devices))
}

/** Waits until each of the receivers has that many more lines of these devices. */
async function more (receivers: readonly Receiver[], devices: readonly number[], count: number): Promise<void> {
  const before = await linesOf(receivers, devices)
  await until(`${count} more for each of ${receivers.map(({ words }) => words.name).join(', ')}`, async () => (await linesOf(receivers, devices)).every((lines, i) => lines >= before[i]! + count))
}

function sum (numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
