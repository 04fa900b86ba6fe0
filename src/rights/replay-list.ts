/**
 * The list of what must hold again after an older copy of the store was put back: erasures, what narrows consent, devices
 * that were removed, credentials that are void, and who is paused.
 *
 * ```
 * DATA/replay.ndjson   mode 600, append only, beside the store and not in it
 * {"number","at","what":"erasure","account"}
 * {"number","at","what":"consent","account","state","purpose","recipient"?,"category"?,"device"?}      denied, withdrawn
 * {"number","at","what":"facts","account","facts":{"minor"?,"optOutSignal"?,"regime"?,"region"?}}
 * {"number","at","what":"removed","device"}
 * {"number","at","what":"void","kind","of"}    the password of a device, app or recipient, or a token, that was valid before
 * {"number","at","what":"pause","recipient","isPaused"}
 * meta of the store    'replay' → number of the last entry that the store reflects
 * ```
 * Accounts and devices stand in it as keyed fingerprints, 30 letters each; recipients by name, tokens by id. An entry gets its number within the transaction
 * that it tells of and is appended when that is durable: a copy of the store lacks exactly the entries above its number.
 */

import { createHmac } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { lettersOf } from '../letters.js'
import { CurtilageError } from '../model/errors.js'
import { syncFolder } from '../sinks/file/durable-folder.js'
import { cutTornTail } from '../sinks/file/torn-tail.js'
import { Serial } from '../store/serial.js'
import type { Store } from '../store/store.js'
import { ReplayLater } from './replay-later.js'

const REFLECTED = 'replay'
const FINGERPRINT_BYTES = 16
/** Entries of one moment may stand in another order than their numbers, never that far apart. */
const END_BYTES = 64 * 1024
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW

const numbered = { number: z.int().positive(), at: z.int() }
const owned = { ...numbered, account: z.string() }
const ENTRY = z.discriminatedUnion('what', [
  z.object({ ...owned, what: z.literal('erasure') }),
  z.object({
    ...owned,
    what: z.literal('consent'),
    state: z.enum(['denied', 'withdrawn']),
    purpose: z.string(),
    recipient: z.string().optional(),
    category: z.string().optional(),
    device: z.string().optional()
  }),
  z.object({ ...owned, what: z.literal('facts'), facts: z.object({ regime: z.string(), region: z.string(), minor: z.boolean(), optOutSignal: z.boolean() }).partial() }),
  z.object({ ...numbered, what: z.literal('removed'), device: z.string() }),
  z.object({ ...numbered, what: z.literal('void'), kind: z.enum(['device', 'app', 'recipient', 'token']), of: z.string() }),
  z.object({ ...numbered, what: z.literal('pause'), recipient: z.string(), isPaused: z.boolean() })
])

export type ReplayEntry = z.infer<typeof ENTRY>
export type UnnumberedEntry = Unnumbered<ReplayEntry>
type Unnumbered<T> = T extends ReplayEntry ? Omit<T, 'number' | 'at'> : never

/** Entries of one transaction: `number` within it, `append` when it is durable. */
export interface Listing {
  number (): void
  /** Resolves after fsync. Rejects with replay-write. */
  append (): Promise<void>
}

export class ReplayList {
  readonly #path: string
  readonly #folder: string
  readonly #store: Store
  readonly #key: Uint8Array
  readonly #now: () => number
  readonly #serial = new Serial()
  /** What waits for accounts that the store does not hold. */
  readonly later: ReplayLater
  #isWhole = false

  /** @param key derived from the gateway's secret for this use alone, the same after a rotation */
  constructor (dataFolder: string, store: Store, key: Uint8Array, now: () => number) {
    this.#folder = dataFolder
    this.#path = join(dataFolder, 'replay.ndjson')
    this.#store = store
    this.#key = key
    this.#now = now
    this.later = new ReplayLater(store)
  }

  account (account: string): string {
    return this.#fingerprint(`account ${account}`)
  }

