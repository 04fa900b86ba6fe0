/** How a command ends that did not do what it was asked: one clear line, and an exit code. */

import { CommanderError } from 'commander'
import { CurtilageError } from '../model/errors.js'
import { note } from './terminal.js'

export const FINDINGS = 1
export const USAGE = 2

/** The command line itself is wrong. */
export class UsageError extends Error {}

/** The command did its work and found something: the exit code says so. */
export function found (): void {
  process.exitCode = FINDINGS
}

/** Tells what went wrong, without a stack trace, and returns the exit code. */
export function report (error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  const { code, message } = describe(error)
  if (message !== '') note(json ? JSON.stringify({ error: { code, message } }) : `curtilage: ${message}`)
  return code === 'usage' ? USAGE : FINDINGS
}

function describe (error: unknown): { code: string, message: string } {
  // Commander has printed the help already where that is its answer.
  if (error instanceof CommanderError) return { code: 'usage', message: error.code === 'commander.help' ? '' : error.message.replace(/^error: /, '').replace(/\n/g, ' ') }
  if (error instanceof UsageError) return { code: 'usage', message: error.message }
  if (error instanceof CurtilageError) return { code: error.code, message: error.message }
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return { code: 'internal', message: code === undefined ? 'something unforeseen went wrong' : `something unforeseen went wrong (${code})` }
}
