/** Somebody who relays reports, and one of them that runs. */

import { spawnSync } from 'node:child_process'
import { PASSWORD } from '../figures/register-homes.js'
import type { Login } from './frames.js'
import type { Reporter } from './homes.js'

/** The core of whoever is measured; the load has the other. */
const SERVER_CORE = '0'

export interface Peer {
  readonly name: string
  /** Why it cannot run here, where it cannot. */
  readonly missing?: string
  start (folder: string, reporters: readonly Reporter[], qos: 0 | 1): Promise<RunningPeer>
}

export interface RunningPeer {
  readonly port: number
  readonly pids: readonly number[]
  readonly subscribers: readonly Subscriber[]
  /** Bytes of what it wrote for what it acknowledged, where it keeps a file of it. */
  keptBytes? (): number
  /** Reports that it kept from a recipient, so far. */
  withheld? (): Promise<number>
  /** Killed, and started anew on what it left on disk. */
  again? (): Promise<RunningPeer>
  end (): Promise<void>
}

export type Subscriber = Login & { readonly topic: string }

/** Where nobody is asked who he is. */
export const ANYBODY: Login = { clientId: 'subscriber', userName: 'subscriber', password: PASSWORD }

/** taskset(1), all threads. */
export function pin (pid: number): void {
  spawnSync('taskset', ['-a', '-c', '-p', SERVER_CORE, String(pid)])
}
