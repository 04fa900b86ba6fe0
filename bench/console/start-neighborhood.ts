/** A gateway with simulated homes that report, some of which gave consent to this and some to that. */

import { connectAsync } from 'mqtt'
import { simulate } from '../../simulators/simulate.js'
import { castHomes } from '../../src/cli/demo/cast.js'
import { enroll } from '../../src/cli/demo/enroll.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const SEED = 'console'

export interface Neighborhood {
  readonly url: string
  readonly token: string
  stop (): Promise<void>
}

export async function startNeighborhood (data: string): Promise<Neighborhood> {
  const running = await startGateway({ config: 'config', data, mqtt: LOCAL, http: LOCAL })
  const residents = castHomes(SEED, 12)
  await enroll(running.gateway.core, residents)
  const { token } = await running.gateway.core.registry.tokens.create('ops')
  const simulation = simulate({ url: running.mqttUrl, homes: residents.map(({ home }) => home), seed: SEED, ratePerSecond: 40, tour: true })
  await reportUnlisted(running)
  return {
    url: running.httpUrl,
    token,
    stop: async () => {
      await simulation.stop()
      await running.close()
    }
  }
}

/** A device of a newer firmware, which sends what no report type lists. */
async function reportUnlisted ({ gateway: { core: { registry } }, mqttUrl }: RunningGateway): Promise<void> {
  await registry.accounts.add({ account: 'home-new', regime: 'opt-in' })
  await registry.devices.add({ account: 'home-new', device: 'motion-new', password: 'a-password-of-a-device' })
  const client = await connectAsync(mqttUrl, { username: 'motion-new', password: 'a-password-of-a-device' })
  const report = { event: 'motion', timestamp: 1767608430, hw_ver: '2.0', fw_ver: '2.1.0 Build 260110 Rel.101010', rssi: -61, region: 'Europe/Berlin', occupants: 3, brightness: 40 }
  for (const topic of ['motion', 'contact']) await client.publishAsync(`kasa/home-new/motion-new/${topic}`, JSON.stringify(report), { qos: 1 })
  await client.endAsync()
}
