/** The devices of an account. */

import { ask, part } from '../../api/request.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { Loading } from '../../parts/loading.js'
import { More } from '../../parts/more.js'
import { usePages } from '../../parts/use-pages.js'
import { countOf, dayText } from '../../words/format.js'
import type { Device } from './account-data.js'

const A_PAGE = 100

const COLUMNS: readonly Column<Device>[] = [
  { title: 'Device', head: true, cell: ({ device }) => device },
  { title: 'Since', cell: ({ addedMs }) => dayText(addedMs) },
  { title: 'Address', cell: ({ hasKnownAddress }) => hasKnownAddress ? 'known, as a fingerprint' : <span class='soft'>not known</span> }
]

export function DevicesPanel ({ account }: { account: string }) {
  const { value, problem, reload, more } = usePages(async (after, signal) => await devicePage(account, after, signal), [account])
  const devices = value?.flatMap(page => page.devices) ?? []
  return (
    <section class='panel' aria-labelledby='devices'>
      <h2 id='devices'>Devices</h2>
      {value === undefined || problem !== undefined
        ? <Loading problem={problem} reload={reload} />
        : <DataTable label='Devices' columns={COLUMNS} rows={devices} keyOf={({ device }) => device} empty={<><strong>No device</strong>Register one with curtilage device add.</>} />}
      <More key={account} shown={countOf(devices.length, 'device')} onMore={more} />
    </section>
  )
}

interface DevicePage {
  readonly devices: readonly Device[]
  readonly next?: string
}

/** One more is asked for than is shown, to tell whether there is another page. */
async function devicePage (account: string, after: string | undefined, signal: AbortSignal): Promise<DevicePage> {
  const { devices } = await ask<{ devices: Device[] }>(`/v1/accounts/${part(account)}/devices?limit=${A_PAGE + 1}${after === undefined ? '' : `&after=${part(after)}`}`, { signal })
  const page = devices.slice(0, A_PAGE)
  const next = devices.length > A_PAGE ? page.at(-1)?.device : undefined
  return { devices: page, ...(next !== undefined && { next }) }
}
