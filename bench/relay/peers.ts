/** Who relays the same reports in the same run: the gateway, brokers that filter nothing, and the ways in which people filter with those. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ended, isInstalled, ServerProcess } from '../figures/server-process.js'
import { startGateway } from './gateway-peer.js'
import { NO_NODE_RED, withNodeRed } from './node-red-peer.js'
import { ANYBODY, pin, type Peer, type RunningPeer } from './peer.js'

const HERE = join('dist', 'bench', 'relay', 'peers')
const NO_MOSQUITTO = isInstalled('mosquitto') ? {} : { missing: 'mosquitto is not installed: apt-get install mosquitto' }

export const GATEWAY: Peer = { name: 'Curtilage', start: async (folder, reporters) => await startGateway(folder, reporters) }
export const TEN_RECIPIENTS: Peer = { name: 'Curtilage, ten recipients', start: async (folder, reporters) => await startGateway(folder, reporters, 10) }
export const PLAIN: Peer = { name: 'plain aedes', start: async () => await startAedes('plain') }
export const FDATASYNC: Peer = { name: 'aedes, one fdatasync for each batch of reports', start: async folder => await startFdatasync(join(folder, 'log')) }
export const RAW: Peer = { name: "Node's sockets alone", start: async () => await forked('raw-main.js', []) }
/** Takes all and relays nothing: the load against it is as fast as the load gets. */
export const SINK: Peer = { name: 'a sink-hole', start: async () => await forked('raw-main.js', ['sink']) }
export const MOSQUITTO: Peer = { name: 'mosquitto, unfiltered', ...NO_MOSQUITTO, start: startMosquitto }
export const PEERS: readonly Peer[] = [
  GATEWAY,
  MOSQUITTO,
  { name: 'aedes, naive filter in its hook', start: async () => await startAedes('naive-hook') },
  { name: 'aedes with a filter beside it', start: async (_folder, _reporters, qos) => await withSidecar(await startAedes('plain'), qos) },
  { name: 'mosquitto with a filter beside it', ...NO_MOSQUITTO, start: async (folder, _reporters, qos) => await withSidecar(await startMosquitto(folder), qos) },
  { name: 'Node-RED beside mosquitto', ...NO_MOSQUITTO, ...NO_NODE_RED, start: async (folder, _reporters, qos) => await withNodeRed(await startMosquitto(folder), folder, qos) },
  RAW
]

async function startFdatasync (file: string): Promise<RunningPeer> {
  return { ...await startAedes('fdatasync', file), keptBytes: () => existsSync(file) ? statSync(file).size : 0 }
}

async function startAedes (variant: string, ...args: readonly string[]): Promise<RunningPeer> {
  return await forked('aedes-main.js', [variant, ...args])
}

async function forked (module: string, args: readonly string[]): Promise<RunningPeer> {
  const child = pinnedFork(module, args)
  const [port] = await once(child, 'message') as [number]
  return { port, pids: [child.pid!], subscribers: [{ ...ANYBODY, topic: 'kasa/#' }], end: async () => await ended(child) }
}

function pinnedFork (module: string, args: readonly string[]): ChildProcess {
  const child = fork(join(HERE, module), args)
  pin(child.pid!)
  return child
}

async function withSidecar (broker: RunningPeer, qos: 0 | 1): Promise<RunningPeer> {
  const child = pinnedFork('sidecar-main.js', [`mqtt://127.0.0.1:${broker.port}`, String(qos)])
  await once(child, 'message')
  return {
    port: broker.port,
    pids: [...broker.pids, child.pid!],
    subscribers: [{ ...ANYBODY, topic: 'clean/#' }],
    end: async () => {
      await ended(child)
      await broker.end()
    }
  }
}

async function startMosquitto (folder: string): Promise<RunningPeer> {
  const file = join(folder, 'mosquitto.conf')
  const server = await ServerProcess.start('mosquitto', port => {
    writeFileSync(file, [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', 'log_type none', 'max_inflight_messages 1000', 'max_queued_messages 100000', ''].join('\n'))
    return ['-c', file]
  })
  pin(server.pid)
  return { port: server.port, pids: [server.pid], subscribers: [{ ...ANYBODY, topic: 'kasa/#' }], end: async () => await server.end() }
}
