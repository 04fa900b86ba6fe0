/** What the journal is written to: files of a fixed length, made and watched by whoever opens the outbox. */

export interface Segment {
  readonly bytes: number
  /** All that it holds. */
  read: () => Buffer
  /** Resolves when all of it is on disk; the bytes may be used again then. Nothing else is written to it meanwhile. */
  write: (bytes: Uint8Array, at: number) => Promise<void>
}

/** Two of one length. The same object is given to one journal. */
export interface Segments {
  readonly all: readonly [Segment, Segment]
  /** After the last write. */
  readonly close: () => void
}
