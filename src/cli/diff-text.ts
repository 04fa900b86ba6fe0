/** A comparison of two configurations as people read it: the most dangerous first, one entry for each setting behind it. */

import type { Edit } from '../policy/edits.js'
import type { Change } from '../policy/order.js'
import { changeWords, situationWords } from './change-words.js'
import type { ShownDiff } from './diff.js'
import { groupBy } from './group-by.js'
import { table, type Row } from './table.js'
import { colors } from './terminal.js'

type Shown = ShownDiff['changes'][number]

const HEADINGS: Readonly<Record<Change['effect'], readonly [title: string, meaning: string, style: (text: string) => string]>> = {
  wider: ['WIDER', 'more leaves than before', text => colors.red(colors.bold(text))],
  different: ['DIFFERENT', 'something else leaves than before, or goes elsewhere', text => colors.yellow(colors.bold(text))],
  narrower: ['NARROWER', 'less leaves than before', text => colors.green(colors.bold(text))]
}
const EFFECTS = ['wider', 'different', 'narrower'] as const
const VERDICTS = {
  wider: colors.red, different: colors.yellow, narrower: colors.green, same: colors.green
} as const
const EVERYONE = 'all recipients'
/** What an account must be like is worth a line only where accounts are what changes. */
const ABOUT_ACCOUNTS = /^(recipient|switched on|purpose.*|consent asked|opt-out signal ignored|notice demanded|access|consent|transfer .*)$/
const MOST_NAMES = 4
const MOST_EDITS = 12
const MOST_LETTERS = 40

export function diffText (diff: ShownDiff, [old, next]: readonly [string, string], width: number): string {
  const { verdict, counts, changes, same } = diff
  const grouped = byEffect(changes)
  const sections = grouped.map(([effect, byRecipient]) => sectionText(effect, byRecipient, width))
  const numbers = grouped.map(([effect, byRecipient]) => `${[...byRecipient.values()].flatMap(groups).length} ${effect}`)
  return [
    table([[{ text: verdict.toUpperCase(), style: VERDICTS[verdict] }, numbers.join(', ')]], width),
    table([[`${old} -> ${next}`], [compared(diff)]], width),
    ...sections,
    sameText(same, width),
    ...(counts.wider + counts.different > 0 ? ['', table([['Before it takes force it would wait for approval.']], width)] : [])
  ].filter((part, i) => i < 2 || part !== undefined).join('\n')
}

/** The changes alone: what waits for approval, or what a policy changed when it took force. */
export function changesText (changes: readonly Shown[], width: number): string {
  return byEffect(changes).flatMap(([effect, byRecipient]) => sectionText(effect, byRecipient, width) ?? []).join('\n')
}

function byEffect (changes: readonly Shown[]): (readonly [Change['effect'], ReadonlyMap<string, readonly Shown[]>])[] {
  return EFFECTS.map(effect => [effect, groupBy(changes.filter(change => change.effect === effect), ({ recipient }) => recipient ?? EVERYONE)] as const)
}

function compared ({ compared: { recipients, reports, fields }, accounts, old, new: next }: ShownDiff): string {
  const looked = `${recipients} recipients, ${reports} report types and ${fields} fields compared`
  const notices = old.notice === next.notice ? '' : `; notice ${old.notice} -> ${next.notice}`
  return accounts === undefined ? looked + notices : `${looked}${notices}; ${accounts.touched} of ${accounts.registered} accounts are touched, ${accounts.widened} by what is wider or different`
}

function sectionText (effect: Change['effect'], byRecipient: ReadonlyMap<string, readonly Shown[]>, width: number): string | undefined {
  if (byRecipient.size === 0) return undefined
  const [title, meaning, style] = HEADINGS[effect]
  const blocks = [...byRecipient].map(([recipient, own]) => [`  ${colors.bold(recipient)}`, ...groups(own).map(group => groupText(group, width))].join('\n'))
  return ['', `${style(title)}  ${meaning}`, ...blocks].join('\n')
}

/** What one setting changes, in however many fields it shows. */
function groups (changes: readonly Shown[]): Shown[][] {
  return [...groupBy(changes, change => JSON.stringify([changeWords(change), isOfField(change) ? placeOf(change) : undefined])).values()]
}

function groupText (group: readonly Shown[], width: number): string {
  const [first] = group
  if (first === undefined) return ''
  const rows: Row[] = [['   ', changeWords(first)]]
  const where = isOfField(first) ? fieldsText(group) : ''
  if (where !== '') rows.push(['   ', `  ${where}`])
  if (first.example !== undefined && first.effect !== 'narrower' && ABOUT_ACCOUNTS.test(first.aspect)) rows.push(['   ', `  such as ${situationWords(first.example)}`])
  if (first.accounts !== undefined) rows.push(['   ', `  ${first.accounts === 1 ? '1 account' : `${first.accounts} accounts`}`])
  const place = [...new Set(group.map(placeOf))].filter(Boolean)
  return [table(rows, width), table(some(place, 3).map(text => ['     ', { text, style: colors.dim }]), width)].filter(Boolean).join('\n')
}

function isOfField ({ path, aspect }: Shown): boolean {
  return path !== undefined && path.charAt(0) !== '@' && aspect !== 'category' && aspect !== 'spelling'
}

function fieldsText (group: readonly Shown[]): string {
  const fields = [...new Set(group.map(({ path }) => path ?? ''))]
  const reports = [...new Set(group.flatMap(({ report }) => report ?? []))]
  const named = group.length > fields.length || fields.length > MOST_NAMES ? `${group.length} fields` : fields.join(', ')
  return reports.length === 0 ? named : `${named} of ${some(reports, MOST_NAMES).join(', ')}`
}

/** Old and new, once where they are the same. */
function placeOf ({ oldRule, newRule }: Shown): string {
  if (oldRule === undefined || newRule === undefined) return oldRule === undefined ? newRule ?? '' : `${oldRule} (old)`
  return oldRule === newRule ? newRule : `${newRule} (old ${fileOf(oldRule) === fileOf(newRule) ? oldRule.slice(fileOf(oldRule).length) : oldRule})`
}

function sameText (same: readonly Edit[], width: number): string | undefined {
  if (same.length === 0) return undefined
  const files = [...groupBy(same, ({ file }) => file)]
  const rows = files.flatMap(([file, edits]): Row[] => {
    const whole = edits.length > 2 && (edits.every(({ old }) => old === undefined) || edits.every(({ new: next }) => next === undefined))
    if (whole) return [['   ', file, `${edits.length} settings ${edits[0]?.old === undefined ? 'more' : 'less'}`]]
    return edits.map(edit => ['   ', edit.newRule ?? edit.oldRule ?? file, `${edit.path.join('.')}: ${valueOf(edit.old)} -> ${valueOf(edit.new)}`])
  })
  const more: Row[] = rows.length > MOST_EDITS ? [['   ', `and ${rows.length - MOST_EDITS} more (--json tells all)`]] : []
  return ['', `${colors.bold('SAME')}  edited, and nothing of what leaves changes`, table([...rows.slice(0, MOST_EDITS), ...more], width)].join('\n')
}

function valueOf (written: string | undefined): string {
  if (written === undefined) return 'nothing'
  const text = written.replace(/^"(.*)"$/, '$1')
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text
}

function some (names: readonly string[], most: number): string[] {
  return names.length <= most ? [...names] : [...names.slice(0, most - 1), `${names.length - most + 1} more`]
}

function fileOf (rule: string): string {
  return rule.slice(0, rule.lastIndexOf(':'))
}
