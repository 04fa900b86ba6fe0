/**
 * Many idle connections, and what one of them costs; then all of them lose their network and come back at once, each with a
 * report, from one address.
 */

import type { Figure, Run } from '../figures/figure.js'
import { PASSWORD, registerHomes } from '../figures/register-homes.js'
import { until } from '../figures/until.js'
import { Crowd } from './crowd.js'
import type { Member } from './crowd-member.js'
import { cpuSeconds, settledMemory, startWatched } from './watched-gateway.js'

const PER_HOME = 20
/** Connect first and go again, so that what is made once is not counted. */
const WARM_UP = 200
const MAX_KIB = 25
const MAX_SECONDS = 30

export async function connections ({ short, folder, note }: Run): Promise<Figure[]> {
  const [count, looks] = short ? [500, 3] : [10_000, 10]
  const gateway = await startWatched(folder)
  const crowd = new Crowd()
  try {
    const homes = Array.from({ length: count / PER_HOME }, (_, i) => ({ account: `home-${i}`, devices: Array.from({ length: PER_HOME }, (_, j) => `device-${i * PER_HOME + j}`) }))
    await registerHomes(gateway.api, homes)
    note(`${count} devices registered`)
    const members = homes.flatMap(({ account, devices }) => devices.map((device): Member => ({
      host: gateway.mqtt.hostname, port: Number(gateway.mqtt.port), device, password: PASSWORD, topic: `kasa/${account}/${device}/energy-realtime`
    })))
    await warmUp(members.slice(0, WARM_UP))
    const before = await settledMemory(gateway, looks)
    await crowd.order({ order: 'gather', members })
    const { ms: joinMs } = await crowd.order({ order: 'join', reports: false, atOnce: 100 })
    const idle = await settledMemory(gateway, looks)
    const { connected } = await crowd.order({ order: 'count' })
    note(`${connected} connected in ${(joinMs / 1000).toFixed(1)} s`)
    // what was given back meanwhile can hide what was taken, in a small count even all of it
    const [rssKib, heapKib] = [(idle.rssBytes - before.rssBytes) / count / 1024, (idle.heapBytes - before.heapBytes) / count / 1024]
    await crowd.order({ order: 'cut' })
    const { failures: earlier } = await crowd.order({ order: 'count' })
    const cpuBefore = cpuSeconds(gateway)
    const back = await crowd.order({ order: 'join', reports: true, atOnce: count })
    const cpu = cpuSeconds(gateway) - cpuBefore
    note(`all back in ${(back.ms / 1000).toFixed(1)} s`)
    const taken = await gateway.api.metric('curtilage_reports_total')
    await until('the outbox is empty', async () => await gateway.api.metric('curtilage_outbox_depth') === 0)
    return [
      { what: `${count} connections idle: memory for one`, reach: `at most ${MAX_KIB} KiB`, seen: `${rssKib.toFixed(1)} KiB resident, of them ${heapKib.toFixed(1)} KiB heap`, pass: connected === count && Math.max(rssKib, heapKib) <= MAX_KIB },
      {
        what: `${count} lose their network, and reconnect at once from one address, each with a report`,
        reach: `all served within ${MAX_SECONDS} s`,
        seen: `${back.connected} served in ${(back.ms / 1000).toFixed(1)} s, ${cpu.toFixed(1)} s of processor time, ${back.failures - earlier} tries failed`,
        pass: back.connected === count && taken === count && back.ms <= MAX_SECONDS * 1000
      }
    ]
  } finally {
    await crowd.end()
    await gateway.end()
  }
}

async function warmUp (members: readonly Member[]): Promise<void> {
  const crowd = new Crowd()
  await crowd.order({ order: 'gather', members })
  await crowd.order({ order: 'join', reports: false, atOnce: 100 })
  await crowd.end()
}
