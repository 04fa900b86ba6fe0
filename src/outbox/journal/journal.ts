/**
 * The journal in front of the outbox's database: what is appended is durable when it stands here, in one of two segments that
 * are written one after the other, over and over.
 *
 * ```
 * append append settle append ─▶ one frame, one write ─▶ all of them resolve, in one turn
 *        append append settle ─▶ wait for that, then the same
 *
 * segment 0  │ frame │ frame │ frame │ frame │       full ─▶ checkpoint ─▶ used again
 * segment 1  │ frame │ frame │ …      once half of it is full, what segment 0 holds is brought into the database
 * ```
 * What leaves soon never gets into the database. frame.ts draws what is on disk, checkpoint.ts the way into the database,
 * replay.ts the way back after a crash.
 *
 * INVARIANT: a segment is written to from its beginning again only when the database holds all that was in it.
 */

import { errorOf } from '../../model/errors.js'
import { fail, withRoom, type Append, type WantOfRoom } from '../appends.js'
import type { Delivered } from '../contract.js'
import type { SeenRow } from '../redeliveries.js'
import { storedValue, type HeldKey } from '../stored-entry.js'
import { Checkpoint, type CheckpointSettings } from './checkpoint.js'
import { FrameSpeller, HEADER_BYTES, type AppendRecord, type EntryRow, type JournalRecord, type SettleRecord } from './frame.js'
import { deliveredOf, replay } from './replay.js'
import { scan } from './scan.js'
import type { Segment, Segments } from './segment.js'

export interface JournalSettings extends CheckpointSettings {
  readonly segments: Segments
  readonly nowMs: () => number
  /** Asked once for each frame. */
  readonly wantOfAppendRoom: () => WantOfRoom
  readonly announce: (recipients: ReadonlySet<string>) => void
  /** What waits is brought into the database after so long. */
  readonly checkpointMs?: number
}

/** What a start found in it. */
export interface FoundInJournal {
  readonly records: number
  /** A write was cut off by a crash: nothing of it was acknowledged. */
  readonly isTorn: boolean
}

const CHECKPOINT_MS = 10_000
/** How long an end waits for an append to share its write with. */
const LINGER_MS = 100
const MAX_APPENDS = 4096
const ENDS_IN_RECORD = 256
/** More than this do not wait. */
const MAX_ENDS = 64
/** What a sequence takes, and a key. */
const SEQUENCE_BYTES = 16
const KEY_BYTES = 300
/** As its share of a segment, what one frame holds, as contentBytes counts it: JSON may spell it six times as long. */
const FRAME_SHARE = 1 / 8
const ZEROS = Buffer.alloc(1024 * 1024)

interface Settled {
  readonly record: SettleRecord
  readonly keys: () => HeldKey[]
  readonly delivered: readonly Delivered[]
}

interface Flush {
  /** Those that came before it. */
  readonly appends: number
  readonly ends: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** What goes into one frame. */
interface Together {
  /** Appends that were taken up, those that found no room included. */
  readonly taken: number
  readonly appends: readonly Append[]
  readonly settled: readonly Settled[]
}

export class Journal {
  readonly #settings: JournalSettings
  readonly #segments: readonly [Segment, Segment]
  readonly #checkpoint: Checkpoint
  readonly #speller = new FrameSpeller()
  readonly #lasts: [number, number]
  readonly #used: [number, number]
  readonly found: FoundInJournal
  #active: number
  #at: number
  #last: number
  /** What was written last may stand there although nobody was told so. */
  #isUnsure = false
  #waiting: Append[] = []
  #settled: Settled[] = []
  #flushes: Flush[] = []
  #turns: (() => Promise<void>)[] = []
  /** Counted: those that came, and those of them that are done with. */
  readonly #came = { appends: 0, ends: 0 }
  readonly #done = { appends: 0, ends: 0 }
  #isLingeringOver = false
  #writing: Promise<void> | undefined
  #lingering: NodeJS.Timeout | undefined
  #untilCheckpoint: NodeJS.Timeout | undefined
  #applying: Promise<void> | undefined
  #isClosed = false

