/** What the commands write: results on standard output, everything else on standard error. */

import pc from 'picocolors'

export const colors = pc.createColors(wantsColor())

/** Columns that tables may take: of the terminal, of `COLUMNS` where the output goes elsewhere. */
export function width (): number {
  const told = /^\d{2,4}$/.exec(process.env.COLUMNS ?? '')
  return Math.max(40, Math.min(process.stdout.columns ?? (told === null ? 100 : Number(told[0])), 160))
}

export function print (line = ''): void {
  process.stdout.write(`${line}\n`)
}

export function printJson (value: unknown): void {
  print(JSON.stringify(value))
}

/** For people, beside the result. */
export function note (line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Whoever reads our output may stop reading (`| head`): then there is nothing more to do. */
export function endWithReader (): void {
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
    throw error
  })
}

function wantsColor (): boolean {
  if ((process.env.NO_COLOR ?? '') !== '') return false
  return (process.env.FORCE_COLOR ?? '') !== '' || (process.stdout.isTTY === true && process.env.TERM !== 'dumb')
}
