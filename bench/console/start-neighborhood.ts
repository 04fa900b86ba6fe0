/** A gateway with simulated homes that report, some of which gave consent to this and some to that. */

import { simulate } from '../../simulators/simulate.js'
import { castHomes } from '../../src/cli/demo/cast.js'
import { enroll } from '../../src/cli/demo/enroll.js'
import { startGateway } from '../../src/start-gateway.js'

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
  return {
    url: running.httpUrl,
    token,
    stop: async () => {
      await simulation.stop()
      await running.close()
    }
  }
}
