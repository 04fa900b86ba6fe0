/** One recipient for each way out. */

import { FileReceiver } from './file-receiver.js'
import { LocalMqttReceiver } from './local-mqtt-receiver.js'
import type { Receiver } from './receiver.js'

export async function openReceivers (data: string): Promise<Receiver[]> {
  return [new FileReceiver('chaos-file', 'improve-products', data), new LocalMqttReceiver('chaos-mqtt', 'improve-products')]
}
