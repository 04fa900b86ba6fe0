/**
 * One writer for each data folder: the gateway, or a command while no gateway runs.
 *
 * Commands that write take it too, so that a gateway that starts meanwhile cannot miss a change in its caches.
 * ```
 * DATA/claim.PID.STARTED.BOOT.NONCE   who wants or has the folder; the name says all, the file is empty
 * DATA/gateway.lock                   who has it: {"pid","started","boot","role","nonce","http"?}
 * ```
 * A claimant puts its claim down first and looks for others afterwards, so of two at least one sees the other.
 * A claim's name is never used again, so removing that of a dead process can hit nobody else.
 */

import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { lettersOf } from '../letters.js'
import { CurtilageError } from '../model/errors.js'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js'

const LOCK = 'gateway.lock'
const CLAIM = /^claim\.(\d+)\.(\d*)\.([0-9a-f-]*)\.([g-z]+)$/
const PATIENCE_MS = 3000

export type LockRole = 'gateway' | 'command'

export interface LockHolder extends ProcessIdentity {
  readonly role: LockRole
  readonly nonce: string
  /** Where the gateway's API answers, once it does. */
  readonly http?: string
}

export interface Lock {
  /** The file that stands for the claim: whoever finds it gone may take the folder. */
  readonly claim: string
  /** Tells other processes where the API answers. */
  publish (http: string): void
  /** Gives the folder back; may be called twice. */
  release (): void
}

/**
 * Takes the folder. Waits a little for a command that has it, and for others that try at the same moment.
 *
 * @throws CurtilageError data-locked if a gateway has it, or a command does not end within `patienceMs`
 */
export async function takeLock (dataFolder: string, role: LockRole, patienceMs = PATIENCE_MS): Promise<Lock> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const deadline = performance.now() + patienceMs
  for (;;) {
    const lock = claim(dataFolder, role)
    if (lock !== undefined) return lock
    const holder = readLock(dataFolder)
    if (holder?.role === 'gateway' || performance.now() > deadline) throw locked(dataFolder, holder)
    await wait(5 + Math.random() * 20)
  }
}

/** Who has the folder now; undefined if nobody does. */
export function readLock (dataFolder: string): LockHolder | undefined {
  const holder = readHolder(join(dataFolder, LOCK))
  return holder !== undefined && isAlive(holder) ? holder : undefined
}

function claim (folder: string, role: LockRole): Lock | undefined {
  const own: LockHolder = { ...ownIdentity(), role, nonce: lettersOf(randomBytes(8)) }
  const name = `claim.${own.pid}.${own.started}.${own.boot}.${own.nonce}`
  closeSync(openSync(join(folder, name), 'wx', 0o600))
  if (othersClaim(folder, name)) { rmSync(join(folder, name), { force: true }); return undefined }
  writeHolder(folder, own)
  return {
    claim: join(folder, name),
    publish: http => writeHolder(folder, { ...own, http }),
    release: () => release(folder, name, own.nonce)
  }
}

function othersClaim (folder: string, own: string): boolean {
  const claims = readdirSync(folder).filter(name => name !== own && CLAIM.test(name))
  const alive = claims.filter(name => isAlive(claimant(name)))
  for (const name of claims) if (!alive.includes(name)) rmSync(join(folder, name), { force: true })
  return alive.length > 0
}

function claimant (name: string): ProcessIdentity {
  const [, pid, started = '', boot = ''] = CLAIM.exec(name) ?? []
  return { pid: Number(pid), started, boot }
}

function release (folder: string, name: string, nonce: string): void {
  if (readHolder(join(folder, LOCK))?.nonce === nonce) rmSync(join(folder, LOCK), { force: true })
  rmSync(join(folder, name), { force: true })
}

function writeHolder (folder: string, holder: LockHolder): void {
  const draft = join(folder, `${LOCK}.${holder.nonce}`)
  writeFileSync(draft, JSON.stringify(holder) + '\n', { mode: 0o600 })
  renameSync(draft, join(folder, LOCK))
}

function readHolder (path: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as LockHolder
    return typeof holder.pid === 'number' && typeof holder.nonce === 'string' ? holder : undefined
  } catch { return undefined }
}

function locked (folder: string, holder: LockHolder | undefined): CurtilageError {
  const who = holder === undefined ? 'another process' : `a ${holder.role} (process ${holder.pid})`
  return new CurtilageError('data-locked', `${who} uses the data folder ${folder}`)
}
