/** Why a cell says what it says: rule, file and line, clause. */

import { Badge } from '../../parts/badge.js'
import { Drawer } from '../../parts/drawer.js'
import { transformText } from '../../words/transform.js'
import { CONSENT_TEXT, isOpen, type Earlier, type MatrixCell, type MatrixRow } from './matrix-data.js'
import { wasText } from './matrix-table.js'

export function CellDetails ({ row, cell, earlier, onClose }: { row: MatrixRow, cell: MatrixCell, earlier: Earlier | undefined, onClose: () => void }) {
  const open = isOpen(cell)
  return (
    <Drawer title={<><code>{cell.category}</code> to {row.recipient}</>} onClose={onClose}>
      <div class='stack'>
        <p>{open ? <Badge tone='leaves'>may leave</Badge> : <Badge tone='stays'>stays</Badge>}</p>
        <dl class='facts'>
          <dt>Form</dt><dd>{cell.transform === undefined ? 'no rule lets it out' : transformText(cell.transform)}</dd>
          {cell.transform !== undefined && <><dt>As written</dt><dd><code>{cell.transform}</code></dd></>}
          <dt>Rule</dt><dd>{cell.rule === undefined ? 'none' : <code>config/{cell.rule}</code>}</dd>
          <dt>Consent</dt><dd>{row.enabled ? CONSENT_TEXT[cell.consent] : 'the recipient is switched off'}</dd>
          <dt>Purpose</dt><dd>{row.purpose} (clause {row.clause})</dd>
          <dt>Kind</dt><dd>{row.kind}</dd>
          <dt>Clause</dt><dd>{cell.clause}, of the category</dd>
          <dt>Reports</dt><dd>{cell.reports.length === 0 ? 'none of its reports holds this category' : cell.reports.join(', ')}</dd>
        </dl>
        {earlier !== undefined && (
          <section class='stack tight earlier' aria-label='In the policy compared with'>
            <h3>In the policy compared with</h3>
            <dl class='facts'>
              <dt>What left</dt><dd>{wasText(earlier, cell)}</dd>
              <dt>Rule</dt><dd>{earlier.rule === undefined ? 'none' : <code>config/{earlier.rule}</code>}</dd>
            </dl>
          </section>
        )}
      </div>
    </Drawer>
  )
}
