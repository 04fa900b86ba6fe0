/** A bar while the gateway does not answer; asks until it does, and says when it is back. */

import { useEffect, useState } from 'preact/hooks'
import { reached } from '../api/reached.js'

const EVERY_MS = 3_000

export function Reach () {
  const [wasAway, setWasAway] = useState(false)
  const away = !reached.value
  useEffect(() => {
    if (!away) return
    setWasAway(true)
    const timer = setInterval(() => {
      fetch('/health/live', { cache: 'no-store', credentials: 'omit' }).then(({ ok }) => { if (ok) reached.value = true }, () => {})
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [away])
  return (
    <div class='reach' role='status'>
      {away && <p class='away'>The gateway does not answer. What you see is what it said last; trying again.</p>}
      {!away && wasAway && <p class='back'>The gateway answers again. <button type='button' class='quiet compact' onClick={() => setWasAway(false)}>Hide</button></p>}
    </div>
  )
}
