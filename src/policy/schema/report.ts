/** `reports/*.yaml`: what devices send. */

import { z } from 'zod'
import { accept } from './accept.js'
import { about, name, origin, reference } from './scalars.js'

const field = z.strictObject({
  category: reference.describe('Category of the value.'),
  encoding: z.enum(['base64']).optional().describe('The value is decoded to be judged, and encoded again when it leaves.'),
  format: z.enum(['epoch-seconds', 'epoch-milliseconds', 'iso', 'local']).optional()
    .describe('How a time is written; default epoch-seconds.'),
  axis: z.enum(['latitude', 'longitude']).optional().describe('Which coordinate it is.'),
  scale: z.number().positive('must be more than 0').optional()
    .describe('Value in the unit of the category = value in the report × scale; default 1.'),
  unset: z.number().optional().describe('Value that stands for "not set"; a grid leaves it as it is.'),
  about
})

export const reportFile = z.strictObject({
  report: name.describe('Name of the report type.'),
  topic: z.string()
    .regex(/^kasa\/\{account\}\/\{device\}(\/[A-Za-z0-9_-]{1,64}){1,8}$/, 'is not a topic such as kasa/{account}/{device}/motion')
    .regex(/^(?!kasa\/\{account\}\/\{device\}\/cmd(\/|$))/, 'is a topic for commands: the level after the device must not be cmd')
    .describe('Topic on which devices send it.'),
  origin: origin.optional().describe('Where the data comes from; default device.'),
  about,
  accept,
  fields: z.record(z.string(), z.union([reference, field]))
    .describe('Category by path. Parts are parted by dots; name[] is every element, * any key, {category} a key that is itself of that category.')
}).describe('A type of report, and the category of each of its fields. What is not listed never leaves.')

export type ReportFile = z.infer<typeof reportFile>
export type FieldEntry = ReportFile['fields'][string]
