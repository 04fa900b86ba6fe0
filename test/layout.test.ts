/** The layout of the sources: who may import whom, and what the pure stages may do. */

import t from 'tap'
import { ESLint } from 'eslint'
import ts from 'typescript'
import { lineOf, reached, readGraph, readModule, visit, type SourceModule } from './import-graph.js'

const STAGES = ['broker', 'classify', 'decide', 'minimize', 'guard', 'outbox', 'sinks']
const PURE = ['classify', 'decide', 'minimize', 'guard', 'filter']
/** Above the stages: they put them together. */
const COMPOSITION = ['gateway', 'intake-desk', 'judged', 'last-question', 'open-outbox', 'pipeline', 'core', 'recipient-sinks', 'rotation', 'explain', 'start-gateway', 'index'].map(name => `src/${name}.ts`)
/** Small modules that import nothing of the project. */
const LEAVES = ['src/faults.ts', 'src/letters.ts', 'src/loopback.ts', 'src/parse-mac.ts', 'src/trace.ts']

/** Which folders a folder may import, beside itself, `model` and the leaves. Those above the stages are free. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  broker: ['policy'],
  classify: [],
  decide: ['consent'],
  minimize: ['classify', 'decide', 'policy'],
  guard: [],
  /** Runs what the reference's four stages run, in one pass: it stands beside them, and no stage imports it. */
  filter: ['classify', 'consent', 'decide', 'minimize', 'guard', 'policy'],
  outbox: [],
  sinks: ['outbox'],
  policy: ['consent', 'store'],
  consent: ['store'],
  registry: ['consent', 'store'],
  store: [],
  drift: ['classify', 'guard', 'policy', 'store']
}

const graph = readGraph(['src', 'simulators', 'bench'])
const modules = [...graph.values()]

t.test('imports: read off the sources -> static, dynamic, type-only, re-exported, computed', async t => {
  const { imports } = readModule('src/a/b.ts', `
    import { x as y } from './c.js'
    import type { Z } from '../d/e.js'
    export * from '../f.js'
    export type { G } from './g.js'
    import h = require('./h.js')
    const i = await import('../i.js')
    const j = await import(\`./j.js\`)
    type K = import('../k.js').K
    const l = await import('./' + name)
    import 'node:fs'
  `)
  t.strictSame(imports.map(({ target }) => target).sort(), ['computed', 'node:fs', 'src/a/c.ts', 'src/a/g.ts', 'src/a/h.ts', 'src/a/j.ts', 'src/d/e.ts', 'src/f.ts', 'src/i.ts', 'src/k.ts'])
  t.strictSame(imports.filter(({ target }) => target === 'src/a/c.ts').map(({ names, line }) => [names, line]), [[['x'], 2]])
})

t.test('imports: every one of them -> can be read, and leads to a module that is there', async t => {
  const lost = modules.flatMap(({ path, imports }) => imports.filter(({ target }) => target === 'computed' || (target.includes('.ts') && !graph.has(target))).map(({ line }) => `${path}:${line}`))
  t.strictSame(lost, [])
})

t.test('stages: none imports one after it, by any way', async t => {
  for (const [i, stage] of STAGES.entries()) {
    const later = STAGES.slice(i + 1).map(folder => `src/${folder}/`)
    const chains = below(`src/${stage}/`).flatMap(({ path }) => reached(graph, path, target => later.some(folder => target.startsWith(folder))))
    t.strictSame(chains, [], stage)
  }
})

