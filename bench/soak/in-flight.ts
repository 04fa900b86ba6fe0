/**
 * The same client, and an outbox that does not answer: how many of its reports the gateway has under way at one time.
 *
 * The gateway runs in this process: its place for faults counts and holds.
 */

import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startGateway } from '../../src/start-gateway.js'
import { Api } from '../figures/api.js'
import type { Figure, Run } from '../figures/figure.js'
import { MqttConnection } from '../figures/mqtt-connection.js'
import { PASSWORD, registerHomes } from '../figures/register-homes.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'

/** `limits.maxInFlight` of the shipped configuration. */
const BOUND = 64

export async function inFlight ({ short, folder }: Run): Promise<Figure[]> {
  const reports = short ? 2_000 : 20_000
  const held: (() => void)[] = []
  let holding = true
  const data = join(folder, 'data')
  const config = writeConfiguration(folder, [{ name: 'soak-file', purpose: 'improve-products', sink: '{ type: file, folder: soak-file }' }])
  const running = await startGateway({
    config,
    data,
    mqtt: { host: '127.0.0.1', port: 0 },
    http: { host: '127.0.0.1', port: 0 },
    faults: { work: async (work, moment) => { if (holding && work === 'append' && moment === 'before') await new Promise<void>(resolve => held.push(resolve)) } }
  })
  try {
    await registerHomes(new Api(running.httpUrl, data), [{ account: 'home', devices: ['hog'] }])
    const connection = await MqttConnection.open(new URL(running.mqttUrl), { userName: 'hog', password: PASSWORD, clientId: 'hog' })
    let answered = 0
    connection.onPacket = packet => { if (packet.cmd === 'puback') answered++ }
    for (let i = 1; i <= reports; i++) connection.publish('kasa/home/hog/energy-realtime', `{"emeter":{"get_realtime":{"power":${i}}}}`, i)
    await until('some are under way', () => held.length > 0)
    // long enough for all of them, if they were let in
    for (let before = -1; before !== held.length;) {
      before = held.length
      await setTimeout(500)
    }
    const underWay = held.length
    holding = false
    for (const resume of held) resume()
    await until('all are answered', () => answered === reports)
    await connection.cut()
    return [{ what: `one client with ${reports} reports unanswered, an outbox that does not answer: in flight`, reach: `bounded: at most ${BOUND}; all answered in the end`, seen: `${underWay}; ${answered} answered`, pass: underWay <= BOUND && answered === reports }]
  } finally {
    holding = false
    for (const resume of held) resume()
    await running.close()
  }
}
