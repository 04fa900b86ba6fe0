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
  await someHistory(running)
  await someTrouble(running)
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

/** What one home said over time. */
async function someHistory ({ gateway }: RunningGateway): Promise<void> {
  const by = { account: 'home-0001', source: 'app', actor: 'account:home-0001' } as const
  const said = [
    { purpose: 'analyze-use', state: 'granted' },
    { purpose: 'improve-products', state: 'granted' },
    { purpose: 'improve-products', category: 'location.geo', state: 'denied' },
    { purpose: 'personalize', state: 'granted', expires: gateway.core.now() + 90 * 86_400_000 },
    { purpose: 'marketing', state: 'denied' },
    { purpose: 'analyze-use', state: 'withdrawn' },
    { purpose: 'analyze-use', state: 'granted' }
  ] as const
  for (const statement of said) await gateway.core.ledger.append([{ ...by, ...statement }])
}

/** What the alarms show: payloads that nobody can read, a stranger, a recipient that is paused. */
async function someTrouble ({ gateway, mqttUrl, httpUrl }: RunningGateway): Promise<void> {
  const { registry } = gateway.core
  const password = 'a-password-of-a-device'
  await registry.accounts.add({ account: 'home-9001', regime: 'opt-in', region: 'us' })
  await registry.devices.add({ account: 'home-9001', device: 'odd-plug', password })
  const odd = await connectAsync(mqttUrl, { username: 'odd-plug', password, protocolVersion: 4 })
  const payloads = ['{"relay_state":1,', 'ON', '{"power":1,"power":2}', Buffer.from([0xff, 0xfe, 0x01])]
  for (const payload of [...payloads, ...payloads.slice(0, 2)]) await odd.publishAsync('kasa/home-9001/odd-plug/energy-realtime', payload, { qos: 1 })
  await odd.publishAsync('kasa/home-9001/odd-plug/espresso', '{}', { qos: 1 })
  await odd.endAsync()
  for (let tries = 0; tries < 3; tries++) await connectAsync(mqttUrl, { username: 'odd-plug', password: 'a-guess-at-the-password', protocolVersion: 4, reconnectPeriod: 0 }).catch(() => {})
  const { token } = await registry.tokens.create('ops')
  await fetch(new URL('/v1/recipients/energy-research/pause', httpUrl), { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ reason: 'moves to a new bucket', by: 'Mia' }) })
}
