/** Whether the page is as wide as a phone. */

import { useEffect, useState } from 'preact/hooks'

const PHONE = '(max-width: 40rem)'

export function useNarrow (): boolean {
  const [narrow, setNarrow] = useState(() => window.matchMedia(PHONE).matches)
  useEffect(() => {
    const query = window.matchMedia(PHONE)
    const onChange = (): void => setNarrow(query.matches)
    query.addEventListener('change', onChange)
    return () => query.removeEventListener('change', onChange)
  }, [])
  return narrow
}
