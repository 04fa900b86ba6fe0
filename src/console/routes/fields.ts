/** Drift: fields that devices send and that no report type lists: `curtilage fields`. */

import { z } from 'zod'
import { VALUE_FORMS } from '../../classify/value-form.js'
import { DriftBook } from '../../drift/drift-book.js'
import { fieldLine } from '../../drift/patch.js'
import { suggestionsByReport, withSuggestions, type SuggestedField } from '../../drift/suggestions.js'
import { name } from '../id-schemas.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const suggestionSchema = z.object({
  category: z.string(),
  encoding: z.string().optional(),
  format: z.string().optional(),
  axis: z.string().optional(),
  scale: z.number().optional(),
  unset: z.number().optional(),
  yaml: z.string().describe('The line for `fields` of the report file.')
})

const field = z.object({
  id: z.string().describe('Report type and path: what `after` takes.'),
  report: z.string(),
  path: z.string().describe('A name is shown if it stands in the name dictionary, and as * otherwise.'),
  count: z.int(),
  firstMs: z.int(),
  lastMs: z.int(),
  forms: z.array(z.enum(VALUE_FORMS)).describe('What its values look like.'),
  firmware: z.array(z.string()).describe('Version and day of build of devices that sent it, where known; the latest last, at most eight.'),
  suggestion: suggestionSchema.optional().describe('From its name; applied by nobody.')
})

const suggestions = z.object({
  suggestions: z.array(z.object({
    report: z.string(),
    file: z.string().describe('Relative to the configuration folder.'),
    paths: z.array(z.string()),
    yaml: z.string().describe('Lines for `fields` of the file.'),
    patch: z.string().optional().describe('The same as a patch in the unified format; absent where the file\'s fields are not written one a line.')
  }))
})

const query = z.strictObject({
  report: name.optional().describe('Of this report type only.'),
  after: z.string().max(500).optional().describe('The last id of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('At most this many.')
})

export function fieldRoutes (api: Api, services: Services): void {
  api.get('/v1/fields', {
    config: { access: 'read' },
    schema: {
      summary: 'Fields that devices send and that no report type lists',
      description: 'None of them leaves. Without those that the policy in force lists by now; by report type and path. Written down once a minute; forgotten 90 days after it was seen last.',
      querystring: query,
      response: answers(200, z.object({ fields: z.array(field), next: z.string().optional().describe('There are more: the id to go on after.') }))
    }
  }, async ({ query: { report, after = '', limit } }) => {
    const fields = unlisted(services, report).map(shown).filter(({ id }) => id > after)
    const page = fields.slice(0, limit)
    const last = page.at(-1)
    return { fields: page, ...(last !== undefined && fields.length > page.length && { next: last.id }) }
  })

  api.get('/v1/fields/suggestions', {
    config: { access: 'read' },
    schema: {
      summary: 'What report files could say of such fields, as YAML to review',
      description: 'With the files of the policy in force, what is suggested passes `curtilage check`. Nothing applies it.',
      querystring: z.strictObject({ report: name.optional().describe('Of this report type only.') }),
      response: answers(200, suggestions)
    }
  }, async ({ query: { report } }) => ({ suggestions: suggestionsByReport(unlisted(services, report), services.core.configuration).map(one => ({ ...one, paths: [...one.paths] })) }))
}

function unlisted ({ core, gateway }: Services, report: string | undefined): SuggestedField[] {
  const book = gateway?.drift.book ?? new DriftBook(core.store, core.now())
  return withSuggestions(book.list().filter(field => report === undefined || field.report === report), core.configuration)
}

function shown ({ suggestion, forms, firmware, ...rest }: SuggestedField): z.infer<typeof field> {
  return {
    id: `${rest.report} ${rest.path}`,
    ...rest,
    forms: [...forms],
    firmware: [...firmware],
    ...(suggestion !== undefined && { suggestion: { ...suggestion, yaml: fieldLine(rest.path, suggestion) } as z.infer<typeof suggestionSchema> })
  }
}
