/**
 * Sums as the links of a picture that can be read: report types → categories → recipients, or the reason why it stayed.
 *
 * The unit is one decision: one category of one report for one recipient. Of each column the largest few stand by
 * themselves, the rest together; in an order that does not change from second to second.
 */

import type { Flow } from '../../api/snapshot.js'

const MOST = { from: 8, through: 10, to: 8, why: 6 } as const

export interface Filter {
  readonly recipient: string
  readonly report: string
}

export type Side = 'from' | 'through' | 'to' | 'why'

export interface FlowNode {
  /** Unlike any other; the side, a colon, the name. */
  readonly id: string
  readonly side: Side
  /** Of `rest`: how many stand for it. */
  readonly name: string
  readonly rest: number
  readonly count: number
}

export interface FlowLink {
  readonly source: FlowNode
  readonly target: FlowNode
  readonly leaves: number
  readonly stays: number
}

export interface Picture {
  readonly nodes: readonly FlowNode[]
  /** Report types → categories. */
  readonly first: readonly FlowLink[]
  /** Categories → recipients or reasons. */
  readonly second: readonly FlowLink[]
  readonly decisions: number
  readonly leaving: number
}

/** `ranking` tells which are the largest; it may sum up a longer time than `flows`, so that they do not change at each moment. */
export function pictureOf (flows: readonly Flow[], ranking: readonly Flow[], filter: Filter): Picture {
  const [shown, ranked] = [flows, ranking].map(lines => lines.filter(flow => isShown(flow, filter))) as [Flow[], Flow[]]
  const named = new Set(ranked.map(({ category }) => category)).size <= MOST.through ? (flow: Flow) => flow.category : (flow: Flow) => familyOf(flow.category)
  const columns = {
    from: new Column('from', ranked, ({ report }) => report),
    through: new Column('through', ranked, named),
    to: new Column('to', ranked.filter(({ reason }) => reason === undefined), ({ recipient }) => recipient),
    why: new Column('why', ranked.filter(({ reason }) => reason !== undefined), ({ reason = '' }) => reason)
  }
  const [first, second] = [new Links(), new Links()]
  for (const flow of shown) {
    const [from, through] = [columns.from.nodeOf(flow), columns.through.nodeOf(flow)]
    const end = flow.reason === undefined ? columns.to.nodeOf(flow) : columns.why.nodeOf(flow)
    for (const node of [from, through, end]) node.count += flow.count
    first.add(from, through, flow)
    second.add(through, end, flow)
  }
  const nodes = Object.values(columns).flatMap(column => column.nodes()).filter(({ count }) => count > 0)
  return {
    nodes,
    first: first.sorted(nodes),
    second: second.sorted(nodes),
    decisions: sum(shown),
    leaving: sum(shown.filter(({ reason }) => reason === undefined))
  }
}

/** A recipient that is switched off is shown where it is asked for alone: it would hide why the others get nothing. */
function isShown ({ report, recipient, reason }: Flow, filter: Filter): boolean {
  if (filter.report !== '' && report !== filter.report) return false
  return filter.recipient === '' ? reason !== 'recipient-off' : recipient === filter.recipient
}

/** `energy.power` → `energy.*` */
function familyOf (category: string): string {
  const dot = category.indexOf('.')
  return dot === -1 ? category : `${category.slice(0, dot)}.*`
}

type Growing = { -readonly [K in keyof FlowNode]: FlowNode[K] }

class Column {
  readonly #nameOf: (flow: Flow) => string
  readonly #own: Map<string, Growing>
  readonly #rest: Growing

  constructor (side: Side, ranked: readonly Flow[], nameOf: (flow: Flow) => string) {
    this.#nameOf = nameOf
    const counts = new Map<string, number>()
    for (const flow of ranked) counts.set(nameOf(flow), (counts.get(nameOf(flow)) ?? 0) + flow.count)
    const names = [...counts].sort(([a, m], [b, n]) => n - m || compare(a, b)).map(([name]) => name)
    // "1 other" says less than its name
    const own = names.length <= MOST[side] + 1 ? names : names.slice(0, MOST[side])
    this.#own = new Map(own.sort(compare).map(name => [name, { id: `${side}:${name}`, side, name, rest: 0, count: 0 }]))
    this.#rest = { id: `${side}:`, side, name: '', rest: names.length - own.length, count: 0 }
  }

  nodeOf (flow: Flow): Growing {
    return this.#own.get(this.#nameOf(flow)) ?? this.#rest
  }

  nodes (): FlowNode[] {
    return [...this.#own.values(), this.#rest]
  }
}

class Links {
  readonly #links = new Map<string, { source: FlowNode, target: FlowNode, leaves: number, stays: number }>()

  add (source: FlowNode, target: FlowNode, { count, reason }: Flow): void {
    const key = `${source.id} ${target.id}`
    const link = this.#links.get(key) ?? { source, target, leaves: 0, stays: 0 }
    if (reason === undefined) link.leaves += count
    else link.stays += count
    this.#links.set(key, link)
  }

  sorted (nodes: readonly FlowNode[]): FlowLink[] {
    const place = new Map(nodes.map((node, index) => [node, index]))
    const placeOf = (node: FlowNode): number => place.get(node) ?? 0
    return [...this.#links.values()].sort((a, b) => placeOf(a.source) - placeOf(b.source) || placeOf(a.target) - placeOf(b.target))
  }
}

function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sum (flows: readonly Flow[]): number {
  return flows.reduce((total, { count }) => total + count, 0)
}
