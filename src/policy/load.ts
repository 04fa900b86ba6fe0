/** The configuration folder → a configuration, or every problem there is. */

import { compileSources, type Configuration, type Refused } from './compile.js'
import { readFolder } from './read-folder.js'

/** Never rejects. The result holds `problems` exactly if the configuration cannot be used. */
export async function loadConfiguration (folder: string): Promise<Configuration | Refused> {
  const { sources, problems } = await readFolder(folder)
  return compileSources(sources, problems)
}
