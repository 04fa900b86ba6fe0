/** The ways to the recipients: folders that can be written, servers that accept a connection. Nothing is said to them. */

import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CompiledRecipient } from '../../model/policy.js'
import { CurtilageError } from '../../model/errors.js'
import { addressOf } from '../../sinks/remote/address.js'
import { openSocket } from '../../sinks/remote/socket.js'
import { Troubles } from '../../sinks/remote/trouble.js'
import type { Examination } from './examination.js'
import { systemCode, type Findings } from './finding.js'

const CONNECT_MS = 5_000

export async function checkSinks ({ configuration, data }: Examination, findings: Findings): Promise<void> {
  const enabled = configuration?.policy.recipients.filter(({ enabled }) => enabled) ?? []
  await Promise.all(enabled.map(async recipient => await checkSink(recipient, data, findings)))
}

async function checkSink ({ name, sink }: CompiledRecipient, data: string, findings: Findings): Promise<void> {
  if (sink.type === 'mqtt') return findings.ok(`${name} gets its disclosures when it connects`)
  if (sink.type === 'file') return checkFolder(name, join(data, 'recipients', sink.folder), findings)
  try {
    const address = await addressOf(sink, new Troubles(sink.type, name))
    const { cut } = await openSocket(address, AbortSignal.timeout(CONNECT_MS))
    cut()
    findings.ok(`the server of ${name} accepts a connection${address.tls === undefined ? ', not encrypted' : ' with TLS'}`)
  } catch (error) {
    if (error instanceof CurtilageError) return findings.problem(error.message, `see the code ${error.code}`)
    findings.problem(`the server of ${name} does not accept a connection (${systemCode(error)})`, 'look at the server, its name and its certificate; disclosures wait until then')
  }
}

function checkFolder (name: string, folder: string, findings: Findings): void {
  if (!existsSync(folder)) return findings.ok(`the folder of ${name} is made with its first disclosure`)
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    findings.ok(`the folder of ${name} can be written`)
  } catch (error) {
    findings.problem(`the folder ${folder} of ${name} cannot be written (${systemCode(error)})`, 'give it to the user of the gateway')
  }
}
