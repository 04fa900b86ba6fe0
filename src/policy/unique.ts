/** Names, topics and folders that no two files may share. */

import type { CheckedFile } from './check-shape.js'
import { quote } from './quote.js'
import type { SourcePath } from './source.js'

interface Claim {
  readonly noun: string
  readonly path: SourcePath
  readonly value: string | undefined
}

export function checkUnique (files: readonly CheckedFile[]): void {
  const taken = new Map<string, string>()
  for (const file of [...files].sort((a, b) => a.source.file < b.source.file ? -1 : 1)) {
    for (const { noun, path, value } of claimsOf(file)) {
      if (value === undefined) continue
      const claim = `${noun} ${value.toLowerCase()}`
      const earlier = taken.get(claim)
      if (earlier === undefined) taken.set(claim, file.source.placeOf(path))
      else file.reporter.atValue(path, 'duplicate-name', `${noun} ${quote(value)} is taken already (${earlier})`, { key: value })
    }
  }
}

/** Compared without regard to case: on some disks two folders that differ in case are one. */
function claimsOf (file: CheckedFile): Claim[] {
  if (isOf(file, 'report')) {
    return [{ noun: 'report', path: ['report'], value: file.value.report }, { noun: 'topic', path: ['topic'], value: file.value.topic }]
  }
  if (!isOf(file, 'recipient')) return []
  const { recipient, sink } = file.value
  return [
    { noun: 'recipient', path: ['recipient'], value: recipient },
    { noun: 'folder', path: ['sink', 'folder'], value: sink?.type === 'file' ? sink.folder : undefined }
  ]
}

function isOf<Kind extends 'report' | 'recipient'> (file: CheckedFile, kind: Kind): file is CheckedFile & CheckedFile<Kind> {
  return file.kind === kind
}
