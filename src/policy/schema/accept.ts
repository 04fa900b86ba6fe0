/** `accept` in any file of rules: findings of `curtilage lint` in it that may stay, each with its reason. */

import { z } from 'zod'
import { acceptableCodes } from '../lint-finding.js'

export const accept = z.array(z.strictObject({
  finding: z.enum(acceptableCodes).describe('Code of the finding.'),
  keys: z.array(z.string()).min(1, 'must name a key').optional().describe('What it is about, or a family such as sensor.*; default: all in this file.'),
  reason: z.string().min(1, 'must say why').describe('Why it may stay.')
})).optional().describe('Findings of curtilage lint in this file that may stay.')
