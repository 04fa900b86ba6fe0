/** A filter beside a broker: subscribes to reports with mqtt.js, publishes what the naive filter leaves under `clean/`. */

import mqtt from 'mqtt'
import { naiveFilter } from './naive-filter.js'

const [url = '', qosText = '0'] = process.argv.slice(2)
const qos = qosText === '1' ? 1 : 0
const client = await mqtt.connectAsync(url, { clientId: 'sidecar', reconnectPeriod: 0 })
client.on('message', (topic, payload) => { client.publish(`clean/${topic}`, naiveFilter(payload), { qos }) })
await client.subscribeAsync('kasa/#', { qos })
process.send?.('ready')
process.on('disconnect', () => process.exit())
