/** A place in the configuration; the folder is left to those who ask for it. Where there is an editor for it, it leads there. */

import type { Place } from '../editor/codemirror.js'

export type OnRule = (file: string, place: Place) => void

export function RuleLink ({ rule, onRule }: { rule: string, onRule?: OnRule | undefined }) {
  const [, file, line] = /^(.+):(\d+)$/.exec(rule) ?? []
  const short = <code class='rule'><span class='visually-hidden'>{rule.slice(0, rule.lastIndexOf('/') + 1)}</span>{rule.slice(rule.lastIndexOf('/') + 1)}</code>
  if (onRule === undefined || file === undefined || line === undefined) return <span title={rule}>{short}</span>
  return <button type='button' class='rule-link' title={rule} onClick={() => onRule(file, { line: Number(line), column: 1 })}>{short}</button>
}
