/** Recipients × categories: what each may get of what, in which form, and what it takes. */

import { useId, useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Loading } from '../../parts/loading.js'
import { Note } from '../../parts/note.js'
import { PageHead } from '../../parts/page-head.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { countOf } from '../../words/format.js'
import { policyText } from '../policies/compare-policies.js'
import { allPolicies } from '../policies/policies-data.js'
import { CellDetails } from './cell-details.js'
import { differences, gone, isOpen, keyOf, type Earlier, type Matrix, type MatrixCell, type MatrixRow } from './matrix-data.js'
import { MatrixTable } from './matrix-table.js'

export function MatrixPage () {
  const { value: matrix, problem, reload } = useLoaded(signal => ask<Matrix>('/v1/matrix', { signal }), [])
  const [all, setAll] = useState(false)
  const [chosen, setChosen] = useState<readonly [MatrixRow, MatrixCell]>()
  const [against, setAgainst] = useState('')
  const { value: before, problem: beforeProblem } = useLoaded(async signal => against === '' ? undefined : await matrixOf(against, signal), [against])
  const changed: ReadonlyMap<string, Earlier> = matrix !== undefined && before !== undefined ? differences(matrix, before) : new Map()
  return (
    <div class='page'>
      <PageHead title='Matrix' about='Which recipient may get which kind of data, in which form, and the consent it takes. What has no entry never leaves.'>
        <Against value={against} onChange={setAgainst} />
        <label class='check'><input type='checkbox' checked={all} onChange={event => setAll(event.currentTarget.checked)} /> Show categories that nobody gets</label>
      </PageHead>
      {matrix === undefined
        ? <Loading problem={problem} reload={reload} />
        : (
          <section class='panel stack' aria-label='Matrix'>
            <div role='status'>
              {against !== '' && before !== undefined && matrix !== undefined && <p>{differenceText(changed.size, gone(matrix, before))}</p>}
              {beforeProblem !== undefined && <Note tone='alarm'>{beforeProblem}</Note>}
            </div>
            <Key isCompared={against !== ''} />
            <MatrixTable matrix={matrix} changed={changed} isShown={category => all || isGiven(matrix, category) || (before !== undefined && isGiven(before, category))} onChoose={(row, cell) => setChosen([row, cell])} />
          </section>
          )}
      {chosen !== undefined && <CellDetails row={chosen[0]} cell={chosen[1]} earlier={changed.get(keyOf(chosen[1]))} onClose={() => setChosen(undefined)} />}
    </div>
  )
}

/** Some recipient's rules name it, be the recipient switched on or off. */
function isGiven ({ recipients }: Matrix, category: string): boolean {
  return recipients.some(({ cells }) => cells.some(cell => cell.category === category && (isOpen(cell) || cell.transform !== undefined)))
}

function Key ({ isCompared }: { isCompared: boolean }) {
  return (
    <p class='key'>
      <span class='whole'><i aria-hidden='true' /> leaves as it is</span>
      <span class='coarse'><i aria-hidden='true' /> leaves in a coarser form</span>
      <span><i aria-hidden='true' /> stays in the home</span>
      {isCompared && <span class='changed'><i aria-hidden='true' /> was otherwise, told below it</span>}
    </p>
  )
}

/** Any policy that was seen, the one in force aside. */
function Against ({ value, onChange }: { value: string, onChange: (digest: string) => void }) {
  const id = useId()
  const { value: known } = useLoaded(allPolicies, [])
  const others = known?.policies.filter(({ digest }) => digest !== known.active) ?? []
  return (
    <div class='against'>
      <label for={id}>Compare with</label>
      <select id={id} value={value} disabled={others.length === 0} onChange={event => onChange(event.currentTarget.value)}>
        <option value=''>{others.length === 0 ? 'no other policy yet' : 'nothing'}</option>
        {others.map(policy => <option key={policy.digest} value={policy.digest}>{policyText(policy)}</option>)}
      </select>
    </div>
  )
}

async function matrixOf (digest: string, signal: AbortSignal): Promise<Matrix> {
  const { matrix } = await ask<{ matrix?: MatrixRow[] }>(`/v1/policies/${part(digest)}`, { signal })
  if (matrix === undefined) throw new Error('This version of the gateway cannot read that policy.')
  return { recipients: matrix }
}

function differenceText (cells: number, lost: readonly string[]): string {
  const text = cells === 0 ? 'Every cell gives out the same.' : `${countOf(cells, 'cell gives', 'cells give')} out something else than before.`
  return lost.length === 0 ? text : `${text} Not there any more: ${lost.join(', ')}.`
}
