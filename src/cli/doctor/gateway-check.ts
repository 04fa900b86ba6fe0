/** The gateway that has the data folder: does it answer, and does it take reports? */

import type { Examination } from './examination.js'
import type { Findings } from './finding.js'

const ANSWER_MS = 5_000

interface Ready {
  readonly ready?: unknown
  readonly checks?: Readonly<Record<string, boolean>>
}

export async function checkGateway ({ gateway, data }: Examination, findings: Findings): Promise<void> {
  if (gateway === undefined) return findings.ok(`no gateway runs on ${data}`)
  const who = `the ${gateway.role} (process ${gateway.pid})`
  if (gateway.role === 'command') return findings.ok(`${who} has the data folder at the moment`)
  if (gateway.http === undefined) return findings.warning(`${who} offers no API, or is still starting`, 'wait a little; an embedded gateway has to be given one')
  try {
    const answer = await fetch(`${gateway.http}/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const { ready, checks = {} } = await answer.json() as Ready
    const failed = Object.entries(checks).filter(([, isFine]) => !isFine).map(([name]) => name)
    if (ready === true) findings.ok(`${who} answers at ${gateway.http} and takes reports`)
    else findings.problem(`${who} takes no reports: ${failed.join(', ') || 'it does not say why'}`, `${gateway.http}/health/ready says more, and so does the log`)
  } catch {
    findings.problem(`${who} has the data folder, and does not answer at ${gateway.http}`, 'look at its log; if it hangs, end it: nothing acknowledged is lost by that')
  }
}
