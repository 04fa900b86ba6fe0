/** From a recipient's settings to its sink. Clients of remote servers are loaded by those that have one. */

import { join } from 'node:path'
import type { RemotePlace, SinkSettings } from '../model/sink-settings.js'
import type { Sink } from '../outbox/sink.js'
import type { FolderTurns } from './file/folder-turns.js'
import { openFileSink } from './file/file-sink.js'
import { LocalMqttSink, type LocalSubscribers } from './mqtt/local-mqtt-sink.js'
import { LinkSink, type LinkSinkSettings } from './remote/link-sink.js'
import { Troubles } from './remote/trouble.js'

const MAX_BATCH = 256
/** What a connection that breaks makes the recipient see twice is at most a batch. */
const MAX_MQTT_BATCH = 64

export interface SinkSurroundings {
  /** Exists already. */
  readonly dataFolder: string
  readonly subscribers: LocalSubscribers
  readonly nowMs: () => number
  /** Told of days of delivery that were removed in their time; undefined: they could not be. */
  readonly onRetention?: (recipient: string, removed: number | undefined) => void
  /** Told of each file that a crash had left with an unfinished line. */
  readonly onTornTail?: () => void
  /** Shared with whoever takes lines out of files. */
  readonly turns?: FolderTurns
}

/** Rejects with `file-sink-folder`. A remote server is not asked before the first delivery. */
export async function openSink (recipient: string, settings: SinkSettings, surroundings: SinkSurroundings): Promise<Sink> {
  const { dataFolder, subscribers, nowMs, turns, onTornTail, onRetention = () => {} } = surroundings
  switch (settings.type) {
    case 'file': return await openFileSink({ ...settings, recipients: join(dataFolder, 'recipients'), nowMs, onRetention: removed => onRetention(recipient, removed), ...(turns !== undefined && { turns }), ...(onTornTail !== undefined && { onTornTail }) })
    case 'mqtt': return new LocalMqttSink(recipient, subscribers)
    case 'http': {
      const { openHttpLink, explainHttp } = await import('./http/http-link.js')
      return remote('http', settings.maxBatch, recipient, settings, troubles => ({ open: async () => await openHttpLink(settings, troubles, nowMs), explain: explainHttp(troubles) }))
    }
    case 'remote-mqtt': {
      const { openRemoteMqttLink, explainMqtt } = await import('./mqtt/remote-mqtt-link.js')
      return remote('mqtt', MAX_MQTT_BATCH, recipient, settings, troubles => ({ open: async signal => await openRemoteMqttLink(settings, recipient, troubles, signal), explain: explainMqtt(troubles) }))
    }
    case 'redis': {
      const { openRedisLink, explainRedis } = await import('./redis/redis-link.js')
      return remote('redis', MAX_BATCH, recipient, settings, troubles => ({ open: async signal => await openRedisLink(settings, recipient, troubles, signal), explain: explainRedis(troubles) }))
    }
    case 'nats': {
      const { openNatsLink, explainNats } = await import('./nats/nats-link.js')
      return remote('nats', MAX_BATCH, recipient, settings, troubles => ({ open: async signal => await openNatsLink(settings, recipient, troubles, signal), explain: explainNats(troubles, settings.stream) }))
    }
  }
}

function remote (protocol: string, maxBatch: number, recipient: string, { timeoutMs }: RemotePlace, client: (troubles: Troubles) => Pick<LinkSinkSettings, 'open' | 'explain'>): LinkSink {
  const troubles = new Troubles(protocol, recipient)
  return new LinkSink({ maxBatch, timeoutMs, troubles, ...client(troubles) })
}
