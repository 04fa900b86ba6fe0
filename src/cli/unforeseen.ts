/**
 * What may be told of an error that nobody foresaw. Its message may hold anything, its code and its stack too: only codes
 * and names of a known form are told, and places within Node and this program.
 */

import { constants } from 'node:os'
import { isBuiltin } from 'node:module'
import type { Logger } from 'pino'
import { CurtilageError } from '../model/errors.js'
import { endAtOnce } from './end-at-once.js'

/** Of the package: this module is `dist/src/cli/unforeseen.js` there. */
const ROOT = new URL('../../..', import.meta.url).href
const CODE = /^(?:ERR|FST_ERR|UND_ERR|MDB)_[A-Z_]{1,50}$/
const NAMES: ReadonlySet<string> = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'URIError', 'AggregateError', 'AssertionError', 'AbortError', 'TimeoutError'])
const FRAME = /^ {4}at (?:.* \()?((?:file|node):[^()\n]*?)(:\d+:\d+)\)?$/gm
const MOST_PLACES = 5

/** Ends the process at once, with one line in the log. */
export function endOnUnforeseen (log: Logger): void {
  const end = (error: unknown): void => {
    log.fatal({ code: codeOf(error), at: placesOf(error) }, 'ended by something unforeseen')
    endAtOnce()
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}

export function codeOf (error: unknown): string {
  if (error instanceof CurtilageError) return error.code
  if (!(error instanceof Error)) return 'unknown'
  const { code, name } = error as NodeJS.ErrnoException
  if (typeof code === 'string' && (Object.hasOwn(constants.errno, code) || CODE.test(code))) return code
  return NAMES.has(name) ? name : 'Error'
}

/** The frames below the message, which may hold lines that look like frames. */
export function placesOf (error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const head = `${error.name}: ${error.message}\n`
  const stack = String(error.stack)
  if (!stack.startsWith(head)) return []
  const frames = [...stack.slice(head.length).matchAll(FRAME)]
  return frames.filter(([, module = '']) => isOwn(module)).slice(0, MOST_PLACES).map(([, module = '', place = '']) => `${module.replace(ROOT, '')}${place}`)
}

function isOwn (module: string): boolean {
  if (module.startsWith(ROOT)) return !/[^\w./@-]/.test(module.slice(ROOT.length))
  return isBuiltin(module) || /^node:internal\/[a-z_/]+$/.test(module)
}
