/**
 * Brings a store of an earlier format to this program's, with a copy of the old one kept beside it.
 *
 * ```
 * DATA/store.format-N.YYYYMMDDTHHMMSSZ   the copy, compacted and private; put in place by a rename when it is whole and durable
 * DATA/store.copy                        one that is being made; of no use, and removed at the next try
 * ```
 * INVARIANT: a store in the middle of a migration is finished at the next start, and nothing but a migration opens it.
 */

import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { CurtilageError } from '../model/errors.js'
import { FORMAT, stepParts, STEPS, type Step } from './format.js'
import { freeBytesOf, LEAST_FREE_FOR_REPORTS_BYTES } from './free-space.js'
import { makeFilesPrivate, makePrivateFolder, openDatabase, openRoot } from './open-root.js'
import { syncFile, syncFolder } from './private-file.js'

const MIB = 1024 * 1024

export interface Migrated {
  readonly from: number
  readonly to: number
  /** What the steps changed. */
  readonly about: readonly string[]
  /** Name of the folder beside the store that holds the old one. */
  readonly copy: string
}

export interface MigrateOptions {
  readonly now: () => number
  readonly format?: number
  readonly steps?: readonly Step[]
  readonly freeBytes?: () => number
}

/**
 * Undefined where there is nothing to do: no store yet, this format, or a newer one, which opening it refuses.
 *
 * The folder's lock must be held, and the store not be open. Rejects with CurtilageError store-migration: as long as no copy
 * was made the store is as it was, after that the next start goes on.
 */
export async function migrateStore (dataFolder: string, options: MigrateOptions): Promise<Migrated | undefined> {
  if (!existsSync(join(dataFolder, 'store', 'data.mdb'))) return undefined
  const root = openRoot(join(dataFolder, 'store'), false)
  try {
    return await new Migration(dataFolder, root, options).run()
  } catch (error) {
    if (error instanceof CurtilageError) throw error
    throw new CurtilageError('store-migration', 'the store could not be brought to the format of this version: check the disk, then start again', undefined, { cause: error })
  } finally { await root.close() }
}

class Migration {
  readonly #dataFolder: string
  readonly #root: RootDatabase
  readonly #meta: Database<unknown, string>
  readonly #options: MigrateOptions
  readonly #format: number

  constructor (dataFolder: string, root: RootDatabase, options: MigrateOptions) {
    this.#dataFolder = dataFolder
    this.#root = root
    this.#meta = openDatabase(root, 'meta') as Database<unknown, string>
    this.#options = options
    this.#format = options.format ?? FORMAT
  }

  async run (): Promise<Migrated | undefined> {
    const from = formatOf(this.#meta.get('format'))
    if (from === undefined || from >= this.#format) return undefined
    const steps = this.#stepsFrom(from)
    const copy = this.#meta.get(COPY) as string | undefined ?? await this.#copy(from)
    for (const step of steps) await this.#take(step)
    await this.#root.transaction(() => { this.#meta.removeSync(COPY) })
    return { from, to: this.#format, about: steps.map(({ about }) => about), copy }
  }

  #stepsFrom (from: number): Step[] {
    const steps: Step[] = []
    for (let at = from; at < this.#format;) {
      const step = (this.#options.steps ?? STEPS).find(one => one.from === at)
      if (step === undefined) throw new CurtilageError('store-format', `the store has format ${from}, from which this version knows no way: start a version between the two first`)
      steps.push(step)
      at = step.to
    }
    return steps
  }

  async #copy (from: number): Promise<string> {
    this.#demandRoom()
    const draft = join(this.#dataFolder, 'store.copy')
    rmSync(draft, { recursive: true, force: true })
    makePrivateFolder(draft)
    await this.#root.backup(draft, true)
    makeFilesPrivate(draft)
    syncFile(join(draft, 'data.mdb'))
    syncFolder(draft)
    const name = `store.format-${from}.${new Date(this.#options.now()).toISOString().replace(/[-:]|\.\d+/g, '')}`
    renameSync(draft, join(this.#dataFolder, name))
    syncFolder(this.#dataFolder)
    await this.#root.transaction(() => { this.#meta.putSync(COPY, name) })
    return name
  }

  #demandRoom (): void {
    const needed = statSync(join(this.#dataFolder, 'store', 'data.mdb')).size + LEAST_FREE_FOR_REPORTS_BYTES
    const free = (this.#options.freeBytes ?? (() => freeBytesOf(this.#dataFolder)))()
    if (free >= needed) return
    throw new CurtilageError('store-migration', `a copy of the store is kept before its format changes: ${Math.ceil(needed / MIB)} MiB of free space are needed, ${Math.floor(free / MIB)} MiB are there`)
  }

  async #take ({ from, to, run }: Step): Promise<void> {
    await this.#root.transaction(() => { this.#meta.putSync('format', `${from}>${to}`) })
    await run(stepParts(this.#root))
    await this.#root.transaction(() => {
      const earlier = this.#meta.get('migrations') as object[] | undefined ?? []
      this.#meta.putSync('migrations', [...earlier, { from, to, atMs: this.#options.now() }])
      this.#meta.putSync('format', to)
    })
  }
}

/** In `meta` from the copy's being there to the last step's end: the copy's name. */
const COPY = 'migration-copy'

/** Where a step was cut off: the format that it starts from. Undefined: no store was ever made of it. */
function formatOf (found: unknown): number | undefined {
  const [from] = /^\d+(?=>\d+$)/.exec(String(found)) ?? []
  return from === undefined ? found as number | undefined : Number(from)
}
