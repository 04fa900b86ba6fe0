/** What is shown until an answer is there, or in place of one that did not come. */

import { Note } from './note.js'

export function Loading ({ problem, reload }: { problem: string | undefined, reload: () => void }) {
  if (problem === undefined) return <p class='loading' role='status'>Loading…</p>
  return <div role='alert'><Note tone='alarm'><p>{problem}</p><button type='button' class='quiet compact' onClick={reload}>Try again</button></Note></div>
}
