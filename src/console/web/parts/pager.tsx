/** To the page before and the one after; undefined where there is none. */

export function Pager ({ onPrevious, onNext }: { onPrevious: (() => void) | undefined, onNext: (() => void) | undefined }) {
  return (
    <div class='row pager'>
      <button type='button' class='compact' disabled={onPrevious === undefined} onClick={onPrevious}>Previous</button>
      <button type='button' class='compact' disabled={onNext === undefined} onClick={onNext}>Next</button>
    </div>
  )
}
