/** The crowd, in a process of its own: its memory and its file descriptors are not the gateway's. Obeys orders over the process channel, one at a time. */

import { CrowdMember, type Member } from './crowd-member.js'

export type Order =
  | { readonly order: 'gather', readonly members: readonly Member[] }
  | { readonly order: 'join', readonly reports: boolean, readonly atOnce: number }
  | { readonly order: 'cut' }
  | { readonly order: 'count' }

export interface Report {
  readonly connected: number
  readonly failures: number
  readonly ms: number
}

const crowd: CrowdMember[] = []

process.on('message', (order: Order) => {
  const startedMs = performance.now()
  obey(order).then(() => {
    const report: Report = { connected: crowd.filter(({ isConnected }) => isConnected).length, failures: crowd.reduce((sum, { failures }) => sum + failures, 0), ms: performance.now() - startedMs }
    process.send?.(report)
  })
})

async function obey (order: Order): Promise<void> {
  switch (order.order) {
    case 'gather': crowd.push(...order.members.map(member => new CrowdMember(member))); return
    case 'join': return await joinAll(order.reports, order.atOnce)
    case 'cut': return crowd.forEach(member => member.cut())
    case 'count':
  }
}

async function joinAll (reports: boolean, atOnce: number): Promise<void> {
  const waiting = crowd.values()
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const member of waiting) await member.join(reports)
  }))
}
