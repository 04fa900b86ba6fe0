/** The flow as a Sankey diagram: amber leaves, green stays. */

import { useMemo } from 'preact/hooks'
import { Chart } from '../../parts/chart.js'
import type { Colors } from '../../parts/colors.js'
import type { Option } from '../../parts/echarts.js'
import { countOf, countText, shareText } from '../../words/format.js'
import type { FlowLink, FlowNode, Picture, Side } from './flow-links.js'
import { nodeText } from './node-text.js'

const ROWS_REM = 2.1
/** Beside the outer nodes; on a phone they are written over the streams. */
const LABELS_PX = { left: 176, right: 244 }

interface Drawn {
  readonly picture: Picture
  /** Without report types. */
  readonly narrow: boolean
  readonly onChoose: (node: FlowNode) => void
}

export function FlowChart ({ picture, narrow, onChoose }: Drawn) {
  const option = useMemo(() => (colors: Colors) => optionOf(picture, narrow, colors), [picture, narrow])
  const rows = Math.max(...(['from', 'through'] as const).map(side => countSide(picture, side)), countSide(picture, 'to') + countSide(picture, 'why'))
  return (
    <Chart
      label={`Flow diagram: ${countOf(picture.decisions, 'decision')}, ${countText(picture.leaving)} of them let something leave. The tables below say the same.`}
      heightRem={Math.max(16, rows * ROWS_REM)}
      option={option}
      onChoose={name => { const node = picture.nodes.find(({ id }) => id === name); if (node !== undefined) onChoose(node) }}
    />
  )
}

function countSide ({ nodes }: Picture, side: Side): number {
  return nodes.filter(node => node.side === side).length
}

function optionOf ({ nodes, first, second }: Picture, narrow: boolean, colors: Colors): Option {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const shown = narrow ? nodes.filter(({ side }) => side !== 'from') : nodes
  const text = (id: string): string => { const node = byId.get(id); return node === undefined ? id : nodeText(node) }
  return {
    series: [{
      type: 'sankey',
      left: narrow ? 2 : LABELS_PX.left,
      right: narrow ? 2 : LABELS_PX.right,
      top: 8,
      bottom: 8,
      nodeWidth: 8,
      nodeGap: 14,
      nodeAlign: 'justify',
      layoutIterations: 0,
      draggable: false,
      emphasis: { focus: 'adjacency' },
      label: { color: colors.ink, fontSize: 12, textBorderColor: colors.surface, textBorderWidth: 3, formatter: ({ name }) => labelOf(byId.get(name), narrow), rich: { soft: { color: colors.soft, fontSize: 11 } } },
      data: shown.map(node => ({
        name: node.id,
        depth: depthOf(node.side) - (narrow ? 1 : 0),
        itemStyle: { color: colorOf(node.side, colors), borderWidth: 0 },
        label: { position: labelSide(node.side, narrow) }
      })),
      links: [...narrow ? [] : first, ...second].flatMap(link => streams(link, colors)),
      tooltip: {
        formatter: shownAt => {
          const { dataType, data, name, value } = shownAt as { dataType: string, data: { source?: string, target?: string, stays?: boolean }, name: string, value: number }
          if (dataType === 'node') return `${text(name)}\n${countOf(value, 'decision')}`
          return `${text(data.source ?? '')} → ${text(data.target ?? '')}\n${countOf(value, 'decision')}: ${data.stays === true ? 'stays' : 'may leave'}`
        }
      }
    }]
  }
}

function labelOf (node: FlowNode | undefined, narrow: boolean): string {
  if (node === undefined) return ''
  return narrow ? nodeText(node) : `${nodeText(node)}  {soft|${countText(node.count)}}`
}

/** What leaves and what stays side by side. */
function streams ({ source, target, leaves, stays }: FlowLink, colors: Colors) {
  const stream = (value: number, isStay: boolean) => ({ source: source.id, target: target.id, value, stays: isStay, lineStyle: { color: isStay ? colors.stays : colors.leaves, opacity: 0.34 } })
  return [...leaves > 0 ? [stream(leaves, false)] : [], ...stays > 0 ? [stream(stays, true)] : []]
}

function depthOf (side: Side): number {
  return side === 'from' ? 0 : side === 'through' ? 1 : 2
}

function isEnd (side: Side): boolean {
  return side === 'to' || side === 'why'
}

function labelSide (side: Side, narrow: boolean): 'left' | 'right' {
  if (narrow) return isEnd(side) ? 'left' : 'right'
  return side === 'from' ? 'left' : 'right'
}

function colorOf (side: Side, colors: Colors): string {
  return side === 'to' ? colors.leaves : side === 'why' ? colors.stays : colors.strong
}

/** Beside the picture. */
export function leavingText ({ decisions, leaving }: Picture): string {
  return `${countOf(decisions, 'decision')}, ${shareText(leaving, decisions)} let something leave`
}
