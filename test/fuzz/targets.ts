/** All that is fuzzed, by name. */

import { api } from './targets/api.js'
import { configuration } from './targets/configuration.js'
import { decoder } from './targets/decoder.js'
import { filter } from './targets/filter.js'
import { finder } from './targets/finder.js'
import { gate } from './targets/gate.js'
import { path } from './targets/path.js'
import { stored } from './targets/stored.js'
import type { Target } from './target.js'

export const TARGETS: readonly Target[] = [gate, decoder, finder, path, filter, configuration, stored, api]
