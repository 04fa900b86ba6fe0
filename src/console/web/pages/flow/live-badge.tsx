/** How the stream stands, in words that a screen reader hears when they change. */

import { useEffect, useState } from 'preact/hooks'
import type { LiveState } from '../../api/live.js'
import { Badge } from '../../parts/badge.js'

export function LiveBadge ({ state, frozen }: { state: LiveState, frozen: boolean }) {
  return (
    <>
      <span role='status'>{badgeOf(state, frozen)}</span>
      {state.is === 'lost' && <NextTry atMs={state.tryAtMs} />}
    </>
  )
}

function badgeOf (state: LiveState, frozen: boolean) {
  switch (state.is) {
    case 'connecting': return <Badge>connecting</Badge>
    case 'live': return frozen ? <Badge tone='accent'>frozen, counting goes on</Badge> : <Badge tone='stays'>live</Badge>
    case 'lost': return <Badge tone='alarm'>connection lost</Badge>
    case 'refused': return <Badge tone='alarm'>not allowed</Badge>
  }
}

function NextTry ({ atMs }: { atMs: number }) {
  const [nowMs, setNowMs] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return <span class='soft small'>next try in {Math.max(0, Math.ceil((atMs - nowMs) / 1000))} s</span>
}
