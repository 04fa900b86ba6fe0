/** Recipients × categories: what each may get of what, in which form, and what it takes. */

import { useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Loading } from '../../parts/loading.js'
import { PageHead } from '../../parts/page-head.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { CellDetails } from './cell-details.js'
import { differences, isOpen, type Matrix, type MatrixCell, type MatrixRow } from './matrix-data.js'
import { MatrixTable } from './matrix-table.js'

export function MatrixPage () {
  const { value: matrix, problem, reload } = useLoaded(signal => ask<Matrix>('/v1/matrix', { signal }), [])
  const [all, setAll] = useState(false)
  const [chosen, setChosen] = useState<readonly [MatrixRow, MatrixCell]>()
  const before = undefined as Matrix | undefined
  const changed = matrix !== undefined && before !== undefined ? differences(matrix, before) : new Map()
  return (
    <div class='page'>
      <PageHead title='Matrix' about='Which recipient may get which kind of data, in which form, and the consent it takes. What has no entry never leaves.'>
        <label class='check'><input type='checkbox' checked={all} onChange={event => setAll(event.currentTarget.checked)} /> Show categories that nobody gets</label>
      </PageHead>
      {matrix === undefined
        ? <Loading problem={problem} reload={reload} />
        : (
          <section class='panel stack' aria-label='Matrix'>
            <Key />
            <MatrixTable matrix={matrix} changed={changed} isShown={category => all || isGiven(matrix, category)} onChoose={(row, cell) => setChosen([row, cell])} />
          </section>
          )}
      {chosen !== undefined && <CellDetails row={chosen[0]} cell={chosen[1]} onClose={() => setChosen(undefined)} />}
    </div>
  )
}

/** Some recipient's rules name it, be the recipient switched on or off. */
function isGiven ({ recipients }: Matrix, category: string): boolean {
  return recipients.some(({ cells }) => cells.some(cell => cell.category === category && (isOpen(cell) || cell.transform !== undefined)))
}

function Key () {
  return (
    <p class='key'>
      <span class='whole'><i aria-hidden='true' /> leaves as it is</span>
      <span class='coarse'><i aria-hidden='true' /> leaves in a coarser form</span>
      <span><i aria-hidden='true' /> stays in the home</span>
    </p>
  )
}
