/** Accounts: a list to search, or one of them. */

import { useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { Loading } from '../../parts/loading.js'
import { PageHead } from '../../parts/page-head.js'
import { Pager } from '../../parts/pager.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { goTo, linkTo } from '../../router.js'
import { session } from '../../session.js'
import { dayText } from '../../words/format.js'
import type { AccountFacts } from './account-data.js'
import { AccountPage } from './account-page.js'
import { FactBadges } from './fact-badges.js'

const PAGE = 25

const COLUMNS: readonly Column<AccountFacts>[] = [
  { title: 'Account', head: true, cell: ({ account }) => <a href={linkTo('accounts', account)}>{account}</a> },
  { title: 'Regime', cell: ({ regime }) => regime },
  { title: 'Region', cell: ({ region }) => region },
  { title: 'Marks', cell: facts => <FactBadges facts={facts} /> },
  { title: 'Since', cell: ({ addedMs }) => dayText(addedMs) }
]

export function AccountsPage ({ rest: [account] }: { rest: readonly string[] }) {
  return account === undefined ? <AccountList /> : <AccountPage key={account} account={account} />
}

/** What the holder of an account sees: that one, whatever the address says. */
export function OwnAccountPage () {
  const account = session.value?.account
  return account === undefined ? null : <AccountPage account={account} />
}

function AccountList () {
  const [prefix, setPrefix] = useState('')
  /** The last ids of the pages before. */
  const [before, setBefore] = useState<readonly string[]>([])
  const after = before.at(-1)
  const { value, problem, reload } = useLoaded(async signal => {
    const query = new URLSearchParams({ facts: 'true', limit: String(PAGE + 1), ...(prefix !== '' && { prefix }), ...(after !== undefined && { after }) })
    return (await ask<{ facts: AccountFacts[] }>(`/v1/accounts?${query}`, { signal })).facts
  }, [prefix, after])
  const rows = value?.slice(0, PAGE)
  const last = rows?.at(-1)?.account
  return (
    <div class='page'>
      <PageHead title='Accounts' about='Homes whose devices report here: consent, what was disclosed, export, erasure.' />
      <section class='panel stack' aria-label='Accounts'>
        <form class='search' role='search' onSubmit={event => { event.preventDefault(); const [only] = rows ?? []; if (rows?.length === 1 && only !== undefined) goTo('accounts', only.account) }}>
          <div class='field'>
            <label for='account-search'>Find an account</label>
            <input
              id='account-search' type='search' autocomplete='off' spellcheck={false} maxLength={64} pattern='[A-Za-z0-9_\-]*' placeholder='Begins with…' value={prefix}
              onInput={event => { setBefore([]); setPrefix(event.currentTarget.value.replace(/[^A-Za-z0-9_-]/g, '')) }}
            />
          </div>
        </form>
        {rows === undefined || problem !== undefined
          ? <Loading problem={problem} reload={reload} />
          : (
            <>
              <DataTable label='Accounts' columns={COLUMNS} rows={rows} keyOf={({ account }) => account} empty={<><strong>No account</strong>{prefix === '' ? 'None is registered yet: curtilage account add.' : `None begins with “${prefix}”.`}</>} />
              <Pager
                onPrevious={before.length === 0 ? undefined : () => setBefore(before.slice(0, -1))}
                onNext={(value?.length ?? 0) <= PAGE || last === undefined ? undefined : () => setBefore([...before, last])}
              />
            </>
            )}
      </section>
    </div>
  )
}
