/** Below a list that goes on: the next page is added to it. */

export function More ({ shown, onMore }: { shown: string, onMore: (() => void) | undefined }) {
  if (onMore === undefined) return null
  return <p class='row'><button type='button' class='compact' onClick={onMore}>Show more</button><span class='soft small'>{shown} so far</span></p>
}
