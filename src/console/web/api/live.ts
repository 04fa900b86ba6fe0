/**
 * The live view of the gateway: a snapshot a second, read off server-sent events.
 *
 * Not by EventSource, which cannot send the token in a header. A stream that ends, or stays silent too long, is asked for
 * again, later each time; what was missed within the last minute comes then.
 */

import { isAborted, Problem, request } from './request.js'
import type { Snapshot } from './snapshot.js'

const SILENT_MS = 10_000
const FIRST_WAIT_MS = 1_000
const MOST_WAIT_MS = 15_000

export type LiveState =
  | { readonly is: 'connecting' }
  | { readonly is: 'live' }
  | { readonly is: 'lost', readonly tryAtMs: number, readonly why: string }
  | { readonly is: 'refused', readonly why: string }

export interface Watcher {
  readonly onSnapshot: (snapshot: Snapshot) => void
  readonly onState: (state: LiveState) => void
}

/** Watches until the returned function is called. */
export function watchLive (watcher: Watcher): () => void {
  const ending = new AbortController()
  watch(watcher, ending.signal).catch(() => {})
  return () => ending.abort()
}

async function watch ({ onSnapshot, onState }: Watcher, signal: AbortSignal): Promise<void> {
  let [waitMs, last]: [number, number | undefined] = [FIRST_WAIT_MS, undefined]
  while (!signal.aborted) {
    onState({ is: 'connecting' })
    let why = 'The stream ended.'
    try {
      for await (const snapshot of snapshots(last, signal)) {
        [waitMs, last] = [FIRST_WAIT_MS, snapshot.sequence]
        onState({ is: 'live' })
        onSnapshot(snapshot)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem && (error.status === 401 || error.status === 403)) return onState({ is: 'refused', why: error.message })
      if (!isAborted(error)) why = (error as Error).message
    }
    if (signal.aborted) return
    onState({ is: 'lost', tryAtMs: Date.now() + waitMs, why })
    await passed(waitMs, signal)
    waitMs = Math.min(MOST_WAIT_MS, waitMs * 2)
  }
}

async function * snapshots (after: number | undefined, signal: AbortSignal): AsyncGenerator<Snapshot> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENT_MS)
  try {
    const { body } = await request('/v1/live', { signal: AbortSignal.any([signal, silence.signal]), headers: after === undefined ? {} : { 'last-event-id': String(after) } })
    if (body === null) return
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), SILENT_MS)
      const events = (rest + read.value).split('\n\n')
      rest = events.pop() ?? ''
      for (const data of events.flatMap(event => /^data: (.*)$/m.exec(event)?.[1] ?? [])) yield JSON.parse(data) as Snapshot
    }
  } finally {
    clearTimeout(timer)
  }
}

async function passed (ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve() }, { once: true })
  })
}
