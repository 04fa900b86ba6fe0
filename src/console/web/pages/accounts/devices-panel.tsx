/** The devices of an account. */

import { ask, part } from '../../api/request.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { Loading } from '../../parts/loading.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { countText, dayText } from '../../words/format.js'
import type { Device } from './account-data.js'

const MOST = 100

const COLUMNS: readonly Column<Device>[] = [
  { title: 'Device', head: true, cell: ({ device }) => device },
  { title: 'Since', cell: ({ addedMs }) => dayText(addedMs) },
  { title: 'Address', cell: ({ hasKnownAddress }) => hasKnownAddress ? 'known, as a fingerprint' : <span class='soft'>not known</span> }
]

export function DevicesPanel ({ account }: { account: string }) {
  const { value, problem, reload } = useLoaded(async signal => (await ask<{ devices: Device[] }>(`/v1/accounts/${part(account)}/devices?limit=${MOST + 1}`, { signal })).devices, [account])
  return (
    <section class='panel' aria-labelledby='devices'>
      <h2 id='devices'>Devices</h2>
      {value === undefined || problem !== undefined
        ? <Loading problem={problem} reload={reload} />
        : <DataTable label='Devices' columns={COLUMNS} rows={value.slice(0, MOST)} keyOf={({ device }) => device} empty={<><strong>No device</strong>Register one with curtilage device add.</>} />}
      {(value?.length ?? 0) > MOST && <p class='soft small'>The first {countText(MOST)}; all of them are in the export.</p>}
    </section>
  )
}
