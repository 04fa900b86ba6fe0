/** docs/errors.md against the sources: every code and reason stands there, and nothing else does. */

import t from 'tap'
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { ERRORS } from '../../src/model/errors.js'
import { problemCodes } from '../../src/policy/problem.js'

const page = readFileSync('docs/errors.md', 'utf8')
const reasons = ts.createSourceFile('reasons.ts', readFileSync('src/model/reasons.ts', 'utf8'), ts.ScriptTarget.ESNext, true)

t.test('errors.md: error codes -> those of the catalogue, with its texts and a way out', async t => {
  const rows = rowsOf('Error codes')
  t.strictSame(Object.fromEntries(rows.map(([code, meaning]) => [code, meaning])), ERRORS)
  t.strictSame(rows.filter(([, , remedy]) => remedy === undefined || remedy === ''), [])
})

t.test('errors.md: problems of a configuration -> those of the catalogue, with its texts', async t => {
  t.strictSame(Object.fromEntries(rowsOf('Problems of a configuration').map(([code, meaning]) => [code, meaning])), problemCodes)
})

t.test('errors.md: reasons -> those of the types, in their order', async t => {
  const sections = {
    WithheldReason: 'Why a report was withheld from a recipient',
    SuppressedReason: 'Why a field stayed',
    QuarantineReason: 'Why a payload is in quarantine',
    RefusedReason: 'Why a connection was refused or closed'
  }
  for (const [type, title] of Object.entries(sections)) {
    const rows = rowsOf(title)
    t.strictSame(rows.map(([reason]) => reason), membersOf(type), title)
    t.strictSame(rows.filter(([, meaning]) => meaning === undefined || meaning === ''), [])
  }
})

/** Rows of the table under a heading: the code without its quotes, the other cells as text. */
function rowsOf (title: string): string[][] {
  const [, section = ''] = page.split(`\n## ${title}\n`)
  const lines = section.split('\n## ')[0]?.split('\n').filter(line => line.startsWith('| `')) ?? []
  return lines.map(line => line.split(/(?<!\\)\|/).slice(1, -1).map(cell => cell.trim().replaceAll('\\|', '|').replace(/^`([a-z0-9-]+)`$/, '$1')))
}

/** Literal members of a union; other types that it takes in are left out. */
function membersOf (name: string): string[] {
  const alias = reasons.statements.find(statement => ts.isTypeAliasDeclaration(statement) && statement.name.text === name)
  if (alias === undefined || !ts.isTypeAliasDeclaration(alias) || !ts.isUnionTypeNode(alias.type)) throw new TypeError(`no union ${name}`)
  return alias.type.types.flatMap(type => ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [])
}
