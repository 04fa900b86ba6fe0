/** What a connection costs in memory while it says nothing: the gateway's against plain aedes's. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PASSWORD, registerHomes, type Home } from '../figures/register-homes.js'
import { Crowd } from '../soak/crowd.js'
import type { Member } from '../soak/crowd-member.js'
import { PROBE, settledMemory, startWatched } from '../soak/watched-gateway.js'

const PER_HOME = 20
/** Connect first and go again, so that what is made once is not counted. */
const WARM_UP = 200
const LOOKS = 5

export interface IdleFigure {
  readonly peer: string
  readonly connections: number
  readonly residentKib: number
  readonly heapKib: number
  /** Resident, against plain aedes. */
  readonly ratio: number
}

type Asked = Parameters<typeof settledMemory>[0]

export async function benchIdle (connections: number, say: (text: string) => void): Promise<IdleFigure[]> {
  const homes = Array.from({ length: connections / PER_HOME }, (_, i) => ({ account: `home-${i}`, devices: Array.from({ length: PER_HOME }, (_, j) => `device-${i * PER_HOME + j}`) }))
  const plain = await ofPlain(connections, homes)
  say(`plain aedes: ${plain.residentKib.toFixed(1)} KiB a connection`)
  const own = await ofGateway(connections, homes)
  say(`Curtilage: ${own.residentKib.toFixed(1)} KiB a connection`)
  return [plain, own].map(figure => ({ ...figure, connections, ratio: figure.residentKib / plain.residentKib }))
}

async function ofPlain (connections: number, homes: readonly Home[]) {
  const child = fork(join('dist', 'bench', 'soak', 'plain-broker-main.js'), { execArgv: ['--expose-gc', `--import=${PROBE}`] })
  try {
    const [port] = await once(child, 'message') as [number]
    return { peer: 'plain aedes', ...await cost(asking(child), connections, membersOf(homes, '127.0.0.1', port)) }
  } finally {
    child.kill('SIGKILL')
  }
}

async function ofGateway (connections: number, homes: readonly Home[]) {
  const folder = mkdtempSync(join(tmpdir(), 'curtilage-idle-'))
  const gateway = await startWatched(folder)
  try {
    await registerHomes(gateway.api, homes)
    return { peer: 'Curtilage', ...await cost(gateway, connections, membersOf(homes, gateway.mqtt.hostname, Number(gateway.mqtt.port))) }
  } finally {
    await gateway.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function cost (server: Asked, connections: number, members: readonly Member[]) {
  const first = new Crowd()
  await first.order({ order: 'gather', members: members.slice(0, WARM_UP) })
  await first.order({ order: 'join', reports: false, atOnce: 100 })
  await first.end()
  const before = await settledMemory(server, LOOKS)
  const crowd = new Crowd()
  try {
    await crowd.order({ order: 'gather', members })
    const { connected } = await crowd.order({ order: 'join', reports: false, atOnce: 100 })
    if (connected !== connections) throw new Error(`${connected} of ${connections} connected`)
    const idle = await settledMemory(server, LOOKS)
    return { residentKib: (idle.rssBytes - before.rssBytes) / connections / 1024, heapKib: (idle.heapBytes - before.heapBytes) / connections / 1024 }
  } finally {
    await crowd.end()
  }
}

function membersOf (homes: readonly Home[], host: string, port: number): Member[] {
  return homes.flatMap(({ account, devices }) => devices.map(device => ({ host, port, device, password: PASSWORD, topic: `kasa/${account}/${device}/energy-realtime` })))
}

function asking (child: ChildProcess): Asked {
  return {
    ask: async <T>(question: string) => {
      const answer = once(child, 'message')
      child.send(question)
      return (await answer)[0] as T
    }
  }
}
