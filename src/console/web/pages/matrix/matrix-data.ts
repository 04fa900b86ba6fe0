/** The matrix as the API tells it, and two of them held against each other. */

export type ConsentNeeded = 'none' | 'purpose' | 'recipient' | 'closed'

export interface MatrixCell {
  readonly recipient: string
  readonly category: string
  readonly transform?: string
  readonly rule?: string
  readonly clause: string
  readonly consent: ConsentNeeded
  readonly reports: readonly string[]
}

export interface MatrixRow {
  readonly recipient: string
  readonly enabled: boolean
  readonly kind: string
  readonly purpose: string
  readonly clause: string
  readonly cells: readonly MatrixCell[]
}

export interface Matrix {
  readonly recipients: readonly MatrixRow[]
}

/** How a cell was before, where that differs. */
export interface Earlier {
  /** Something could leave by it. */
  readonly isOpen: boolean
  readonly transform: string | undefined
  readonly rule: string | undefined
  readonly consent: ConsentNeeded | undefined
}

export const CONSENT_TEXT: Readonly<Record<ConsentNeeded, string>> = {
  none: 'no consent needed',
  purpose: 'consent to the purpose',
  recipient: 'consent naming this recipient',
  closed: 'closed: nothing leaves'
}

/** Categories by the word before the dot, in the order in which they come. */
export function families (matrix: Matrix, isShown: (category: string) => boolean): [family: string, categories: string[]][] {
  const found = new Map<string, string[]>()
  for (const { category } of matrix.recipients[0]?.cells ?? []) {
    if (!isShown(category)) continue
    const [family = ''] = category.split('.')
    found.set(family, [...found.get(family) ?? [], category])
  }
  return [...found]
}

export function cellOf ({ cells }: MatrixRow, category: string): MatrixCell | undefined {
  return cells.find(cell => cell.category === category)
}

/** Something may leave by this cell. */
export function isOpen (cell: MatrixCell | undefined): boolean {
  return cell?.transform !== undefined && cell.transform !== 'suppress' && cell.consent !== 'closed'
}

/** By `recipient category`: the cells that were different. Of a recipient that was not there nothing could leave. */
export function differences (now: Matrix, before: Matrix): Map<string, Earlier> {
  const found = new Map<string, Earlier>()
  for (const row of now.recipients) {
    const old = before.recipients.find(({ recipient }) => recipient === row.recipient)
    for (const cell of row.cells) {
      const earlier = old === undefined ? undefined : cellOf(old, cell.category)
      if (whatLeaves(cell) !== whatLeaves(earlier)) found.set(keyOf(cell), { isOpen: isOpen(earlier), transform: earlier?.transform, rule: earlier?.rule, consent: earlier?.consent })
    }
  }
  return found
}

/** Of recipients that were there and are not any more. */
export function gone (now: Matrix, before: Matrix): string[] {
  return before.recipients.map(({ recipient }) => recipient).filter(name => !now.recipients.some(({ recipient }) => recipient === name))
}

export function keyOf ({ recipient, category }: MatrixCell): string {
  return `${recipient} ${category}`
}

function whatLeaves (cell: MatrixCell | undefined): string {
  return cell !== undefined && isOpen(cell) ? `${cell.transform} ${cell.consent}` : ''
}
