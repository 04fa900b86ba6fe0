/** What a person should look at, and what was done: four parts, each with an address of its own. */

import { PageHead } from '../../parts/page-head.js'
import { Tabs, type Tab } from '../../parts/tabs.js'
import { AuditLog } from './audit-log.js'
import { DeadLetters } from './dead-letters.js'
import { Overview } from './overview.js'
import { QuarantineList } from './quarantine-list.js'

const PARTS = {
  '': { title: 'Overview', Content: Overview },
  quarantine: { title: 'Quarantine', Content: QuarantineList },
  'dead-letters': { title: 'Dead letters', Content: DeadLetters },
  audit: { title: 'Audit log', Content: AuditLog }
} as const

const TABS: readonly Tab[] = Object.entries(PARTS).map(([path, { title }]) => ({ to: path === '' ? ['alarms'] : ['alarms', path], title }))

export function AlarmsPage ({ rest: [path = ''] }: { rest: readonly string[] }) {
  const known = Object.hasOwn(PARTS, path) ? path as keyof typeof PARTS : ''
  const { title, Content } = PARTS[known]
  return (
    <div class='page'>
      <PageHead title='Alarms and quarantine' about='What needs a look, what could not be read or delivered, and who did what.' />
      <Tabs label='Parts' tabs={TABS} current={TABS.find(tab => tab.title === title)} />
      <Content />
    </div>
  )
}
