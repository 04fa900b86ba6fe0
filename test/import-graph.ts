/** What imports what, read off the sources with the TypeScript parser: static, dynamic and type-only imports and re-exports. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import ts from 'typescript'

export interface Import {
  /** A path from the root such as `src/guard/finder.ts`, or the name of a package. */
  readonly target: string
  readonly line: number
  /** Names that are imported; empty for a whole module. */
  readonly names: readonly string[]
}

export interface SourceModule {
  readonly path: string
  readonly source: ts.SourceFile
  readonly imports: readonly Import[]
}

export type ImportGraph = ReadonlyMap<string, SourceModule>

/** All modules below the folders. */
export function readGraph (folders: readonly string[]): ImportGraph {
  const paths = folders.flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)))
  const sources = paths.filter(path => /\.tsx?$/.test(path))
  return new Map(sources.map(path => [path, withTsx(readModule(path, readFileSync(path, 'utf8')), sources)]))
}

/** An import names the module as it will run; whether its source is `.ts` or `.tsx` the folder tells. */
function withTsx (module: SourceModule, sources: readonly string[]): SourceModule {
  const imports = module.imports.map(one => sources.includes(`${one.target}x`) ? { ...one, target: `${one.target}x` } : one)
  return { ...module, imports }
}

export function readModule (path: string, text: string): SourceModule {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)
  const imports: Import[] = []
  visit(source, node => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) imports.push({ target: resolve(path, specifier), line: lineOf(node), names: namesOf(node) })
  })
  return { path, source, imports }
}

/** The chains by which a module reaches one that is looked for, itself included: the shortest for each. */
export function reached (graph: ImportGraph, from: string, isSought: (target: string) => boolean): string[] {
  const chains = new Map([[from, from]])
  for (const [path, chain] of chains) {
    for (const { target, line } of graph.get(path)?.imports ?? []) if (!chains.has(target)) chains.set(target, `${chain}:${line} -> ${target}`)
  }
  return [...chains].filter(([target]) => isSought(target)).map(([, chain]) => chain)
}

export function visit (node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  node.forEachChild(child => visit(child, see))
}

export function lineOf (node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1
}

function specifierOf (node: ts.Node): string | undefined {
  const written = writtenSpecifier(node)
  if (written === undefined) return undefined
  // what cannot be read off the source could be anything
  return ts.isStringLiteralLike(written) ? written.text : 'computed'
}

function writtenSpecifier (node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument
  if (ts.isExternalModuleReference(node)) return node.expression
  if (!ts.isCallExpression(node)) return undefined
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node.expression) && node.expression.text === 'require')
  return isImport ? node.arguments[0] : undefined
}

function namesOf (node: ts.Node): string[] {
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined
  return bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text) : []
}

function resolve (from: string, specifier: string): string {
  return specifier.startsWith('.') ? normalize(join(from, '..', specifier)).replace(/\.js$/, '.ts') : specifier
}
