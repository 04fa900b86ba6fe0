/** Loaded before every test file: on CI the properties draw the same cases each time, so that a red run means a change. */

import fc from 'fast-check'

const seed = process.env.CURTILAGE_SEED ?? (process.env.CI ? '20261124' : undefined)
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) })
