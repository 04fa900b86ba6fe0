/** Whether the last request reached the gateway. */

import { signal } from '@preact/signals'

export const reached = signal(true)
