/** What the picture shows, in two tables: for screen readers, for the keyboard, and for exact figures. */

import { DataTable, type Column } from '../../parts/data-table.js'
import { countText } from '../../words/format.js'
import type { FlowLink, Picture } from './flow-links.js'
import { nodeText } from './node-text.js'

const FROM: readonly Column<FlowLink>[] = [
  { title: 'Report type', cell: ({ source }) => nodeText(source), head: true },
  { title: 'Category', cell: ({ target }) => nodeText(target) },
  { title: 'May leave', cell: ({ leaves }) => countText(leaves), number: true },
  { title: 'Stays', cell: ({ stays }) => countText(stays), number: true }
]

const TO: readonly Column<FlowLink>[] = [
  { title: 'Category', cell: ({ source }) => nodeText(source), head: true },
  { title: 'Recipient or reason', cell: ({ target }) => target.side === 'why' ? <>stays: {nodeText(target)}</> : <>leaves to {nodeText(target)}</> },
  { title: 'Decisions', cell: ({ leaves, stays }) => countText(leaves + stays), number: true }
]

export function FlowTables ({ picture }: { picture: Picture }) {
  return (
    <details class='as-table'>
      <summary>The same as tables</summary>
      <div class='columns'>
        <div class='stack tight'>
          <h3>From report types to categories</h3>
          <DataTable label='From report types to categories' columns={FROM} rows={picture.first} keyOf={keyOf} empty='Nothing yet.' />
        </div>
        <div class='stack tight'>
          <h3>From categories to recipients, or why it stays</h3>
          <DataTable label='From categories to recipients' columns={TO} rows={picture.second} keyOf={keyOf} empty='Nothing yet.' />
        </div>
      </div>
    </details>
  )
}

function keyOf ({ source, target }: FlowLink): string {
  return `${source.id} ${target.id}`
}
