/** Policies that change under load: the built gateway, real clients, and every way from one policy to the next. */

import t, { type Test } from 'tap'
import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { digestSources } from '../../src/policy/digest.js'
import { SOURCES } from '../fixtures/policy.js'
import { curtilageUnder, disclosed, GatewayProcess, until } from './process.js'

const PASSWORD = 'a password of more than twenty characters'
const RECIPIENTS = ['analytics', 'service'] as const

/** What one policy makes of a number. Two recipients have the same step, so that a mixture of two policies shows. */
interface Rules {
  readonly step: number
  readonly withService?: boolean
  readonly approvals?: number
}

function sourcesOf ({ step, withService = true, approvals = 1 }: Rules): Map<string, string> {
  const sources = new Map(Object.entries(SOURCES))
  const allowed = `  energy.power: { round: ${step} }\n  usage.storage: keep\n`
  sources.set('recipients/analytics.yaml', (SOURCES['recipients/analytics.yaml'] ?? '').replace(/ {2}energy\.power.*\n/, '').replace(/ {2}usage\.storage.*\n/, allowed))
  sources.set('recipients/service.yaml', (SOURCES['recipients/service.yaml'] ?? '').replace('allow:\n', `allow:\n${allowed}`))
  if (!withService) sources.delete('recipients/service.yaml')
  if (approvals > 1) sources.set('gateway.yaml', `${SOURCES['gateway.yaml'] ?? ''}approvals: ${approvals}\n`)
  return sources
}

class World {
  readonly config: string
  readonly data: string
  gateway!: GatewayProcess
  readonly acknowledged = new Set<number>()
  /** By digest. */
  readonly steps = new Map<string, number>()
  #sent = 0
  #load: { stop: boolean, done: Promise<unknown>, clients: MqttClient[] } | undefined

  constructor (folder: string) {
    this.config = join(folder, 'config')
    this.data = join(folder, 'data')
  }

