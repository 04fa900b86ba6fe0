/**
 * What the gateway and the commands share: the data folder's lock, store, secret, consent ledger and registry, and the
 * policy in force.
 */

import { randomBytes } from 'node:crypto'
import { ConsentLedger } from './consent/ledger.js'
import type { Faults } from './faults.js'
import { addressesIn } from './guard/finder.js'
import { CurtilageError } from './model/errors.js'
import type { AccountConsent } from './model/consent.js'
import type { Configuration } from './policy/compile.js'
import { PolicyArchive } from './policy/archive.js'
import { Assessor, type Draft } from './policy/assess.js'
import { AssessThread } from './policy/assess-thread.js'
import { InForce } from './policy/in-force.js'
import { loadConfiguration } from './policy/load.js'
import { PolicyDesk } from './policy/policy-desk.js'
import { readFolder } from './policy/read-folder.js'
import { spellProblem, type Problem } from './policy/problem.js'
import type { StandingConsents } from './consent/standing/standing-consents.js'
import type { Found as Row } from './consent/standing/standing-table.js'
import type { PseudonymKeys } from './minimize/pseudonym.js'
import { Registry } from './registry/registry.js'
import { DeliveryCounts } from './rights/delivery-counts.js'
import { DisclosureIds } from './rights/disclosure-id.js'
import { listingOfEnded } from './rights/replay-access.js'
import { listingOf, recalled } from './rights/replay.js'
import { ReplayList } from './rights/replay-list.js'
import type { Keyring } from './store/keyring.js'
import { takeLock, type Lock, type LockRole } from './store/lock.js'
import { migrateStore, type Migrated } from './store/migrate.js'
import { COPY_KEPT_MS, removeOldCopies } from './store/old-copies.js'
import { loadKeyring, removeSecretDrafts } from './store/secret.js'
import { openStore, type Store } from './store/store.js'
import type { PathContext } from './pipeline.js'

export interface CoreOptions {
  /** Folder of the configuration. */
  readonly config: string
  /** Data folder; made where there is none. */
  readonly data: string
  readonly now?: () => number
  /** For tests alone. */
  readonly faults?: Faults
}

export interface Core {
  readonly dataFolder: string
  readonly lock: Lock
  readonly store: Store
  readonly keyring: Keyring
  readonly ledger: ConsentLedger
  /** What must hold again after an older copy of the store was put back. */
  readonly replay: ReplayList
  /** What was delivered of each account. */
  readonly counts: DeliveryCounts
  readonly registry: Registry
  readonly archive: PolicyArchive
  /** Where policies are put in force. */
  readonly policies: PolicyDesk
  readonly inForce: InForce
  /** `inForce.current`: another one from turn to turn, so it is read once for each piece of work. */
  readonly configuration: Configuration
  readonly now: () => number
  readonly faults: Faults | undefined
  /** The store had an earlier format when it was opened. */
  readonly migrated: Migrated | undefined
  /** Resolves when everything is durable and the folder is free. */
  close (): Promise<void>
}

/** All problems of a configuration, one a line. */
export class ConfigurationError extends CurtilageError {
  readonly problems: readonly Problem[]

  constructor (folder: string, problems: readonly Problem[]) {
    super('configuration-invalid', problems.map(problem => spellProblem(problem, folder)).join('\n'), folder)
    this.problems = problems
  }
}

/** @throws ConfigurationError */
export async function readConfiguration (folder: string): Promise<Configuration> {
  const loaded = await loadConfiguration(folder)
  if ('problems' in loaded) throw new ConfigurationError(folder, loaded.problems)
  return loaded
}

/**
 * Opens a data folder for one process. The configuration is checked before anything is made or changed.
 *
 * @throws ConfigurationError, CurtilageError data-locked, store-*, secret-unsafe, policy-unreadable
 */
