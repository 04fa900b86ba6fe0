/** The web console. A page asks the API, shows what it answers, and keeps nothing. */

import { render } from 'preact'
import { Shell } from './shell/shell.js'
import { applyTheme } from './shell/theme.js'
import { resumeSession } from './session.js'

applyTheme()
resumeSession()
const root = document.getElementById('console')
if (root !== null) render(<Shell />, root)