  device (device: string): string {
    return this.#fingerprint(`device ${device}`)
  }

  list (entries: readonly UnnumberedEntry[]): Listing {
    let first = 0
    return {
      number: () => {
        if (entries.length === 0) return
        first = this.#reflected() + 1
        this.#store.meta.putSync(REFLECTED, first + entries.length - 1)
      },
      append: async () => {
        const lines = entries.map((entry, i) => `${JSON.stringify({ number: first + i, at: this.#now(), ...entry })}\n`)
        if (lines.length > 0) await this.#serial.run(async () => await this.#append(lines.join('')))
      }
    }
  }

  /** Of what is durable already. Resolves after fsync. Rejects with store-write, replay-write. */
  async note (entry: UnnumberedEntry): Promise<void> {
    const listing = this.list([entry])
    await this.#store.transaction(listing.number)
    await listing.append()
  }

  /** Is there an entry that the store does not reflect? Reads the end of the list only. @throws CurtilageError replay-unreadable */
  async hasMissing (): Promise<boolean> {
    const reflected = this.#reflected()
    for await (const { number } of this.#read(END_BYTES)) if (number > reflected) return true
    return false
  }

  /** Entries that the store does not reflect, in their order. @throws CurtilageError replay-unreadable */
  async missing (): Promise<ReplayEntry[]> {
    const reflected = this.#reflected()
    const missing: ReplayEntry[] = []
    for await (const entry of this.#read()) if (entry.number > reflected) missing.push(entry)
    return missing.sort((a, b) => a.number - b.number)
  }

  /** The store reflects everything up to that number. `also` shares the transaction. */
  async reflect (number: number, also: () => void = () => {}): Promise<void> {
    await this.#store.transaction(() => {
      this.#store.meta.putSync(REFLECTED, Math.max(number, this.#reflected()))
      also()
    })
  }

  #reflected (): number {
    return this.#store.meta.get(REFLECTED) as number | undefined ?? 0
  }

  #fingerprint (text: string): string {
    return lettersOf(createHmac('sha256', this.#key).update(text).digest().subarray(0, FINGERPRINT_BYTES))
  }

  async #append (lines: string): Promise<void> {
    try {
      await this.#cutTorn()
      const file = await open(this.#path, APPEND, 0o600)
      try {
        await file.writeFile(lines)
        await file.sync()
      } finally { await file.close() }
      await syncFolder(this.#folder)
    } catch (error) {
      this.#isWhole = false
      throw new CurtilageError('replay-write', `recorded, but the list for restored backups could not be written (${codeOf(error)}): check the disk and ask again`)
    }
  }

  /** All of it, or the entries that begin in its last bytes. */
  async * #read (lastBytes = Infinity): AsyncGenerator<ReplayEntry> {
    const { input, isCut } = await this.#open(lastBytes)
    let line = 0
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1
      if (line === 1 && isCut) continue
      const parsed = ENTRY.safeParse(parseJson(text))
      if (!parsed.success) throw new CurtilageError('replay-unreadable', `${this.#path}, line ${line}, is no entry: restore the file, or take out that line`)
      yield parsed.data
    }
  }

  async #open (lastBytes: number): Promise<{ input: Readable, isCut: boolean }> {
    try {
      await this.#cutTorn()
      const file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW)
      const start = Math.max(0, (await file.stat()).size - lastBytes)
      return { input: file.createReadStream({ start }), isCut: start > 0 }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { input: Readable.from([]), isCut: false }
      throw new CurtilageError('replay-unreadable', `${this.#path} cannot be read (${codeOf(error)})`)
    }
  }

  /** A line without its end is what a crash left of an append that was never answered. */
  async #cutTorn (): Promise<void> {
    if (this.#isWhole) return
    await cutTornTail(this.#path).catch((error: unknown) => { if (codeOf(error) !== 'ENOENT') throw error })
    this.#isWhole = true
  }
}

function parseJson (text: string): unknown {
  try { return JSON.parse(text) } catch { return undefined }
}

function codeOf (error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
