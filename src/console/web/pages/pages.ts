/** All pages, in the order of the navigation, and who may see them. */

import type { ComponentType } from 'preact'
import type { Session } from '../session.js'
import { AccountsPage, OwnAccountPage } from './accounts/accounts-page.js'
import { AlarmsPage } from './alarms/alarms-page.js'
import { FieldsPage } from './fields/fields-page.js'
import { FlowPage } from './flow/flow-page.js'
import { MatrixPage } from './matrix/matrix-page.js'
import { PoliciesPage } from './policies/policies-page.js'
import { TryPage } from './try/try-page.js'

type Role = Session['role']

export interface Page {
  /** First part of the address; empty for the first page. */
  readonly path: string
  readonly title: string
  readonly roles: readonly Role[]
  /** `rest` is what follows the path in the address. */
  readonly content: ComponentType<{ rest: readonly string[] }>
}

const STAFF: readonly Role[] = ['ops', 'auditor']

export const PAGES: readonly Page[] = [
  { path: 'flow', title: 'Flow', roles: STAFF, content: FlowPage },
  { path: 'matrix', title: 'Matrix', roles: STAFF, content: MatrixPage },
  { path: 'try', title: 'Try it', roles: STAFF, content: TryPage },
  { path: 'policies', title: 'Policies', roles: STAFF, content: PoliciesPage },
  { path: 'fields', title: 'Fields', roles: STAFF, content: FieldsPage },
  { path: 'accounts', title: 'Accounts', roles: STAFF, content: AccountsPage },
  { path: 'alarms', title: 'Alarms', roles: STAFF, content: AlarmsPage },
  { path: 'account', title: 'My account', roles: ['account'], content: OwnAccountPage }
]

/** Without a path, the first page that the role may see. */
export function pageFor (path: string, role: Role): Page | undefined {
  return PAGES.find(page => page.roles.includes(role) && (path === '' || page.path === path))
}
