/** Who relays the same reports in the same run: the gateway, brokers that filter nothing, and the ways in which people filter with those. */

import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayProcess } from '../figures/gateway-process.js'
import { PASSWORD, registerHomes } from '../figures/register-homes.js'
import type { Login } from './frames.js'
import type { Reporter } from './homes.js'

/** The core of whoever is measured; the load has the other. */
export const SERVER_CORE = '0'
const HERE = join('dist', 'bench', 'relay', 'peers')
const RECIPIENT = 'product-analytics'

export interface Peer {
  readonly name: string
  /** Why it cannot run here, where it cannot. */
  readonly missing?: string
  start (folder: string, reporters: readonly Reporter[], qos: 0 | 1): Promise<RunningPeer>
}

export interface RunningPeer {
  readonly port: number
  readonly pids: readonly number[]
  readonly subscribers: readonly (Login & { readonly topic: string })[]
  end (): Promise<void>
}

const ANYBODY: Login = { clientId: 'subscriber', userName: 'subscriber', password: PASSWORD }
const NO_MOSQUITTO = spawnSync('mosquitto', ['-h']).error === undefined ? {} : { missing: 'mosquitto is not installed: apt-get install mosquitto' }

export const GATEWAY: Peer = { name: 'Curtilage', start: async (folder, reporters) => await startGateway(folder, reporters) }
export const TEN_RECIPIENTS: Peer = { name: 'Curtilage, ten recipients', start: async (folder, reporters) => await startGateway(folder, reporters, 10) }
export const PLAIN: Peer = { name: 'plain aedes', start: async () => await startAedes('plain') }
export const FDATASYNC: Peer = { name: 'aedes, one fdatasync for each batch of reports', start: async folder => await startAedes('fdatasync', join(folder, 'log')) }
export const RAW: Peer = { name: "Node's sockets alone (the load's own limit)", start: startRaw }
export const MOSQUITTO: Peer = { name: 'mosquitto, unfiltered', ...NO_MOSQUITTO, start: startMosquitto }
export const PEERS: readonly Peer[] = [
  GATEWAY,
  MOSQUITTO,
  { name: 'aedes, naive filter in its hook', start: async () => await startAedes('naive-hook') },
  { name: 'aedes with a filter beside it', start: async (_folder, _reporters, qos) => await withSidecar(await startAedes('plain'), qos) },
  { name: 'mosquitto with a filter beside it', ...NO_MOSQUITTO, start: async (folder, _reporters, qos) => await withSidecar(await startMosquitto(folder), qos) },
  RAW
]

async function startAedes (variant: string, ...args: readonly string[]): Promise<RunningPeer> {
  return await forked(join(HERE, 'aedes-main.js'), [variant, ...args])
}

async function startRaw (): Promise<RunningPeer> {
  return await forked(join(HERE, 'raw-main.js'), [])
}

async function forked (module: string, args: readonly string[]): Promise<RunningPeer> {
  const child = pinnedFork(module, args)
  const [port] = await once(child, 'message') as [number]
  return { port, pids: [child.pid!], subscribers: [{ ...ANYBODY, topic: 'kasa/#' }], end: async () => await ended(child) }
}

function pinnedFork (module: string, args: readonly string[]): ChildProcess {
  const child = fork(module, args)
  pin(child.pid!)
  return child
}

/** taskset(1), all threads. */
function pin (pid: number): void {
  spawnSync('taskset', ['-a', '-c', '-p', SERVER_CORE, String(pid)])
}

async function withSidecar (broker: RunningPeer, qos: 0 | 1): Promise<RunningPeer> {
  const child = pinnedFork(join(HERE, 'sidecar-main.js'), [`mqtt://127.0.0.1:${broker.port}`, String(qos)])
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
  const port = await freePort()
  const file = join(folder, 'mosquitto.conf')
  writeFileSync(file, [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', 'log_type none', 'max_inflight_messages 1000', 'max_queued_messages 100000', ''].join('\n'))
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore' })
  pin(child.pid!)
  await listening(port)
  return { port, pids: [child.pid!], subscribers: [{ ...ANYBODY, topic: 'kasa/#' }], end: async () => await ended(child) }
}

/** The shipped configuration, with recipients alone that get what `product-analytics` gets, over MQTT from this broker. */
async function startGateway (folder: string, reporters: readonly Reporter[], recipients = 1): Promise<RunningPeer> {
  const config = join(folder, 'config')
  cpSync('config', config, { recursive: true, filter: path => !/config\/(recipients|tests)\/./.test(path) })
  mkdirSync(join(config, 'recipients'), { recursive: true })
  const yaml = readFileSync(join('config', 'recipients', `${RECIPIENT}.yaml`), 'utf8').replace(/^sink:.*$/m, 'sink: { type: mqtt }')
  const names = Array.from({ length: recipients }, (_, i) => i === 0 ? RECIPIENT : `${RECIPIENT}-${i}`)
  for (const name of names) writeFileSync(join(config, 'recipients', `${name}.yaml`), yaml.replace(/^recipient:.*$/m, `recipient: ${name}`))
  const profiles = process.env['BENCH_PROFILES']
  const gateway = await GatewayProcess.start({ config, data: join(folder, 'data'), ...(profiles !== undefined && { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${profiles}`] }) })
  pin(gateway.pid)
  await registerHomes(gateway.api, reporters.map(({ account, device }) => ({ account, devices: [device] })))
  const tokens = await Promise.all(names.map(async name => await gateway.api.call<{ userName: string, token: string }>('POST', `/v1/recipients/${name}/token`)))
  return {
    port: Number(gateway.mqtt.port),
    pids: [gateway.pid],
    subscribers: tokens.map(({ userName, token }, i) => ({ clientId: 'subscriber', userName, password: token, topic: `disclosures/${names[i]}/#` })),
    end: async () => { await gateway.end() }
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listening (port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>(resolve => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)))
    socket.destroy()
    if (isOpen) return
    await sleep(50)
  }
  throw new Error('mosquitto did not start')
}

async function ended (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