  /** Reads both segments. Throws CurtilageError outbox-journal. */
  constructor (settings: JournalSettings) {
    const { segments, held, redeliveries } = settings
    this.#settings = settings
    this.#segments = segments.all
    this.#checkpoint = new Checkpoint(settings)
    const { applied, counted } = this.#checkpoint
    const { frames, segment, at, lasts, used, isTorn } = scan(segments, applied)
    this.#active = segment
    this.#at = at
    this.#last = frames.at(-1)?.last ?? applied
    this.#lasts = lasts
    this.#used = used
    this.found = { records: replay(frames, { held, redeliveries, counted }), isTorn }
    if (frames.length > 0) this.#checkpointLater()
  }

  /** Larger ones have to go into the database at once. */
  takes (append: Append): boolean {
    return bytesOf(append) <= this.#maxFrame
  }

  add (append: Append): void {
    this.#came.appends++
    this.#waiting.push(append)
    this.#wake()
  }

  /** What has ended leaves its line at once; that is on disk with the next append, or a little later. Throws what reading throws. */
  settle (recipient: string, sequences: readonly number[], hasArrived: boolean): void {
    const { held, alsoWrite, nowMs } = this.#settings
    const line = held.line(recipient)
    const there = [...new Set(sequences)].filter(sequence => line.has(sequence))
    const atMs = nowMs()
    const settled: Settled[] = []
    for (let i = 0; i < there.length; i += ENDS_IN_RECORD) {
      const some = there.slice(i, i + ENDS_IN_RECORD)
      const delivered = hasArrived && alsoWrite !== undefined ? some.flatMap(sequence => deliveredOf(held, line, sequence, atMs) ?? []) : []
      const ofLine = some.map(sequence => line.key(sequence))
      // asked when the record is on disk: a checkpoint may put it into the database until then
      const keys = (): HeldKey[] => ofLine.filter(([, , sequence]) => held.unapplied.get(sequence)?.isPut !== false)
      settled.push({ record: [1, recipient, atMs, hasArrived ? 1 : 0, some], keys, delivered })
    }
    for (const sequence of there) held.leave(line, sequence)
    this.#came.ends += settled.length
    this.#settled.push(...settled)
    if (this.#settled.length > MAX_ENDS) this.#isLingeringOver = true
    if (this.#isLingeringOver) this.#wake()
    else if (settled.length > 0) this.#linger()
  }

  /** Resolves when all that came before the call is on disk, appends or rejected. Rejects with outbox-write where an end is not. */
  async flush (): Promise<void> {
    const { appends, ends } = this.#came
    if (this.#done.appends >= appends && this.#done.ends >= ends) return
    await new Promise<void>((resolve, reject) => {
      this.#flushes.push({ appends, ends, resolve, reject })
      this.#wake()
    })
  }

  /** Resolves when the database holds all that came before the call. Rejects with outbox-write. */
  async checkpoint (): Promise<void> {
    await this.flush()
    await this.#checkpoint.apply(this.#last)
  }

  /** Where any of them is held by the journal: as `checkpoint`. */
  async bringIn (sequences: readonly number[]): Promise<void> {
    const { unapplied } = this.#settings.held
    if (sequences.some(sequence => unapplied.has(sequence))) await this.checkpoint()
  }

  /** As `checkpoint`, and nothing of it is left in the segments: zeros are on disk in its place. Appends wait for that. */
  async overwrite (): Promise<void> {
    await this.checkpoint()
    await new Promise<void>((resolve, reject) => {
      this.#turns.push(async () => { await this.#overwrite().then(resolve, reject) })
      this.#wake()
    })
  }

  /**
   * Ends what is under way, brings all of it into the database and empties the segments, so that they fit any older copy of
   * the database as well. Where that fails, the next start finds it there.
   */
  async close (): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.overwrite().catch(() => {})
    clearTimeout(this.#lingering)
    clearTimeout(this.#untilCheckpoint)
    await this.#writing
    await this.#checkpoint.end()
    this.#settings.segments.close()
  }

  get #maxFrame (): number {
    return Math.min(this.#segments[0].bytes, this.#segments[1].bytes) * FRAME_SHARE
  }

  #linger (): void {
    this.#lingering ??= setTimeout(() => {
      this.#lingering = undefined
      this.#isLingeringOver = true
      this.#wake()
    }, LINGER_MS).unref()
  }

  #wake (): void {
    this.#writing ??= this.#write()
  }

