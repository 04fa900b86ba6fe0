/** Import of consents: lines `{"account","purpose","recipient?","category?","device?","state","expires?","source?"}`. */

import { z } from 'zod'
import { CurtilageError } from '../model/errors.js'
import { importLines, type ImportProgress, type ImportResult, type Lines } from '../store/bulk-import.js'
import { parseExpiry } from './expiry.js'
import type { ConsentLedger } from './ledger.js'
import type { ConsentStatement } from './statement.js'

const LINE = z.strictObject({
  account: z.string(),
  purpose: z.string(),
  recipient: z.string().optional(),
  category: z.string().optional(),
  device: z.string().optional(),
  state: z.enum(['granted', 'denied', 'withdrawn']),
  expires: z.union([z.string(), z.number().int().nonnegative()])
    .transform((value, context) => parseExpiry(value) ?? malformed(context)).optional(),
  source: z.string().optional()
})

export interface ImportOptions {
  /** Who imports; stands in every record. */
  readonly actor?: string
  readonly onProgress?: (progress: ImportProgress) => void
}

/** Every bad line is reported, the good ones are recorded in the order of the file. */
export async function importConsents (ledger: ConsentLedger, lines: Lines, { actor, onProgress }: ImportOptions = {}): Promise<ImportResult> {
  const statements = LINE.transform((line): ConsentStatement => ({ source: 'import', ...defined(line), ...(actor !== undefined && { actor }) }))
  return await importLines(lines, {
    schema: statements,
    accept: statement => {
      ledger.check(statement)
      if (ledger.current(statement.account) === undefined) throw new CurtilageError('account-unknown', 'the account is not registered')
    },
    write: async batch => { await ledger.append(batch) },
    onProgress
  })
}

type Line = z.infer<typeof LINE>

function defined (line: Line): ConsentStatement {
  return Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined)) as unknown as ConsentStatement
}

function malformed (context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom', message: 'malformed' })
  return z.NEVER
}
