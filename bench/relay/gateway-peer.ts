/**
 * The gateway as a peer: the shipped configuration, with recipients alone that get what `product-analytics` gets, over MQTT
 * from its own broker.
 *
 * `BENCH_PROFILES=FOLDER` in the environment has it write a CPU profile there; then it is not killed, since whoever is killed
 * writes none.
 */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayProcess } from '../figures/gateway-process.js'
import { registerHomes } from '../figures/register-homes.js'
import type { Reporter } from './homes.js'
import { pin, type RunningPeer, type Subscriber } from './peer.js'

const RECIPIENT = 'product-analytics'
const PROFILES = process.env['BENCH_PROFILES']

export async function startGateway (folder: string, reporters: readonly Reporter[], recipients = 1): Promise<RunningPeer> {
  const names = Array.from({ length: recipients }, (_, i) => i === 0 ? RECIPIENT : `${RECIPIENT}-${i}`)
  const place = { config: writeRules(folder, names), data: join(folder, 'data') }
  const gateway = await started(place)
  await registerHomes(gateway.api, reporters.map(({ account, device }) => ({ account, devices: [device] })))
  const tokens = await Promise.all(names.map(async name => await gateway.api.call<{ userName: string, token: string }>('POST', `/v1/recipients/${name}/token`)))
  return running(gateway, place, tokens.map(({ userName, token }, i) => ({ clientId: 'subscriber', userName, password: token, topic: `disclosures/${names[i]}/#` })))
}

async function started (place: { readonly config: string, readonly data: string }): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start({ ...place, ...(PROFILES !== undefined && { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] }) })
  pin(gateway.pid)
  return gateway
}

function running (gateway: GatewayProcess, place: { readonly config: string, readonly data: string }, subscribers: readonly Subscriber[]): RunningPeer {
  return {
    port: Number(gateway.mqtt.port),
    pids: [gateway.pid],
    subscribers,
    withheld: async () => await gateway.api.metric('curtilage_withheld_total'),
    ...PROFILES === undefined && {
      again: async () => {
        await gateway.end('SIGKILL')
        return running(await started(place), place, subscribers)
      }
    },
    end: async () => { await gateway.end() }
  }
}

function writeRules (folder: string, names: readonly string[]): string {
  const config = join(folder, 'config')
  cpSync('config', config, { recursive: true, filter: path => !/config\/(recipients|tests)\/./.test(path) })
  mkdirSync(join(config, 'recipients'), { recursive: true })
  const yaml = readFileSync(join('config', 'recipients', `${RECIPIENT}.yaml`), 'utf8').replace(/^sink:.*$/m, 'sink: { type: mqtt }')
  for (const name of names) writeFileSync(join(config, 'recipients', `${name}.yaml`), yaml.replace(/^recipient:.*$/m, `recipient: ${name}`))
  return config
}
