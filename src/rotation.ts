/**
 * Rotation of the gateway's secret: a new generation now, the old ones destroyed when nothing needs them any more.
 *
 * What keeps an old generation: credentials and fingerprints that are kept under it (made anew when they are used or seen
 * again), pseudonyms of epochs that began under it, whichever policy they were made under, and erasure notices, which have to
 * name the pseudonyms that a recipient may still hold. A packet may be sent again for an hour, which is always shorter.
 *
 * INVARIANT: a pseudonym does not change within an epoch because the secret was rotated.
 */

import type { Core } from './core.js'
import { longestEpochMs } from './policy/longest-epoch.js'
import { pastEpochs, type PastEpochs } from './policy/past-epochs.js'
import type { GenerationCounts } from './registry/generation-counts.js'
import { addGeneration, dropGenerations } from './store/secret.js'

const HOUR_MS = 3_600_000
const NOTHING: GenerationCounts = { devices: 0, apps: 0, recipients: 0, tokens: 0, addresses: 0 }

export interface GenerationStatus extends GenerationCounts {
  readonly generation: number
  /** Epoch milliseconds; the first one has been in force ever since. */
  readonly sinceMs: number
  readonly newest: boolean
  /** Epochs that began under it end by then; absent where none runs. */
  readonly pseudonymsUntilMs?: number
  /** Until then an erasure may have to name pseudonyms that were made under it. */
  readonly noticesUntilMs?: number
  readonly needed: boolean
}

/** Ascending. Walks over the whole registry, and lets others have a turn. */
export async function secretStatus (core: Core): Promise<GenerationStatus[]> {
  const counts = await core.registry.countGenerations()
  const { all } = core.keyring.generations
  const epochs = epochsOf(core)
  return all.map(({ generation, sinceMs }, i) => {
    const successor = all[i + 1]
    const own = counts.get(generation) ?? NOTHING
    const times = successor === undefined ? {} : neededUntil(successor.sinceMs, epochs, core)
    const kept = Object.values(own).some(count => count > 0)
    return { generation, sinceMs, newest: successor === undefined, ...own, ...times, needed: successor === undefined || kept || 'noticesUntilMs' in times }
  })
}

/**
 * A new generation, in force for every epoch that begins from now on. Durable when it resolves; a crash anywhere leaves the
 * secret as it was, or rotated.
 *
 * @throws CurtilageError secret-write
 */
export async function rotateSecret (core: Core): Promise<number> {
  const { generation } = addGeneration(core.dataFolder, core.keyring, core.now())
  await renewOpsToken(core)
  return generation
}

/** Destroys old generations that nothing needs, or all of them. Returns those that are gone, as they were. @throws CurtilageError secret-write */
export async function retireGenerations (core: Core, force: boolean): Promise<GenerationStatus[]> {
  await renewOpsToken(core)
  const gone = (await secretStatus(core)).filter(({ newest, needed }) => !newest && (force || !needed))
  dropGenerations(core.dataFolder, core.keyring, gone.map(({ generation }) => generation))
  return gone
}

/** What a gateway does by itself, at its start and each day: nothing that breaks anything. Never rejects. */
export async function retireUnneeded (core: Core): Promise<void> {
  if (!mayRetire(core)) return
  try {
    const gone = await retireGenerations(core, false)
    if (gone.length === 0) return
    await core.ledger.record({ account: '', actor: 'gateway', audit: { action: 'secret.retire', outcome: 'done', subject: numbersText(gone), count: gone.length } })
  } catch { process.emitWarning('old generations of the secret could not be destroyed', 'CurtilageWarning') }
}

export function numbersText (generations: readonly { readonly generation: number }[]): string {
  return generations.map(({ generation }) => `generation ${generation}`).join(', ')
}

/** A look at the clock, before the walk over the registry. */
function mayRetire (core: Core): boolean {
  const [, second] = core.keyring.generations.all
  return second !== undefined && !('noticesUntilMs' in neededUntil(second.sinceMs, epochsOf(core), core))
}

/** Whoever ends a generation cannot keep the token in the file from being found under the next. */
async function renewOpsToken ({ registry, dataFolder }: Core): Promise<void> {
  registry.tokens.renewOpsToken(dataFolder)
  await registry.renewed()
}

/** Pseudonyms that were made under an earlier policy last as long as it said, and come back with it. */
function neededUntil (endedMs: number, epochs: readonly PastEpochs[], { configuration: { gateway: { limits } }, now }: Core): { pseudonymsUntilMs?: number, noticesUntilMs?: number } {
  const pseudonymsUntilMs = Math.max(...epochs.map(({ longestMs, endedMs: policyEndedMs }) => Math.min(endedMs, policyEndedMs + HOUR_MS) + Math.max(HOUR_MS, longestMs)))
  const noticesUntilMs = pseudonymsUntilMs + limits.countRetentionMs
  const nowMs = now()
  return { ...(pseudonymsUntilMs > nowMs && { pseudonymsUntilMs }), ...(noticesUntilMs > nowMs && { noticesUntilMs }) }
}

/** Of every policy that was in force, and of the one that is. */
function epochsOf ({ archive, configuration: { policy } }: Core): PastEpochs[] {
  return [...pastEpochs(archive), { longestMs: longestEpochMs(policy), endedMs: Infinity }]
}
