/** `children`: a page of the list of a hub's sensors, or the outlets of a strip with their ids as object keys. */

import type { Child, Identity } from '../identity.js'
import { childInfo } from './child-info.js'
import { base64, scaledCoordinate, type Build, type Content, type Moment } from './moment.js'

export const children: Build = (identity, moment) => {
  if (identity.model.kind === 'smart-strip') return outlets(identity, moment)
  const sum = identity.children.length
  const start = moment.random.integer(0, sum - 1)
  const page = identity.children.slice(start, start + moment.random.pick([0, 1, 2, 3, 4, sum]))
  return { get_child_device_list: { child_device_list: page.map(child => childInfo(child, identity, moment)), start_index: start, sum } }
}

function outlets (identity: Identity, moment: Moment): Content {
  const byId = identity.children.map((child, slot) => [child.id, outlet(child, slot, identity, moment)] as const)
  return { child_devices: Object.fromEntries(byId) }
}

function outlet (child: Child, slot: number, identity: Identity, { random }: Moment): Content {
  const on = random.chance(0.5)
  return {
    device_id: child.id,
    original_device_id: identity.deviceId,
    nickname: base64(child.name),
    mac: child.mac,
    category: 'plug.powerstrip.sub-plug',
    model: child.model,
    type: identity.model.type,
    fw_ver: identity.model.firmware,
    fw_id: identity.firmwareId,
    la: scaledCoordinate(identity, identity.home.latitude),
    lo: scaledCoordinate(identity, identity.home.longitude),
    lang: identity.home.place.language,
    region: identity.home.place.zone,
    position: slot + 1,
    slot_number: identity.children.length,
    device_on: on,
    on_time: on ? random.integer(1, 500_000) : 0
  }
}
