/** How long the epochs of pseudonyms were under every policy that was ever in force, and until when it was. */

import type { PolicyArchive } from './archive.js'
import { longestEpochMs } from './longest-epoch.js'
import { LONGEST_MS } from './units.js'

export interface PastEpochs {
  readonly longestMs: number
  /** Infinity for the one in force: the last activation. */
  readonly endedMs: number
}

/** One for each time that a policy took force, oldest first. A policy about which nothing is known had the longest epochs there are. */
export function pastEpochs (archive: PolicyArchive): PastEpochs[] {
  const activations = archive.activations()
  const found = new Map<string, number>()
  return activations.map(({ digest, longestEpochMs: noted }, i) => {
    const longestMs = noted ?? found.get(digest) ?? compiledEpochMs(archive, digest)
    found.set(digest, longestMs)
    return { longestMs, endedMs: activations[i + 1]?.atMs ?? Infinity }
  })
}

/** For those that took force under an earlier version, which did not note it. */
function compiledEpochMs (archive: PolicyArchive, digest: string): number {
  const compiled = archive.compiled(digest)
  return compiled === undefined ? LONGEST_MS : longestEpochMs(compiled.policy)
}
