/** What the flow page shows: sums of the snapshots that came, and how the stream stands. A frozen view stays as it is; counting goes on. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { watchLive, type LiveState } from '../../api/live.js'
import type { Snapshot } from '../../api/snapshot.js'
import { FlowSums, type Sums } from './flow-sums.js'

export interface Seen {
  readonly minute: Sums
  readonly all: Sums
  readonly last: Snapshot
}

export function useLive (frozen: boolean): { state: LiveState, seen: Seen | undefined } {
  const [state, setState] = useState<LiveState>({ is: 'connecting' })
  const [seen, setSeen] = useState<Seen>()
  const isFrozen = useRef(frozen)
  const show = useRef(() => {})
  useEffect(() => {
    const sums = new FlowSums()
    let last: Snapshot | undefined
    // several missed ones come at once
    let due = false
    show.current = () => {
      due = false
      if (last !== undefined && !isFrozen.current) setSeen({ minute: sums.minute(), all: sums.all(), last })
    }
    return watchLive({
      onState: setState,
      onSnapshot: snapshot => {
        sums.add(snapshot)
        last = snapshot
        if (due) return
        due = true
        setTimeout(() => show.current(), 0)
      }
    })
  }, [])
  useEffect(() => {
    isFrozen.current = frozen
    show.current()
  }, [frozen])
  return { state, seen }
}
