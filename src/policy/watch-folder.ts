/**
 * Tells when the configuration folder has changed and has been quiet for a while: an editor, a checkout or a copy writes
 * file after file, and half of it may compile.
 *
 * The system tells of changes at once, but not of every one: a folder that is replaced as a whole, a symbolic link that is
 * moved and some file systems go unnoticed. So its content is looked at now and then, too.
 */

import { setTimeout as wait } from 'node:timers/promises'
import { watch, type FSWatcher } from 'chokidar'
import { digestSources } from './digest.js'
import type { Problem } from './problem.js'
import { readFolder } from './read-folder.js'

const QUIET_MS = 1_000
const LOOK_MS = 10_000

export interface FolderWatchSettings {
  readonly folder: string
  /** Digest of what was read last: what changed before it watches is seen, too. */
  readonly loaded: string
  /** Called again only after it has settled; must not reject. */
  readonly changed: () => Promise<void>
  readonly quietMs?: number
  readonly lookMs?: number
}

export class ConfigurationWatch {
  readonly #settings: FolderWatchSettings
  readonly #looking: NodeJS.Timeout
  #watcher: FSWatcher
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  /** Of the content that was told of last. */
  #fingerprint: string
  #isTold = false
  #ended = false

  constructor (settings: FolderWatchSettings) {
    const { lookMs = LOOK_MS } = settings
    this.#settings = settings
    this.#fingerprint = fingerprintOf(settings.loaded, [])
    this.#watcher = this.#watch()
    this.#next(async () => {
      await Promise.race([new Promise<void>(resolve => this.#watcher.once('ready', resolve)), wait(lookMs, undefined, { ref: false })])
      await this.#look()
    })
    this.#looking = setInterval(() => this.#next(async () => await this.#look()), lookMs).unref()
  }

  /** Resolves when it watches: what changes from then on is seen soon. */
  async ready (): Promise<void> {
    await this.#work
  }

  async close (): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    clearInterval(this.#looking)
    await this.#watcher.close()
    await this.#work
  }

  /** What it cannot watch is looked at all the same. */
  #watch (): FSWatcher {
    const watcher = watch(this.#settings.folder, { ignoreInitial: true, persistent: false, ignorePermissionErrors: true })
    watcher.on('all', () => {
      this.#isTold = true
      this.#stir()
    })
    watcher.on('error', () => {})
    return watcher
  }

  #stir (): void {
    clearTimeout(this.#timer)
    if (this.#ended) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#next(async () => await this.#tell())
    }, this.#settings.quietMs ?? QUIET_MS).unref()
  }

  #next (task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => { if (!this.#ended) await task() })
  }

  async #tell (): Promise<void> {
    const fingerprint = await this.#read()
    if (fingerprint === this.#fingerprint || this.#ended) return
    this.#fingerprint = fingerprint
    await this.#settings.changed()
  }

  /** Where nobody has told of a change, what is watched is not the folder any more. */
  async #look (): Promise<void> {
    const isTold = this.#isTold
    this.#isTold = false
    if (this.#timer !== undefined || await this.#read() === this.#fingerprint || this.#ended) return
    this.#stir()
    if (isTold) return
    const lost = this.#watcher
    this.#watcher = this.#watch()
    await lost.close()
  }

  async #read (): Promise<string> {
    const { sources, problems } = await readFolder(this.#settings.folder)
    return fingerprintOf(digestSources(sources), problems)
  }
}

function fingerprintOf (digest: string, problems: readonly Problem[]): string {
  return JSON.stringify([digest, problems])
}
