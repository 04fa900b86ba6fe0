/** aedes as it is, to compare with: anybody may publish and subscribe. Tells its port over the process channel. */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Aedes } from 'aedes'

const broker = await Aedes.createBroker()
const server = createServer(socket => { broker.handle(socket) }).listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.((server.address() as AddressInfo).port)