  /** Never rejects. */
  async #write (): Promise<void> {
    // those that follow in the same turn come along
    await undefined
    while (this.#waiting.length + this.#flushes.length + this.#turns.length > 0 || (this.#isLingeringOver && this.#settled.length > 0)) {
      for (const turn of this.#turns.splice(0)) await turn()
      const together = this.#take()
      await this.#writeTogether(together)
      this.#done.appends += together.taken
      this.#tellFlushed()
    }
    this.#isLingeringOver = false
    this.#writing = undefined
  }

  #take (): Together {
    const waiting = this.#waiting
    let [count, bytes] = [0, 0]
    while (count < waiting.length && count < MAX_APPENDS) {
      bytes += bytesOf(waiting[count]!)
      if (count > 0 && bytes > this.#maxFrame) break
      count++
    }
    this.#waiting = waiting.splice(count)
    const settled = this.#takeSettled()
    return { taken: waiting.length, appends: withRoom(waiting, this.#settings.wantOfAppendRoom()), settled }
  }

  #takeSettled (): Settled[] {
    let sequences = 0
    const beyond = this.#settled.findIndex(({ record }, i) => {
      sequences += record[4].length
      return i > 0 && sequences * SEQUENCE_BYTES > this.#maxFrame
    })
    return this.#settled.splice(0, beyond < 0 ? this.#settled.length : beyond)
  }

  async #writeTogether (together: Together): Promise<void> {
    const { appends, settled } = together
    if (appends.length + settled.length === 0) return
    const { redeliveries, nowMs } = this.#settings
    let seen: readonly (SeenRow | 0)[]
    try {
      const atMs = nowMs()
      seen = appends.map(({ redelivery }) => redelivery === undefined ? 0 : redeliveries.row(redelivery, atMs))
      const bodies: Uint8Array[] = []
      const records: JournalRecord[] = [...appends.map((append, i) => spelled(append, seen[i] ?? 0, bodies)), ...settled.map(({ record }) => record)]
      await this.#place(this.#speller.spell(this.#last + 1, records, bodies), records.length)
    } catch {
      for (const append of appends) fail(append, errorOf('outbox-write'))
      this.#settled.unshift(...settled)
      if (settled.length > 0) this.#failFlushes()
      // as long as nobody asks for it, it is tried again later
      this.#isLingeringOver = false
      if (!this.#isClosed) this.#linger()
      return
    }
    this.#done.ends += settled.length
    this.#tell(together, seen)
  }

