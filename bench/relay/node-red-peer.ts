/**
 * Node-RED as a filter beside a broker: a flow of three nodes, with the naive filter in its function node.
 *
 * It is not among the packages of this project; where somebody has installed it for the whole machine, it takes part.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ServerProcess } from '../figures/server-process.js'
import { until } from '../figures/until.js'
import { ringOf } from './frames.js'
import { Receiver, Sender } from './load.js'
import { ANYBODY, pin, type RunningPeer } from './peer.js'
import { DROPPED, IP, MAC, naiveFilter } from './peers/naive-filter.js'

const MAIN = join(spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout?.trim() ?? '', 'node-red', 'red.js')

export const NO_NODE_RED = existsSync(MAIN) ? {} : { missing: 'Node-RED is not installed: npm install -g node-red' }

/** Beside the broker, which it ends with itself. */
export async function withNodeRed (broker: RunningPeer, folder: string, qos: 0 | 1): Promise<RunningPeer> {
  const home = join(folder, 'node-red')
  mkdirSync(home)
  writeFileSync(join(home, 'settings.js'), `module.exports = ${JSON.stringify({ flowFile: 'flows.json', uiHost: '127.0.0.1', disableEditor: true, logging: { console: { level: 'off' } } })}\n`)
  writeFileSync(join(home, 'flows.json'), JSON.stringify(flowOf(broker.port, qos)))
  const server = await ServerProcess.start(process.execPath, port => [MAIN, '--userDir', home, '--port', String(port)])
  pin(server.pid)
  await relays(broker.port)
  return {
    port: broker.port,
    pids: [...broker.pids, server.pid],
    subscribers: [{ ...ANYBODY, topic: 'clean/#' }],
    end: async () => {
      await server.end()
      await broker.end()
    }
  }
}

function flowOf (port: number, qos: 0 | 1): object[] {
  const source = [
    `const DROPPED = new Set(${JSON.stringify([...DROPPED])})`,
    `const MAC = ${String(MAC)}`,
    `const IP = ${String(IP)}`,
    String(naiveFilter),
    "return { topic: 'clean/' + msg.topic, payload: naiveFilter(msg.payload) }"
  ].join('\n')
  return [
    { id: 'flow', type: 'tab', label: 'filter' },
    { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(port), clientid: 'node-red', autoConnect: true, protocolVersion: '4', keepalive: '60', cleansession: true },
    { id: 'in', type: 'mqtt in', z: 'flow', topic: 'kasa/#', qos: String(qos), datatype: 'buffer', broker: 'broker', wires: [['filter']] },
    { id: 'filter', type: 'function', z: 'flow', func: source, outputs: 1, wires: [['out']] },
    { id: 'out', type: 'mqtt out', z: 'flow', topic: '', qos: String(qos), retain: 'false', broker: 'broker', wires: [] }
  ]
}

/** Resolves when a first report comes out. */
async function relays (port: number): Promise<void> {
  const receiver = await Receiver.open(port, { ...ANYBODY, clientId: 'first-out' }, 'clean/#', 0)
  const sender = await Sender.open(port, { ...ANYBODY, clientId: 'first-in' }, ringOf('kasa/first', [Buffer.from('{}')], 0))
  try {
    await until('Node-RED relays', () => {
      sender.send(1)
      return receiver.received > 0
    })
  } finally {
    receiver.close()
    sender.close()
  }
}