  /** Each file by a rename, as editors do. Returns the digest. */
  write (rules: Rules): string {
    const sources = sourcesOf(rules)
    for (const [file, text] of sources) {
      const path = join(this.config, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(`${path}.tmp`, text)
      renameSync(`${path}.tmp`, path)
    }
    if (!sources.has('recipients/service.yaml')) rmSync(join(this.config, 'recipients', 'service.yaml'), { force: true })
    const digest = digestSources(sources)
    this.steps.set(digest, rules.step)
    return digest
  }

  async cli (...args: string[]): Promise<string> {
    return await curtilageUnder(this.config, this.data, ...args)
  }

  async start (): Promise<void> {
    this.gateway = await GatewayProcess.start(this.data, { config: this.config })
  }

  /** As `curtilage policy` asks, without the time that a command takes to start. */
  async post (path: string, body: object = {}): Promise<Record<string, unknown>> {
    const token = readFileSync(join(this.data, 'ops.token'), 'utf8').trim()
    const answer = await fetch(new URL(`/v1/policies/${path}`, this.gateway.http), { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return await answer.json() as Record<string, unknown>
  }

  async policies (): Promise<{ active: string, waiting?: { digest: string, approvals: { needed: number, given: object[] } }, folder: { state: string, problems: object[] }, policies: { digest: string, state: string, activations: { by: string, why: string }[] }[] }> {
    return JSON.parse(await this.gateway.get('/v1/policies'))
  }

  /** Two devices that send one report after the other, until the gateway is gone or `rest` is called. */
  async load (): Promise<void> {
    const clients = await Promise.all(['D', 'E'].map(async device => await mqtt.connectAsync(this.gateway.mqtt, { username: device, password: PASSWORD, reconnectPeriod: 0 })))
    const load = { stop: false, done: Promise.resolve() as Promise<unknown>, clients }
    load.done = Promise.all(clients.map(async (client, i) => {
      client.on('error', () => {})
      const closed = new Promise<void>(resolve => client.once('close', () => resolve()))
      while (!load.stop && client.connected) {
        const number = ++this.#sent
        const payload = JSON.stringify({ event: 'motion', size: number, power: rawOf(number), readings: [rawOf(number) + 1] })
        const acknowledged = client.publishAsync(`kasa/A/${i === 0 ? 'D' : 'E'}/motion`, payload, { qos: 1 }).then(() => { this.acknowledged.add(number) }, () => {})
        await Promise.race([acknowledged, closed])
      }
    }))
    this.#load = load
  }

  async rest (): Promise<void> {
    if (this.#load === undefined) return
    this.#load.stop = true
    await this.#load.done
    for (const client of this.#load.clients) client.end(true)
    this.#load = undefined
  }

  async flow (): Promise<void> {
    const before = this.acknowledged.size
    await until(() => this.acknowledged.size > before + 50)
  }

  async active (digest: string): Promise<void> {
    await until(async () => (await this.policies()).active === digest)
  }

  async drained (): Promise<void> {
    for (const recipient of RECIPIENTS) await until(async () => await this.gateway.metric('curtilage_outbox_depth', { recipient }) === 0)
  }

  /** Checks every line that ever left; returns the numbers that arrived, by recipient. */
  check (t: Test): Map<string, Set<number>> {
    const policyOf = new Map<number, string>()
    const arrived = new Map<string, Set<number>>()
    const lines = new Map<string, string>()
    for (const recipient of RECIPIENTS) {
      const numbers = new Set<number>()
      arrived.set(recipient, numbers)
      const wrong: string[] = []
      for (const envelope of disclosed(this.data, recipient)) {
        const { policy, data: { size, power, readings } } = envelope
        const [number, step] = [Number(size), this.steps.get(policy)]
        const expected = step === undefined ? undefined : JSON.stringify([down(rawOf(number), step), [down(rawOf(number) + 1, step)]])
        if (JSON.stringify([power, readings]) !== expected) wrong.push(`${number} under ${policy}: ${String(power)}`)
        if ((policyOf.get(number) ?? policy) !== policy) wrong.push(`${number}: two recipients, two policies`)
        policyOf.set(number, policy)
        const line = JSON.stringify(envelope)
        if ((lines.get(envelope.id) ?? line) !== line) wrong.push(`${number}: a second copy that is not equal`)
        lines.set(envelope.id, line)
        numbers.add(number)
      }
      t.strictSame(wrong, [], `${recipient}: every disclosure fits its policy, and no other`)
    }
    return arrived
  }
}

function rawOf (number: number): number {
  return 1000 + (number * 7919) % 9000
}

function down (value: number, step: number): number {
  return Math.floor(value / step) * step
}

async function world (t: Test, rules: Rules): Promise<World> {
  const w = new World(t.testdir())
  w.write(rules)
  await w.cli('account', 'add', 'A', '--regime', 'notice', '--region', 'us')
  for (const device of ['D', 'E']) await w.cli('device', 'add', '--account', 'A', '--device', device, '--password', PASSWORD)
  await w.start()
  t.teardown(async () => {
    await w.rest()
    await w.gateway.end('SIGKILL')
  })
  return w
}

t.test('reload under load: by a file, a signal, the API, a bad file, a wider one, a rollback, a restart -> no report lost, none decided by a mixture of two policies', async t => {
  const w = await world(t, { step: 10 })
  await w.load()
  await w.flow()
  // narrower, by the folder alone
  const twenty = w.write({ step: 20 })
  await w.active(twenty)
  t.match((await w.policies()).policies[0]?.activations, [{ why: 'folder', by: 'gateway' }])
  await w.flow()
  // by a signal, before the second is over
  const forty = w.write({ step: 40 })
  w.gateway.signal('SIGHUP')
  await w.active(forty)
  t.match((await w.policies()).policies[0]?.activations, [{ why: 'folder', by: 'SIGHUP' }])
  await w.flow()
  // over the API
  const eighty = w.write({ step: 80 })
  t.match(await w.post('reload'), { outcome: 'taken', verdict: 'narrower', digest: eighty, settled: true })
  await w.flow()
  // a bad one: nothing changes, and it says why
  writeFileSync(join(w.config, 'recipients', 'use.yaml'), (SOURCES['recipients/use.yaml'] ?? '').replace('purpose: analyze-use', 'purpose: analyse-use'))
  await until(async () => await w.gateway.metric('curtilage_policy_folder_refused') === 1)
  t.match(await w.policies(), { active: eighty, folder: { state: 'refused', problems: [{ file: 'recipients/use.yaml', line: 4, column: 10, nearest: 'analyze-use' }] } })
  t.match(w.gateway.output.join(''), /configuration folder has problems, the policy in force stays/)
  t.match(await w.post('reload'), { outcome: 'refused', problems: [{ message: /did you mean 'analyze-use'/ }] })
  t.match(await w.cli('policy', 'list'), /use\.yaml:4:10 unknown purpose/)
  await w.flow()
  w.write({ step: 80 })
  await until(async () => await w.gateway.metric('curtilage_policy_folder_refused') === 0)
  // wider: waits, and says so
  const five = w.write({ step: 5 })
  await until(async () => await w.gateway.metric('curtilage_policy_waiting') === 1)
  t.match(await w.policies(), { active: eighty, waiting: { digest: five, verdict: 'wider', approvals: { needed: 1, given: [] } } })
  await w.flow()
  t.match(await w.cli('policy', 'approve', five, '--reason', 'finer is fine', '--by', 'ann'), /^in force now/)
  t.equal((await w.policies()).active, five)
  await w.flow()
  // back, to what is narrower; the folder does not come again by itself
  t.match(await w.post('rollback', { reason: 'it was not' }), { outcome: 'taken', verdict: 'narrower', settled: true })
  t.equal((await w.policies()).active, eighty)
  t.match(await w.post('reload'), { outcome: 'set-aside' })
  await w.flow()
  await w.rest()
  await w.drained()
  const arrived = w.check(t)
  for (const recipient of RECIPIENTS) {
    const numbers = arrived.get(recipient) ?? new Set()
    const withheld = await w.gateway.metric('curtilage_withheld_total', { recipient })
    t.equal(withheld, await w.gateway.metric('curtilage_withheld_total', { recipient, reason: 'policy-narrowed' }), 'for no other reason')
    t.equal([...w.acknowledged].filter(number => !numbers.has(number)).length, withheld, `${recipient}: each of ${w.acknowledged.size} arrived, or was withheld on its way by a narrower policy`)
  }
  // each restart finds what was in force
  t.equal(await w.gateway.end(), 0)
  await w.start()
  t.match(await w.policies(), { active: eighty, waiting: undefined, folder: { state: 'set-aside' } })
  const audit = JSON.parse(await w.cli('audit', 'list', '--action', 'policy.take-force', '--json')) as { entries: { subject: string, by: string, reason?: string }[] }
  t.match(audit.entries.map(({ subject, by, reason }) => ({ subject, by, reason })).slice(1), [
    { subject: twenty, by: 'gateway' }, { subject: forty, by: 'SIGHUP' }, { subject: eighty }, { subject: five, by: 'gateway' }, { subject: eighty, reason: 'it was not' }
  ])
})

t.test('recipients come, change and go under load -> what waits for one that goes is withheld and counted, nothing is lost, metrics follow', async t => {
  const w = await world(t, { step: 10 })
  await w.load()
  await w.flow()
  const without = w.write({ step: 10, withService: false })
  await w.active(without)
  await w.flow()
  t.notMatch(await w.gateway.get('/metrics'), /curtilage_outbox_depth\{recipient="service"\}/)
  const again = w.write({ step: 10 })
  await until(async () => (await w.policies()).waiting?.digest === again)
  t.match(await w.post(`${again}/approve`, { reason: 'it is needed' }), { outcome: 'taken' })
  await w.flow()
  // another file sink on the same folder: what may be kept for how long has changed
  const kept = w.write({ step: 10 })
  const path = join(w.config, 'recipients', 'service.yaml')
  const text = (sourcesOf({ step: 10 }).get('recipients/service.yaml') ?? '').replace('folder: service }', 'folder: service, retention: 30d }')
  writeFileSync(`${path}.tmp`, text)
  renameSync(`${path}.tmp`, path)
  const changed = digestSources(sourcesOf({ step: 10 }).set('recipients/service.yaml', text))
  w.steps.set(changed, 10)
  t.match(await w.post('reload'), { outcome: 'taken', verdict: 'same', digest: changed })
  t.not(kept, changed)
  await w.flow()
  await w.rest()
  await w.drained()
  t.match(await w.gateway.get('/metrics'), /curtilage_outbox_depth\{recipient="service"\} 0/)
  const arrived = w.check(t)
  t.strictSame([...w.acknowledged].filter(number => arrived.get('analytics')?.has(number) !== true), [], 'who stays loses nothing')
  const missed = [...w.acknowledged].filter(number => arrived.get('service')?.has(number) !== true)
  t.ok(missed.length > 0, 'it got nothing while it was gone')
  const after = Math.max(...missed)
  t.ok([...w.acknowledged].filter(number => number > after).length > 50, 'and everything since it is there again')
})

t.test('a sink that cannot be opened, and two approvals -> nothing changes; another token is needed', async t => {
  const w = await world(t, { step: 10, approvals: 2 })
  const first = (await w.policies()).active
  await w.load()
  const recipients = join(w.data, 'recipients')
  mkdirSync(recipients, { recursive: true })
  writeFileSync(join(recipients, 'taken'), 'no folder')
  const taken = sourcesOf({ step: 20, approvals: 2 }).set('recipients/use.yaml', (SOURCES['recipients/use.yaml'] ?? '').replace('folder: use', 'folder: taken'))
  for (const [file, text] of taken) writeFileSync(join(w.config, file), text)
  const digest = digestSources(taken)
  await until(async () => (await w.policies()).waiting?.digest === digest)
  t.match(await w.post(`${digest}/approve`, { reason: 'one' }), { outcome: 'waiting', approvals: { needed: 2, given: [{ reason: 'one' }] } })
  t.match(await w.post(`${digest}/approve`, { reason: 'two' }), { code: 'approval-refused', detail: /another one has to/ })
  const token = (JSON.parse(await w.cli('token', 'create', '--role', 'ops', '--json')) as { token: string }).token
  const approve = async (): Promise<Response> => await fetch(new URL(`/v1/policies/${digest}/approve`, w.gateway.http), { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ reason: 'two' }) })
  t.match(await (await approve()).json(), { code: 'file-sink-folder' })
  t.equal((await w.policies()).active, first)
  t.equal(await w.gateway.metric('curtilage_policy_changes_total', { outcome: 'failed' }), 1)
  await w.flow()
  rmSync(join(recipients, 'taken'))
  t.match(await (await approve()).json(), { outcome: 'taken' })
  t.equal((await w.policies()).active, digest)
  w.steps.set(digest, 20)
  await w.flow()
  await w.rest()
  await w.drained()
  w.check(t)
})

t.test('kill -9 in the middle of an activation, again and again -> the one or the other is in force, whole, and what was acknowledged arrives', async t => {
  const w = await world(t, { step: 640 })
  let step = 640
  for (let round = 0; round < 5; round++) {
    await w.load()
    await w.flow()
    const before = (await w.policies()).active
    step /= 2
    const next = w.write({ step })
    await until(async () => (await w.policies()).waiting?.digest === next)
    const approving = w.post(`${next}/approve`, { reason: 'finer' }).catch(() => {})
    for (let turns = randomInt(400); turns > 0; turns--) await new Promise(resolve => setImmediate(resolve))
    await w.gateway.end('SIGKILL')
    await approving
    await w.rest()
    await w.start()
    const { active, waiting, policies } = await w.policies()
    t.ok(active === next || (active === before && waiting?.digest === next), 'in force, or it waits')
    t.equal(policies.find(({ digest }) => digest === active)?.state, 'active')
    if (active === before) await w.post(`${next}/approve`, { reason: 'finer' })
    t.equal((await w.policies()).active, next)
  }
  await w.drained()
  const arrived = w.check(t)
  // each policy was wider than the one before: none withholds what another decided
  for (const recipient of RECIPIENTS) t.strictSame([...w.acknowledged].filter(number => arrived.get(recipient)?.has(number) !== true), [], `${recipient}: none of ${w.acknowledged.size} is lost`)
})