  /** Rejects where it may not be on disk. */
  async #place (frame: Uint8Array, records: number): Promise<void> {
    if (frame.length > Math.min(this.#segments[0].bytes, this.#segments[1].bytes)) throw new TypeError('a frame fits into a segment')
    if (this.#isUnsure) await this.#undo()
    if (this.#at + frame.length > this.#segments[this.#active]!.bytes) await this.#turnOver()
    const [segment, at] = [this.#segments[this.#active]!, this.#at]
    this.#used[this.#active] = Math.max(this.#used[this.#active]!, at + frame.length)
    this.#isUnsure = true
    await segment.write(frame, at)
    this.#isUnsure = false
    this.#at += frame.length
    this.#last += records
    this.#lasts[this.#active] = this.#last
    const other = this.#lasts[1 - this.#active]!
    if (this.#at > segment.bytes / 2 && other > this.#checkpoint.applied) this.#applying ??= this.#checkpoint.apply(other).catch(() => {}).then(() => { this.#applying = undefined })
  }

  /** A write that failed may have reached the disk all the same, and its records' numbers will be given again. */
  async #undo (): Promise<void> {
    const [segment, at] = [this.#segments[this.#active]!, this.#at]
    await segment.write(ZEROS.subarray(0, Math.min(HEADER_BYTES, segment.bytes - at)), at)
    this.#isUnsure = false
  }

  async #turnOver (): Promise<void> {
    const other = 1 - this.#active
    await this.#checkpoint.apply(this.#lasts[other]!)
    this.#active = other
    this.#at = 0
  }

  /** All of a frame is on disk. */
  #tell ({ appends, settled }: Together, seen: readonly (SeenRow | 0)[]): void {
    const { held, redeliveries, announce } = this.#settings
    let record = this.#last - appends.length - settled.length
    const recipients = new Set<string>()
    for (const [i, { placed, release, resolve }] of appends.entries()) {
      record++
      for (const { sequence, size, entry } of placed) {
        const { disclosure: { recipient }, header: { notBeforeMs } } = entry
        held.unapplied.add({ record, sequence, size, stored: entry, entry, isPut: false })
        held.join(recipient, sequence, notBeforeMs, size)
        recipients.add(recipient)
      }
      const row = seen[i] ?? 0
      if (row !== 0) redeliveries.hold(row, record)
      release()
      resolve()
    }
    for (const { record: [, , , , sequences], keys, delivered } of settled) held.unapplied.end({ record: ++record, keys: keys(), delivered }, sequences)
    this.#checkpointLater()
    if (recipients.size > 0) announce(recipients)
  }

  #tellFlushed (): void {
    if (this.#flushes.length === 0) return
    const isDone = ({ appends, ends }: Flush): boolean => appends <= this.#done.appends && ends <= this.#done.ends
    const flushed = this.#flushes.filter(isDone)
    this.#flushes = this.#flushes.filter(flush => !isDone(flush))
    for (const { resolve } of flushed) resolve()
  }

  #failFlushes (): void {
    for (const { reject } of this.#flushes.splice(0)) reject(errorOf('outbox-write'))
  }

  #checkpointLater (): void {
    if (this.#isClosed) return
    this.#untilCheckpoint ??= setTimeout(() => {
      this.#untilCheckpoint = undefined
      this.checkpoint().catch(() => { this.#checkpointLater() })
    }, this.#settings.checkpointMs ?? CHECKPOINT_MS).unref()
  }

  /** Between two frames. */
  async #overwrite (): Promise<void> {
    await this.#checkpoint.apply(this.#last)
    for (const which of [0, 1] as const) {
      for (let at = 0; at < this.#used[which]; at += ZEROS.length) await this.#segments[which].write(ZEROS.subarray(0, Math.min(ZEROS.length, this.#used[which] - at)), at)
      this.#used[which] = 0
    }
    this.#active = this.#at = 0
    this.#isUnsure = false
  }
}

function spelled ({ placed }: Append, seen: SeenRow | 0, bodies: Uint8Array[]): AppendRecord {
  const rows = placed.map(({ sequence, size, entry }): EntryRow => {
    const [id, report, bytes, ...rest] = storedValue(entry) as [string, string, Uint8Array, ...unknown[]]
    bodies.push(bytes)
    return [entry.disclosure.recipient, sequence, entry.header.notBeforeMs, size, [id, report, bytes.byteLength, ...rest]]
  })
  return [0, rows, seen]
}

function bytesOf ({ placed }: Append): number {
  return placed.reduce((sum, { contentBytes }) => sum + contentBytes, KEY_BYTES)
}
