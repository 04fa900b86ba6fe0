/**
 * Writes a case from a report and from what becomes of it today, for a person to review.
 *
 * The payload stands in the case as it is: it becomes part of the configuration, which the gateway keeps with every policy.
 * So a report that holds addresses is refused, but for those that are set aside for documents (RFC 5737, RFC 3849, RFC 7042).
 */

import { stringify } from 'yaml'
import { classify } from '../classify/classify.js'
import { decode } from '../classify/decode.js'
import { rawScalars } from '../classify/walk.js'
import { addressesIn, type Found } from '../guard/finder.js'
import type { Json } from '../model/json.js'
import type { CompiledReport } from '../model/policy.js'
import { parseMac } from '../parse-mac.js'
import { ANY_PSEUDONYM } from '../policy/cases.js'
import { compileSources, type Configuration } from '../policy/compile.js'
import { UsageError } from './failure.js'
import { isPseudonym } from '../try/meets.js'
import { outcomesOf, runCase, takeCase } from '../try/run-cases.js'

/** What is known of the account. */
export interface AccountState {
  readonly regime: string
  readonly region?: string
  readonly minor?: true
  readonly optOutSignal?: true
  readonly consents: readonly { readonly purpose: string, readonly state: 'granted' | 'denied' | 'withdrawn', readonly recipient?: string }[]
}

export interface CaseToInit {
  readonly payload: Uint8Array
  readonly topic: string
  readonly account: AccountState
  readonly name: string | undefined
  readonly withAddresses: boolean
}

const HEAD = '# yaml-language-server: $schema=../schema/cases.schema.json\n'
const FILE = 'tests/initialized.yaml'
const DOCUMENTED = [/^192\.0\.2\./, /^198\.51\.100\./, /^203\.0\.113\./, /^2001:db8:/, /^00005e0053/, /^02005eef100000/]

/** The text of a file for `tests/`. @throws UsageError */
export function initCase (asked: CaseToInit, configuration: Configuration): string {
  const { policy, gateway, sources } = configuration
  const [, , device = ''] = asked.topic.split('/')
  const type = typeOf(asked.topic, configuration)
  const decoded = decode(asked.payload, gateway.limits.maxReportBytes)
  if (!decoded.ok) throw new UsageError(`the report cannot be read: ${decoded.reason}`)
  if (!asked.withAddresses) refuseAddresses(decoded.json, type)
  const { consents, ...facts } = asked.account
  const written = {
    name: asked.name ?? nameFor(asked.account, type.name),
    account: { ...facts, ...(consents.length > 0 && { consents }) },
    report: type.name,
    device,
    payload: decoded.json,
    expect: {}
  }
  const textWith = (expect: object): string => `${HEAD}# What policy ${policy.digest.slice(0, 12)} makes of it today: read it before you rely on it.\n${stringify({ cases: [{ ...written, expect }] }, { lineWidth: 0 })}`
  const compiled = caseIn(textWith({}), sources)
  const outcomes = outcomesOf(takeCase(compiled, configuration))
  const names = policy.recipients.filter(({ reports }) => reports.has(type.name)).map(({ name }) => name)
  if (names.length === 0) throw new UsageError(`no recipient lists ${type.name}: there is nothing to expect`)
  const text = textWith(Object.fromEntries(names.map(name => [name, withoutPseudonyms(outcomes.get(name) ?? null)])))
  const result = runCase(caseIn(text, sources), configuration)
  if (!result.ok) throw new TypeError('a case that was just written does not turn out')
  return text
}

function typeOf (topic: string, { policy }: Configuration): CompiledReport {
  const [prefix, account, device, ...tail] = topic.split('/')
  const type = policy.reportsByTopic.get(tail.join('/'))
  if (prefix !== 'kasa' || account === undefined || device === undefined || type === undefined) throw new UsageError('the topic is that of no report type: write kasa/{account}/{device}/{report}, such as kasa/home-1/plug-1/motion')
  return type
}

/** The one case of a text that stands among the sources. */
function caseIn (text: string, sources: Configuration['sources']): Configuration['cases'][number] {
  const compiled = compileSources(new Map([...sources, [FILE, text]]))
  const own = 'problems' in compiled ? undefined : compiled.cases.find(({ rule }) => rule.startsWith(`${FILE}:`))
  if (own !== undefined) return own
  const problems = 'problems' in compiled ? compiled.problems.filter(({ file }) => file === FILE) : []
  throw new UsageError(problems.map(({ message }) => message).join('; ') || 'the case is none')
}

function refuseAddresses (json: Json, type: CompiledReport): void {
  const { root } = classify(json, type, { account: '', device: '', receivedMs: 0 })
  const real = [...rawScalars(root)].flatMap(({ text, closed }) => [...addressesIn(text), ...closed ? meant(text) : []]).filter(({ canonical }) => !DOCUMENTED.some(form => form.test(canonical)))
  if (real.length === 0) return
  const count = new Set(real.map(({ canonical }) => canonical)).size
  throw new UsageError(`the report holds ${count} ${count === 1 ? 'address' : 'addresses'}, and the case would carry ${count === 1 ? 'it' : 'them'} into the configuration: write addresses for documents instead, such as 00:00:5E:00:53:01 and 192.0.2.1, or say --with-addresses where they are made up`)
}

function meant (text: string): Found[] {
  const canonical = parseMac(text)
  return canonical === undefined ? [] : [{ kind: 'mac', canonical }]
}

function withoutPseudonyms (json: Json): Json {
  if (typeof json === 'string') return isPseudonym(json) ? ANY_PSEUDONYM : json
  if (Array.isArray(json)) return json.map(withoutPseudonyms)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [isPseudonym(key) ? ANY_PSEUDONYM : key, withoutPseudonyms(value)]))
}

function nameFor ({ regime, region, minor, optOutSignal, consents }: AccountState, report: string): string {
  const facts = [regime, ...region === undefined ? [] : [`in ${region}`], ...minor ? ['a minor\'s'] : [], ...optOutSignal ? ['signal on'] : []]
  const said = consents.map(({ purpose, state, recipient }) => `${state} ${purpose}${recipient === undefined ? '' : ` to ${recipient}`}`)
  return `${report} of a home, ${facts.join(', ')}: ${said.length === 0 ? 'said nothing' : said.join(', ')}`
}
