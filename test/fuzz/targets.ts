/** All that is fuzzed, by name. */

import { configuration } from './targets/configuration.js'
import { decoder } from './targets/decoder.js'
import { finder } from './targets/finder.js'
import { path } from './targets/path.js'
import type { Target } from './target.js'

export const TARGETS: readonly Target[] = [decoder, finder, path, configuration]
