/** A draft of the configuration is what it changes. */

/** What is in force, with the files of a draft in place of those of the same names. */
export function draftOf (inForce: ReadonlyMap<string, string>, files: Readonly<Record<string, string | null>>): Map<string, string> {
  const sources = new Map(inForce)
  for (const [file, text] of Object.entries(files)) {
    if (text === null) sources.delete(file)
    else sources.set(file, text)
  }
  return new Map([...sources].sort(([a], [b]) => a < b ? -1 : 1))
}
