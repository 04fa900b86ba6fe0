/**
 * What Node itself would write of the gateway's memory, connections and traffic, when told to by its own options: raw
 * reports, client ids and the addresses of devices among them.
 *
 * What can be turned off is turned off; with the rest the gateway does not start.
 */

import { CurtilageError } from '../model/errors.js'

/** A snapshot of the heap, keys of TLS, what passes through sockets and HTTP; a core is written by whoever aborts. */
const REFUSED = ['--heapsnapshot-near-heap-limit', '--heapsnapshot-signal', '--abort-on-uncaught-exception', '--tls-keylog', '--trace-tls', '--trace-event-categories', '--trace-events-enabled']
const REFUSED_VARIABLES = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE']

/** To be called before anything else is loaded. @throws CurtilageError memory-exposed */
export function forbidMemoryDumps (): void {
  const refused = [...exposing(process.execArgv, process.env)]
  if (refused.length > 0) throw new CurtilageError('memory-exposed', `Node was started with ${refused.join(', ')}, which writes reports and addresses of devices to disk or screen: start it without`)
  // the MQTT parser tells what it parses to whoever asks for it by this variable
  delete process.env.DEBUG
  forbidReports()
  // by default this signal opens the debugger
  process.on('SIGUSR1', () => {})
}

/** Diagnostic reports list the addresses of all connections. */
function forbidReports (): void {
  const { report } = process
  if (report === undefined) return
  // whoever sends the signal expects no end of the process
  if (report.reportOnSignal) process.on(report.signal, () => {})
  report.reportOnFatalError = report.reportOnSignal = report.reportOnUncaughtException = false
}

/** Names of the options and variables that are refused. */
export function * exposing (options: readonly string[], environment: NodeJS.ProcessEnv): Generator<string> {
  const given = [...options, ...(environment.NODE_OPTIONS ?? '').split(/\s+/)].map(option => option.replace(/=.*/, '').replaceAll('_', '-'))
  for (const option of REFUSED) if (given.includes(option)) yield option
  for (const variable of REFUSED_VARIABLES) if ((environment[variable] ?? '') !== '') yield variable
}
