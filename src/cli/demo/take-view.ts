/** From the running demo to what it shows. */

import type { CompiledRecipient } from '../../model/policy.js'
import type { WithheldReason } from '../../model/reasons.js'
import { PARTS, type Resident } from './cast.js'
import type { Play } from './play.js'
import type { CameIn, CellView, DemoView, RecipientView, ResidentView } from './view.js'

/** For how long one disclosure is shown. */
const LATEST_MS = 4_000

export function takeView (play: Play): DemoView {
  const { core } = play.running.gateway
  const elapsedMs = core.now() - play.startedMs
  const latest = play.latest(Math.floor(elapsedMs / LATEST_MS))
  return {
    elapsedMs,
    gatewayUrl: play.running.mqttUrl,
    filesFolder: `${core.dataFolder}/recipients`,
    homes: play.residents.length,
    devices: { all: play.neighborhood?.devices ?? 0, connected: play.neighborhood?.connected() ?? 0 },
    cameIn: cameIn(play),
    recipients: core.configuration.policy.recipients.map(recipient => recipientView(play, recipient)),
    residents: residentViews(play),
    addresses: { ...play.arrivals.addresses, planted: play.planted.size, leaked: play.departures.leaked.size },
    strangers: { tried: play.strangers?.tried ?? 0, refused: play.arrivals.refused },
    change: changeView(play),
    latest
  }
}

function cameIn ({ arrivals, running }: Play): CameIn {
  const nowMs = running.gateway.core.now()
  const types = [...arrivals.reports].map(([report, { meter, categories }]) => ({ report, count: meter.count, perSecond: meter.perSecond(nowMs), categories }))
  return { count: arrivals.all.count, perSecond: arrivals.all.perSecond(nowMs), unreadable: arrivals.unreadable, types: types.sort((a, b) => b.count - a.count || (a.report < b.report ? -1 : 1)) }
}

function recipientView ({ departures, arrivals, running }: Play, { name, enabled, releaseMs }: CompiledRecipient): RecipientView {
  const { outbox, core } = running.gateway
  const { meter, categories } = departures.of(name)
  const withheld = [...arrivals.withheld.get(name) ?? []].map(([reason, count]) => ({ reason, count }))
  return {
    name,
    enabled,
    categories: [...categories].sort(([, a], [, b]) => b - a).map(([category]) => category),
    left: meter.count,
    perSecond: meter.perSecond(core.now()),
    waiting: releaseMs === undefined ? 0 : outbox.depth(name),
    waitsUntilMs: releaseMs === undefined ? undefined : outbox.nextDueMs(name),
    withheld: withheld.sort((a, b) => Number(isEveryday(a.reason)) - Number(isEveryday(b.reason)) || b.count - a.count)
  }
}

/** A report that is none of the recipient's business says nothing of anybody's consent, so it comes last. */
function isEveryday (reason: WithheldReason): boolean {
  return reason === 'report-not-listed' || reason === 'recipient-off'
}

function residentViews (play: Play): ResidentView[] {
  const recipients = play.running.gateway.core.configuration.policy.recipients.filter(({ enabled }) => enabled)
  const parts = PARTS.flatMap(({ name }) => play.residents.filter(({ part }) => part?.name === name))
  const others = play.residents.filter(({ part }) => part === undefined)
  const rows = parts.map(resident => residentView(play, [resident], recipients, resident.part?.label ?? ''))
  return others.length === 0 ? rows : [...rows, residentView(play, others, recipients, `${others.length} more, mixed`)]
}

function residentView (play: Play, residents: readonly Resident[], recipients: readonly CompiledRecipient[], label: string): ResidentView {
  const [only] = residents.length === 1 ? residents : []
  return {
    account: only?.home.account,
    label,
    reported: residents.reduce((sum, { home }) => sum + (play.neighborhood?.reported(home.account) ?? 0), 0),
    cells: recipients.map(recipient => cellView(play, residents, recipient))
  }
}

function cellView (play: Play, residents: readonly Resident[], recipient: CompiledRecipient): CellView {
  const sum = (of: (account: string) => number): number => residents.reduce((total, { home }) => total + of(home.account), 0)
  const reasons = residents.map(resident => play.outlook.reason(resident, recipient))
  return {
    left: sum(account => play.departures.count(recipient.name, account)),
    waiting: recipient.releaseMs === undefined ? 0 : sum(account => play.waiting.of(recipient.name, account)),
    reason: reasons.includes(undefined) ? undefined : reasons[0],
    unlinkable: recipient.deviceRule === undefined
  }
}

function changeView ({ mind, running, residents }: Play): DemoView['change'] {
  const account = residents.find(({ part }) => part?.name === 'changes-its-mind')?.home.account
  if (mind === undefined || account === undefined) return undefined
  const { latest } = mind
  return { ...latest, account, purpose: mind.purpose, agoMs: running.gateway.core.now() - latest.atMs }
}
