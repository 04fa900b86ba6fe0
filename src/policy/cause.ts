/** The setting behind a change, on either side: `file:line` of what somebody would edit. */

import type { CompiledPolicy, CompiledRecipient } from '../model/policy.js'
import type { Configuration } from './compile.js'
import type { Change } from './order.js'
import { parseSource } from './parse-source.js'
import type { Source } from './source.js'

const GATEWAY = 'gateway.yaml'
const NOTICE = 'notice.yaml'
const CONSENT = 'consent.yaml'

/** A file, and paths in it, the best first. */
type Place = readonly [file: string, ...paths: readonly (readonly string[])[]]

/** Finds places in one configuration; each file is read once. */
export class Causes {
  private readonly policy: CompiledPolicy
  private readonly texts: ReadonlyMap<string, string>
  private readonly sources = new Map<string, Source | undefined>()

  constructor ({ policy, sources }: Pick<Configuration, 'policy' | 'sources'>) {
    this.policy = policy
    this.texts = sources
  }

  /** `known`: what the comparison found by itself, a line of a rule or a field. */
  of (change: Change, known: string | undefined): string | undefined {
    const place = placeOf(change, this.policy, known)
    if (place === undefined) return known
    const [file, ...paths] = place
    const source = this.source(file)
    const path = paths.find(path => source?.has(path) === true) ?? paths.at(-1)
    return source === undefined || path === undefined ? known : source.placeOf(path)
  }

  private source (file: string): Source | undefined {
    if (!this.sources.has(file)) this.sources.set(file, parseSource(file, this.texts.get(file) ?? '', [])?.source)
    return this.sources.get(file)
  }
}

function placeOf (change: Change, policy: CompiledPolicy, known: string | undefined): Place | undefined {
  const { aspect } = change
  const [first = '', ...rest] = aspect.split(' ')
  const recipient = policy.recipients.find(({ name }) => name === change.recipient)
  switch (aspect) {
    case 'notice': return [NOTICE, ['notice', 'version'], ['notice']]
    case 'default region': return [CONSENT, ['defaultRegion']]
    case 'life of grants': return [CONSENT, ['expiry', 'grants'], ['regimes']]
    case 'longest report': return [GATEWAY, ['limits', 'maxReportBytes'], ['limits'], ['listeners']]
    case 'type':
    case 'no free text': return change.category === undefined ? undefined : [NOTICE, ['categories', change.category]]
    case 'topic': return known === undefined ? undefined : [fileOf(known), ['topic']]
  }
  if (recipient === undefined) return undefined
  if (first === 'transfer') return [CONSENT, ['transfers', rest.at(-1) ?? ''], ['transfers']]
  if (first === 'regime') return regimePlace(rest.join(' '), recipient, policy)
  return aspect === 'report' ? reportPlace(change, recipient) : recipientPlace(aspect, recipient)
}

function recipientPlace (aspect: string, recipient: CompiledRecipient): Place | undefined {
  const file = fileOf(recipient.rule)
  const { purpose, kind } = recipient
  switch (aspect) {
    case 'consent asked': return [file, ['purpose']]
    case 'purpose':
    case 'kind':
    case 'region':
    case 'sink': return [file, [aspect]]
    case 'release': return [file, ['release'], ['recipient']]
    case 'switched on': return [file, ['enabled'], ['recipient']]
    case 'origin': return [file, ['excludeOrigins'], ['reports']]
    case 'access': return [NOTICE, ['recipientKinds', kind.name, 'access']]
    case 'purpose required': return [NOTICE, ['purposes', purpose.name, 'required'], ['purposes', purpose.name]]
    case 'opt-out signal ignored': return [NOTICE, ['purposes', purpose.name, 'signal'], ['purposes', purpose.name]]
    case 'notice demanded': return [NOTICE, ['purposes', purpose.name, 'notice'], ['purposes', purpose.name]]
    default: return undefined
  }
}

function reportPlace ({ report }: Change, { rule, reports }: CompiledRecipient): Place {
  const index = [...reports].indexOf(report ?? '')
  return [fileOf(rule), ...(index === -1 ? [] : [['reports', String(index)]]), ['reports']]
}

/** What of a regime speaks about this recipient. */
function regimePlace (name: string, { kind, purpose }: CompiledRecipient, { regimes }: CompiledPolicy): Place {
  const denies = regimes.get(name)?.deniedKinds.has(kind.name) === true
  const path = ['regimes', name]
  return [CONSENT, ...(denies ? [[...path, 'denyKinds']] : []), [...path, 'purposes', purpose.name], [...path, 'otherwise'], ['regimes']]
}

/** Of `file:line`. */
export function fileOf (rule: string): string {
  return rule.slice(0, rule.lastIndexOf(':'))
}
