/** The mark and the name. */

export function Brand () {
  return (
    <a class='brand' href='#/'>
      <svg viewBox='0 0 32 32' aria-hidden='true'>
        <path fill='currentColor' opacity='.14' d='M16 2 29 9v9c0 7-6 11-13 13C9 29 3 25 3 18V9z' />
        <path fill='none' stroke='currentColor' stroke-width='2.2' stroke-linejoin='round' d='M16 2 29 9v9c0 7-6 11-13 13C9 29 3 25 3 18V9z' />
        <path fill='none' stroke='currentColor' stroke-width='2.2' stroke-linejoin='round' stroke-linecap='round' d='m9 17 7-6 7 6m-11.500-1v7h9v-7' />
      </svg>
      Curtilage
    </a>
  )
}
