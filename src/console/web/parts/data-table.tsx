/**
 * Rows of facts. On a phone's width each row stands as a small list with its headings; the roles are written out, since
 * browsers forget them where a table is laid out otherwise.
 */

import type { ComponentChildren } from 'preact'

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => ComponentChildren
  readonly number?: boolean
  /** Heads the row. */
  readonly head?: boolean
  /** The heading is for screen readers alone: what stands there speaks for itself. */
  readonly untitled?: boolean
}

interface Shown<T> {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  /** In place of rows. */
  readonly empty?: ComponentChildren
}

export function DataTable<T> ({ label, columns, rows, keyOf, empty }: Shown<T>) {
  if (rows.length === 0 && empty !== undefined) return <div class='empty'>{empty}</div>
  return (
    <div class='scroll'>
      <table class='data' role='table' aria-label={label}>
        <thead role='rowgroup'>
          <tr role='row'>
            {columns.map(({ title, number, untitled }) => (
              <th key={title} role='columnheader' scope='col' class={number === true ? 'number' : undefined}>{untitled === true ? <span class='visually-hidden'>{title}</span> : title}</th>
            ))}
          </tr>
        </thead>
        <tbody role='rowgroup'>
          {rows.map(row => (
            <tr role='row' key={keyOf(row)}>
              {columns.map(column => <Cell key={column.title} column={column} row={row} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cell<T> ({ column: { title, cell, number, head, untitled }, row }: { column: Column<T>, row: T }) {
  const shared = { class: number === true ? 'number' : undefined, 'data-title': untitled === true ? undefined : title }
  return head === true ? <th role='rowheader' scope='row' {...shared}>{cell(row)}</th> : <td role='cell' {...shared}><div>{cell(row)}</div></td>
}
