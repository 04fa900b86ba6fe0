/** One recipient for each way out. A server that is not installed is left out, and said so. */

import type { Run } from '../../figures/figure.js'
import { FileReceiver } from './file-receiver.js'
import { HttpReceiver } from './http-receiver.js'
import { LocalMqttReceiver } from './local-mqtt-receiver.js'
import { NatsReceiver } from './nats-receiver.js'
import { RedisReceiver } from './redis-receiver.js'
import { RemoteMqttReceiver } from './remote-mqtt-receiver.js'
import { isInstalled, type Program } from '../../figures/server-process.js'
import type { Receiver } from './receiver.js'

const SERVERS: Readonly<Record<Program, (folder: string) => Promise<Receiver>>> = {
  mosquitto: folder => RemoteMqttReceiver.open('chaos-remote-mqtt', folder),
  'redis-server': folder => RedisReceiver.open('chaos-redis', folder),
  'nats-server': folder => NatsReceiver.open('chaos-nats', folder)
}

/** `data` is the gateway's; servers get folders below the run's. */
export async function openReceivers (data: string, { folder, note }: Run): Promise<Receiver[]> {
  const receivers: Receiver[] = [...ownReceivers(data), await HttpReceiver.open('chaos-http')]
  for (const [program, open] of Object.entries(SERVERS) as [Program, typeof SERVERS[Program]][]) {
    if (isInstalled(program)) receivers.push(await open(folder))
    else note(`without ${program}, which is not installed: apt-get install ${program}`)
  }
  return receivers
}

/** Those that take no server. */
export function ownReceivers (data: string): Receiver[] {
  return [new FileReceiver('chaos-file', 'improve-products', data), new LocalMqttReceiver('chaos-mqtt', 'improve-products')]
}
