/**
 * Builds the web console: `node dist/src/console/build-web.js [FOLDER]`, part of `npm run build`.
 *
 * ```
 * src/console/web/*.tsx, *.css  ─esbuild─▶  FOLDER/assets/NAME-HASH.{js,css}
 * src/console/web/index.html    ─names──▶  FOLDER/index.html
 * simulators/samples/*.json     ─joined─▶  FOLDER/assets/samples-HASH.json    made up, for "Try it"
 * ```
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

const SOURCE = 'src/console/web'
const SAMPLES = 'simulators/samples'

/** Replaces what is in the folder. Throws where the sources do not bundle. */
export async function buildWeb (folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const samples = writeSamples(join(folder, 'assets'))
  const { metafile } = await build({
    entryPoints: [join(SOURCE, 'main.tsx'), join(SOURCE, 'styles/console.css')],
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { SAMPLES_URL: JSON.stringify(`/assets/${samples}`) },
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true
  })
  const page = readFileSync(join(SOURCE, 'index.html'), 'utf8')
  writeFileSync(join(folder, 'index.html'), page.replace('%script%', assetOf(metafile, 'main.tsx')).replace('%style%', assetOf(metafile, 'console.css')))
}

function assetOf ({ outputs }: Metafile, source: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(source) === true)
  if (found === undefined) throw new TypeError(`${source} was not built`)
  return `/assets/${basename(found[0])}`
}

/** Name to text, as one file; resolves to its name. */
function writeSamples (folder: string): string {
  const names = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json')).sort()
  const text = JSON.stringify(Object.fromEntries(names.map(name => [name.slice(0, -'.json'.length), readFileSync(join(SAMPLES, name), 'utf8')])))
  const file = `samples-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.json`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, file), text)
  return file
}

if (argv[1] === fileURLToPath(import.meta.url)) await buildWeb(argv[2] ?? 'dist/console')