t.test('folders: each imports those it may, and nothing above it', async t => {
  for (const [folder, others] of Object.entries(MAY_IMPORT)) {
    const allowed = [folder, 'model', ...others].map(name => `src/${name}/`)
    const wrong = below(`src/${folder}/`).flatMap(({ path, imports }) => imports
      .filter(({ target }) => /^(src|simulators|bench|test)\//.test(target) && !LEAVES.includes(target) && !allowed.some(prefix => target.startsWith(prefix)))
      .map(({ target, line }) => `${path}:${line} -> ${target}`))
    t.strictSame(wrong, [], folder)
  }
  for (const path of LEAVES) t.strictSame(graph.get(path)?.imports.filter(({ target }) => target.startsWith('src/')), [], path)
})

t.test('composition: every file stands in a folder that has rules, and only src/gateway.ts joins broker, outbox and sinks', async t => {
  const ruled = [...Object.keys(MAY_IMPORT), 'console', 'cli', 'rights', 'try'].map(folder => `src/${folder}/`)
  const stray = modules.map(({ path }) => path).filter(path => path.startsWith('src/') && !ruled.some(folder => path.startsWith(folder)) && ![...COMPOSITION, ...LEAVES].includes(path))
  t.strictSame(stray, [])
  const joins = modules.filter(({ imports }) => ['broker', 'outbox', 'sinks'].every(folder => imports.some(({ target }) => target.startsWith(`src/${folder}/`))))
  t.strictSame(joins.map(({ path }) => path), ['src/gateway.ts'])
})

t.test('commands: what the console runs as well stands beside them -> nobody imports a command, and what both run imports neither', async t => {
  const importers = (folder: string): string[] => modules.filter(({ path, imports }) => path.startsWith('src/') && !path.startsWith(folder) && imports.some(({ target }) => target.startsWith(folder))).map(({ path }) => path)
  t.strictSame(importers('src/cli/'), [])
  const wrong = below('src/try/').flatMap(({ path, imports }) => imports.filter(({ target }) => /^src\/(cli|console)\//.test(target)).map(({ target }) => `${path} -> ${target}`))
  t.strictSame(wrong, [])
})

t.test('guard: it trusts nobody upstream -> reaches nothing but itself and the words of the domain', async t => {
  const chains = below('src/guard/').flatMap(({ path }) => reached(graph, path, target => target.startsWith('src/') && !/^src\/(guard|model)\//.test(target)))
  t.strictSame(chains, [])
})

t.test('outbox and sinks: accept disclosures only -> know neither reports nor drafts', async t => {
  const raw = ['src/model/report.ts', 'src/model/draft.ts', 'src/model/json.ts', 'src/model/decision.ts']
  const chains = ['src/outbox/', 'src/sinks/'].flatMap(below).flatMap(({ path }) => reached(graph, path, target => raw.includes(target)))
  t.strictSame(chains, [])
})

t.test('pure stages: no I/O, no clock, no randomness -> in nothing that they reach', async t => {
  const reachable = new Set(PURE.flatMap(stage => below(`src/${stage}/`)).flatMap(({ path }) => [...reachedModules(path)]))
  t.ok(reachable.has('src/consent/status.ts'), 'the search goes beyond the stages\' own folders')
  t.strictSame([...reachable].flatMap(path => impurities(graph.get(path))), [])
})

t.test('pure stages: each impurity in a snippet -> is found', async t => {
  const table = [
    "import { readFileSync } from 'node:fs'", "import fs from 'fs'", "import { connect } from 'node:net'", "import { randomBytes } from 'node:crypto'", "import * as crypto from 'node:crypto'",
    "import { open } from 'lmdb'", "await import('node:http')", 'Date.now()', 'const { now } = Date', 'new Date()', 'new Date', 'Math.random()', 'performance.now()', 'process.hrtime()',
    "fetch('x')", 'setTimeout(f, 1)', 'globalThis.fetch', 'crypto.randomUUID()', "console.log('x')", 'Date()', 'Temporal.Now', "Reflect.get(Date, 'now')"
  ]
  for (const text of table) t.not(impurities(readModule('src/guard/x.ts', text)).length, 0, text)
  t.strictSame(impurities(readModule('src/guard/x.ts', "import { createHmac } from 'node:crypto'; new Date(0); Date.parse(''); Date.UTC(1, 2); Math.floor(1); x.now(); a.process")), [])
})

t.test('simulators: outsiders -> import nothing of src, and no package but mqtt', async t => {
  const wrong = below('simulators/').flatMap(({ path, imports }) => imports
    .filter(({ target }) => !target.startsWith('simulators/') && !target.startsWith('node:') && target !== 'mqtt')
    .map(({ target, line }) => `${path}:${line} -> ${target}`))
  t.strictSame(wrong, [])
})

t.test('web console: runs in a browser -> knows the words of the domain as types, and nothing that runs elsewhere', async t => {
  const own = (path: string): boolean => path.startsWith('src/console/web/')
  t.ok(modules.some(({ path }) => own(path)))
  const wrong = below('src/console/web/').flatMap(({ path, imports, source }) => imports
    .filter(({ target }) => !own(target) && !/^(preact|@preact\/signals|echarts|@codemirror\/[a-z-]+|@lezer\/highlight)(\/|$)/.test(target) && !(target.startsWith('src/model/') && isTypeImport(source, target)))
    .map(({ target, line }) => `${path}:${line} -> ${target}`))
  t.strictSame(wrong, [])
  const used = modules.filter(({ path, imports }) => !own(path) && imports.some(({ target }) => own(target))).map(({ path }) => path)
  t.strictSame(used, [], 'nobody imports it')
})

t.test('model: types only, errors.ts apart', async t => {
  const values = below('src/model/').filter(({ path }) => path !== 'src/model/errors.ts').flatMap(({ path, source }) => source.statements.filter(statement => !isTypeOnly(statement)).map(statement => `${path}:${lineOf(statement)}`))
  t.strictSame(values, [])
})

t.test('Disclosure: a cast to it -> an error of the linter; one place is excused', async t => {
  const eslint = new ESLint()
  const casts = ['{} as Disclosure', '{} as unknown as Disclosure', '[] as readonly Disclosure[]', '<Disclosure>({} as unknown)', '{} as Readonly<Disclosure>']
  for (const cast of casts) {
    const [result] = await eslint.lintText(`import type { Disclosure } from '../model/disclosure.js'\n\nexport const made: unknown = ${cast}\n`, { filePath: 'src/outbox/made.ts' })
    t.ok(result?.messages.some(({ ruleId, severity }) => ruleId === 'no-restricted-syntax' && severity === 2), cast)
  }
  const excused = modules.filter(({ source }) => /eslint-disable.*no-restricted-syntax/.test(source.text)).map(({ path }) => path)
  t.strictSame(excused, ['src/guard/release.ts'])
})

function below (folder: string): SourceModule[] {
  return modules.filter(({ path }) => path.startsWith(folder))
}

function reachedModules (from: string): Set<string> {
  const found = new Set([from])
  for (const path of found) for (const { target } of graph.get(path)?.imports ?? []) if (graph.has(target)) found.add(target)
  return found
}

function isTypeImport (source: ts.SourceFile, target: string): boolean {
  const name = target.split('/').at(-1)?.replace(/\.ts$/, '.js') ?? ''
  return source.statements.every(statement => !ts.isImportDeclaration(statement) || !statement.moduleSpecifier.getText().includes(name) || isTypeOnly(statement))
}

/** Things that read the world or a clock, or change something outside. HMAC is a function of its arguments, and so is isUtf8. */
function impurities (module: SourceModule | undefined): string[] {
  if (module === undefined) return []
  const { path, imports, source } = module
  const found = imports
    .filter(({ target, names }) => !target.startsWith('src/') && !(target === 'node:crypto' && names.length > 0 && names.every(name => name === 'createHmac')) && !(target === 'node:buffer' && names.length > 0 && names.every(name => name === 'isUtf8')))
    .map(({ target, line }) => `${path}:${line} imports ${target}`)
  visit(source, node => {
    if (ts.isIdentifier(node) && isImpure(node)) found.push(`${path}:${lineOf(node)} uses ${node.text}`)
  })
  return found
}

const IMPURE_GLOBALS = new Set(['performance', 'process', 'globalThis', 'global', 'fetch', 'crypto', 'console', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'require', 'WebSocket', 'EventSource', 'Temporal', 'eval', 'Function', 'navigator'])
const PURE_OF_DATE = new Set(['parse', 'UTC'])

/** A property or a type of that name is not the global one. */
function isImpure (node: ts.Identifier): boolean {
  const { parent, text } = node
  if (isNameOnly(node)) return false
  if (IMPURE_GLOBALS.has(text)) return true
  if (text === 'Math') return !ts.isPropertyAccessExpression(parent) || parent.name.text === 'random'
  if (text !== 'Date') return false
  if (ts.isNewExpression(parent) && parent.expression === node) return (parent.arguments?.length ?? 0) === 0
  return !(ts.isPropertyAccessExpression(parent) && PURE_OF_DATE.has(parent.name.text))
}

function isNameOnly (node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return true
  return (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent) || ts.isPropertyDeclaration(parent)) && parent.name === node
}

function isTypeOnly (statement: ts.Statement): boolean {
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return true
  if (ts.isImportDeclaration(statement)) return statement.importClause?.isTypeOnly === true
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly
  return ts.isVariableStatement(statement) && statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true
}
