/** The words under which a node of the flow is shown. */

import { stayedText } from '../../words/reason.js'
import type { FlowNode, Side } from './flow-links.js'

const REST: Readonly<Record<Side, string>> = { from: 'more report types', through: 'more categories', to: 'more recipients', why: 'more reasons' }

export function nodeText ({ side, name, rest }: FlowNode): string {
  if (name === '') return rest > 0 ? `${rest} ${REST[side]}` : REST[side]
  return side === 'why' ? stayedText(name) : name
}
