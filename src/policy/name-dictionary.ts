/**
 * Words that may be shown of an unclassified path.
 *
 * Those of the listed paths, which ops wrote down themselves, and those that device makers use everywhere. Anything else may
 * be a name or an address, and is shown as `*`.
 */

import { FIELD_NAMES } from './field-names.js'
import type { CompiledReport, PathNode } from '../model/policy.js'

const COMMON_WORDS = ['alarm', 'alias', 'battery', 'brightness', 'channel', 'children', 'cloud', 'code', 'color', 'config', 'count',
  'current', 'data', 'device', 'discovery', 'energy', 'error', 'error_code', 'event', 'events', 'feature', 'firmware', 'id', 'info',
  'level', 'list', 'log', 'logs', 'mode', 'model', 'name', 'network', 'params', 'power', 'result', 'schedule', 'sensor', 'start',
  'state', 'status', 'sum', 'system', 'temperature', 'time', 'timestamp', 'total', 'type', 'unit', 'usage', 'value', 'version', 'voltage']

export function nameDictionary (reports: Iterable<CompiledReport>): Set<string> {
  const words = new Set([...COMMON_WORDS, ...FIELD_NAMES])
  for (const report of reports) addWords(report.root, words)
  return words
}

function addWords (node: PathNode, words: Set<string>): void {
  for (const [word, next] of node.exact) {
    words.add(word)
    addWords(next, words)
  }
  for (const next of [node.keyed?.next, node.any, node.element]) if (next !== undefined) addWords(next, words)
}
