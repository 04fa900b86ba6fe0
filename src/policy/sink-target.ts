/** Who is at the end of a sink. A sink with a new target is a new recipient. */

import type { SinkSettings } from '../model/sink-settings.js'

/**
 * Everything that decides who receives: the place, as whom it is entered, and whose word is taken for the server being
 * itself. How fast, how much and how long does not.
 */
export function spellTarget (sink: SinkSettings): string {
  switch (sink.type) {
    case 'file': return `file ${sink.folder}`
    case 'mqtt': return 'mqtt'
    case 'http': return spell(['http', sink.url, ...named('token', sink.tokenFile), ...named('ca', sink.caFile)])
    case 'remote-mqtt': return spell(['mqtt', sink.url, ...named('as', sink.userName), ...named('ca', sink.caFile)])
    case 'redis': return spell(['redis', sink.url, sink.stream, ...named('as', sink.userName), ...named('ca', sink.caFile)])
    case 'nats': return spell(['nats', sink.url, sink.stream, ...named('as', sink.userName), ...named('token', sink.tokenFile), ...named('ca', sink.caFile)])
  }
}

function named (label: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${label} ${JSON.stringify(value)}`]
}

function spell (parts: readonly string[]): string {
  return parts.join(' ')
}
