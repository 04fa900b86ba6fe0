/** From a recipient's settings to its sink. */

import { join } from 'node:path'
import type { SinkSettings } from '../model/policy.js'
import type { Sink } from '../outbox/sink.js'
import { openFileSink } from './file/file-sink.js'
import { LocalMqttSink, type LocalSubscribers } from './mqtt/local-mqtt-sink.js'

export interface SinkSurroundings {
  /** Exists already. */
  readonly dataFolder: string
  readonly subscribers: LocalSubscribers
  readonly nowMs: () => number
}

/** Rejects with `file-sink-folder`. */
export async function openSink (recipient: string, settings: SinkSettings, surroundings: SinkSurroundings): Promise<Sink> {
  const { dataFolder, subscribers, nowMs } = surroundings
  switch (settings.type) {
    case 'file': return await openFileSink({ recipients: join(dataFolder, 'recipients'), folder: settings.folder, nowMs })
    case 'mqtt': return new LocalMqttSink(recipient, subscribers)
  }
}
