/**
 * A short example of every report, for people who write the configuration.
 *
 * `<report>.json` is the fullest form; `<report>/<kind>.json` holds forms of other devices that add paths to it. Together they hold every path that simulated devices send.
 */

import { makeHomes } from './home.js'

/** 2026-01-05T10:20:30Z */
export const SAMPLE_EPOCH_MS = 1_767_608_430_000
const SAMPLE_HOMES = 60
const SAMPLE_ROUNDS = 6

interface Candidate {
  readonly kind: string
  readonly text: string
  readonly paths: ReadonlySet<string>
}

/** File name to file text. */
export function makeSamples (): Map<string, string> {
  const files = new Map<string, string>()
  for (const [report, candidates] of byReport()) {
    for (const [name, candidate] of chosen(report, candidates)) files.set(name, pretty(candidate.text))
  }
  return files
}

/** Paths of all leaves: `.` between keys, `[]` for elements, `*` for a key that is an id or an address. */
export function leafPaths (value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(item => leafPaths(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, child]) => leafPaths(child, `${path}/${/^[0-9A-F:]{12,}$/i.test(key) ? '*' : key}`))
}

function byReport (): Map<string, Candidate[]> {
  const found = new Map<string, Candidate[]>()
  const devices = makeHomes('samples', SAMPLE_HOMES).flatMap(home => home.devices)
  for (let round = 0; round < SAMPLE_ROUNDS; round++) {
    for (const device of devices) {
      for (const { report, payload } of device.reports(SAMPLE_EPOCH_MS, round)) {
        const text = payload.toString()
        const candidates = found.get(report) ?? []
        candidates.push({ kind: device.kind, text, paths: new Set(leafPaths(JSON.parse(text))) })
        found.set(report, candidates)
      }
    }
  }
  return found
}

/** The fullest first, the shortest of equals; then each that adds a path. */
function chosen (report: string, candidates: readonly Candidate[]): [string, Candidate][] {
  const ordered = [...candidates].sort((a, b) => b.paths.size - a.paths.size || a.text.length - b.text.length)
  const seen = new Set<string>()
  const names = new Map<string, Candidate>()
  for (const candidate of ordered) {
    if ([...candidate.paths].every(path => seen.has(path))) continue
    for (const path of candidate.paths) seen.add(path)
    names.set(names.size === 0 ? `${report}.json` : freeName(`${report}/${candidate.kind}`, names), candidate)
  }
  return [...names]
}

function freeName (stem: string, taken: ReadonlyMap<string, unknown>): string {
  let name = `${stem}.json`
  for (let count = 2; taken.has(name); count++) name = `${stem}-${count}.json`
  return name
}

/** Two spaces a level, arrays of scalars on one line. */
function pretty (text: string): string {
  const spread = JSON.stringify(JSON.parse(text), null, 2)
  return spread.replace(/\[[^[\]{}"]*\]/g, array => array.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']')) + '\n'
}