export async function openCore (options: CoreOptions, role: LockRole): Promise<Core> {
  const folder = await readConfiguration(options.config)
  const lock = await takeLock(options.data, role)
  try {
    return await openLocked(options, folder, lock, role)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openLocked ({ config, data, now = Date.now, faults }: CoreOptions, folder: Configuration, lock: Lock, role: LockRole): Promise<Core> {
  removeSecretDrafts(data)
  const keyring = loadKeyring(data)
  const migrated = await migrateStore(data, { now })
  removeOldCopies(data, now() - COPY_KEPT_MS)
  const store = openStore(data, faults?.freeBytes === undefined ? {} : { freeBytes: faults.freeBytes })
  store.watch.add(lock.claim, 'the lock of the data folder')
  try {
    const archive = new PolicyArchive(store, now)
    const inForce = new InForce(underFolder(archive, folder))
    const [assessor, thread] = [new Assessor(), new AssessThread()]
    const replay = new ReplayList(data, store, keyring.lasting('replay'), now)
    const ledger = new ConsentLedger({
      store,
      listElsewhere: records => listingOf(replay, records),
      vocabulary: {
        purpose: name => inForce.current.policy.purposes.has(name),
        recipient: name => inForce.current.policy.recipients.some(recipient => recipient.name === name),
        category: name => inForce.current.policy.categories.has(name)
      },
      noticeVersion: () => inForce.current.policy.noticeVersion,
      grantLifetimeMs: () => inForce.current.policy.grantExpiryMs,
      now,
      randomBytes
    })
    const registry = new Registry({ store, keyring, ledger, containsAddress: text => addressesIn(text).length > 0, defaultRegion: () => inForce.current.policy.defaultRegion, recall: account => recalled(replay, account), listEnded: ended => listingOfEnded(replay, ended), now, randomBytes })
    await registry.tokens.ensureOpsToken(data)
    const assess = role === 'gateway' ? async (draft: Draft) => await thread.assess(draft) : async (draft: Draft) => assessor.assess(draft)
    const policies = new PolicyDesk({
      archive,
      inForce,
      now,
      readFolder: async () => await readFolder(config),
      assess,
      write: async writes => await store.transaction(writes),
      record: async ({ action, ...rest }, writes) => { await ledger.record({ account: '', actor: 'gateway', audit: { action, outcome: 'done', ...rest } }, writes) }
    })
    // only a gateway that starts makes a policy the one in force
    await (role === 'gateway' ? policies.begin(folder) : policies.recall())
    const core: Core = {
      dataFolder: data,
      lock,
      store,
      keyring,
      ledger,
      replay,
      counts: new DeliveryCounts(store),
      registry,
      archive,
      policies,
      inForce,
      get configuration () { return inForce.current },
      now,
      faults,
      migrated,
      close: async () => {
        await ledger.idle()
        await thread.close()
        await store.close()
        lock.release()
      }
    }
    // a gateway does both itself, before it delivers
    if (role === 'command') await (await import('./open-outbox.js')).settleJournal(core)
    if (role === 'command' && await replay.hasMissing()) await (await import('./rights/open-rights.js')).rightsAlone(core)
    return core
  } catch (error) {
    await store.close()
    throw error
  }
}

/**
 * What a command works under, and a gateway until it has looked: the policy activated last; the folder's where no gateway
 * ever started, or where the one activated last does not compile any more. Settings are the folder's.
 */
function underFolder (archive: PolicyArchive, folder: Configuration): Configuration {
  if (archive.active === folder.policy.digest) return folder
  const active = archive.active === undefined ? undefined : archive.compiled(archive.active)
  return active === undefined ? folder : { ...active, gateway: folder.gateway }
}

/** The account's row in the table of all consents, good for this turn; 0, which tells nothing, while it is being erased. */
export function standingRow ({ registry }: Core, standing: StandingConsents, account: string, nowMs: number): Row {
  return registry.unfinished.isErasing(account) ? 0 : standing.find(account, nowMs)
}

const ids = new DisclosureIds()

/** The context of one report: the account as it stands when it is first asked for, under the policy in force. */
export function pathContext (core: Core, account: string, device: string): PathContext {
  const { policy, maxReportBytes } = core.configuration
  core.faults?.step?.('consent')
  const keysFor = (recipient: string): PseudonymKeys => ({ gatewayKeyAt: pseudonymKeyAt(core.keyring), accountKey: core.registry.accounts.keyWith(recipient, account) ?? noKey() })
  let asked: { readonly consent: AccountConsent | undefined } | undefined
  return {
    policy,
    maxReportBytes,
    get consent () {
      asked ??= { consent: core.registry.consentOf(account) }
      return asked.consent
    },
    keysFor,
    fingerprints: core.registry.devices.fingerprintLookup(device),
    newId: recipient => ids.next(keysFor(recipient).accountKey),
    ...(core.faults !== undefined && { faults: core.faults })
  }
}

/** The gateway's part of a pseudonym's key, by the time when an epoch begins. */
export function pseudonymKeyAt (keyring: Keyring): (beginsMs: number) => Uint8Array {
  return beginsMs => keyring.keyAt('pseudonym', beginsMs)
}

/** An account without a key is unknown, so nothing is disclosed under this one, which nobody keeps. */
function noKey (): Uint8Array {
  return randomBytes(32)
}
