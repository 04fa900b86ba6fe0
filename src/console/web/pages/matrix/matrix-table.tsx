/**
 * The table itself: a row a category, a column a recipient, each cell a button.
 *
 * One stop for the Tab key; arrows, Home and End move between cells, as in a spreadsheet.
 */

import { useRef, useState } from 'preact/hooks'
import { transformText } from '../../words/transform.js'
import { CONSENT_TEXT, cellOf, families, isOpen, keyOf, type Earlier, type Matrix, type MatrixCell, type MatrixRow } from './matrix-data.js'

interface Shown {
  readonly matrix: Matrix
  readonly changed: ReadonlyMap<string, Earlier>
  readonly isShown: (category: string) => boolean
  readonly onChoose: (row: MatrixRow, cell: MatrixCell) => void
}

export function MatrixTable ({ matrix, changed, isShown, onChoose }: Shown) {
  const body = useRef<HTMLTableElement>(null)
  const [current, setCurrent] = useState<readonly [number, number]>([0, 0])
  const groups = families(matrix, isShown)
  const order = groups.flatMap(([, categories]) => categories)
  const { recipients } = matrix

  const move = (event: KeyboardEvent): void => {
    const next = moved(current, event.key, order.length, recipients.length)
    if (next === undefined) return
    event.preventDefault()
    setCurrent(next)
    body.current?.querySelector<HTMLElement>(`[data-place="${next.join(' ')}"]`)?.focus()
  }

  return (
    <div class='scroll'>
      <table class='matrix' role='grid' aria-label='Categories by recipient' ref={body} onKeyDown={move}>
        <thead>
          <tr>
            <th scope='col'>Category</th>
            {recipients.map(row => (
              <th scope='col' key={row.recipient}>
                <strong>{row.recipient}</strong>
                {row.enabled ? `for ${row.purpose}` : 'switched off'}
                {row.cells.some(({ consent }) => consent === 'recipient') && <><br />only if consent names it</>}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(([family, categories]) => (
          <tbody key={family}>
            <tr class='family'><th scope='rowgroup' colSpan={recipients.length + 1}>{family}</th></tr>
            {categories.map(category => (
              <tr key={category}>
                <th scope='row'>{category}</th>
                {recipients.map((row, column) => {
                  const place = [order.indexOf(category), column] as const
                  const cell = cellOf(row, category)
                  return (
                    <td key={row.recipient}>
                      {cell !== undefined && (
                        <CellButton
                          row={row} cell={cell} earlier={changed.get(keyOf(cell))} place={place.join(' ')}
                          tabIndex={place[0] === current[0] && column === current[1] ? 0 : -1}
                          onFocus={() => setCurrent(place)} onChoose={() => onChoose(row, cell)}
                        />
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}

interface CellShown {
  readonly row: MatrixRow
  readonly cell: MatrixCell
  readonly earlier: Earlier | undefined
  readonly place: string
  readonly tabIndex: number
  readonly onFocus: () => void
  readonly onChoose: () => void
}

function CellButton ({ row, cell, earlier, place, tabIndex, onFocus, onChoose }: CellShown) {
  const before = earlier === undefined ? undefined : wasText(earlier, cell)
  return (
    <button type='button' class={`cell ${classOf(row, cell)}${earlier === undefined ? '' : ' changed'}`} data-place={place} tabIndex={tabIndex} onFocus={onFocus} onClick={onChoose}>
      <span class='visually-hidden'>{cell.category}, {row.recipient}: </span>
      <span>{textOf(row, cell)}</span>
      {before !== undefined && <small>was: {before}</small>}
    </button>
  )
}

/** The consent that it took is told where it was another. */
export function wasText ({ isOpen, transform, consent = 'closed' }: Earlier, now: MatrixCell): string {
  if (!isOpen || transform === undefined) return 'nothing'
  return consent === now.consent ? transformText(transform) : `${transformText(transform)}, ${CONSENT_TEXT[consent]}`
}

function textOf ({ enabled }: MatrixRow, cell: MatrixCell): string {
  if (cell.transform === undefined) return cell.consent === 'closed' && enabled ? 'never' : '–'
  return transformText(cell.transform)
}

function classOf ({ enabled }: MatrixRow, cell: MatrixCell): string {
  if (isOpen(cell)) return cell.transform === 'keep' ? 'leaves whole' : 'leaves'
  if (cell.transform !== undefined) return 'off'
  return cell.consent === 'closed' && enabled ? 'never' : 'none'
}

function moved ([line, column]: readonly [number, number], key: string, lines: number, columns: number): readonly [number, number] | undefined {
  switch (key) {
    case 'ArrowUp': return [Math.max(0, line - 1), column]
    case 'ArrowDown': return [Math.min(lines - 1, line + 1), column]
    case 'ArrowLeft': return [line, Math.max(0, column - 1)]
    case 'ArrowRight': return [line, Math.min(columns - 1, column + 1)]
    case 'Home': return [line, 0]
    case 'End': return [line, columns - 1]
    default: return undefined
  }
}
