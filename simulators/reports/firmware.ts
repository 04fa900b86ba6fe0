/** `firmware`: what version a device could have; file names in it hold dates and times that are no addresses. */

import type { Identity } from '../identity.js'
import { isKasa } from '../models.js'
import type { Build, Content } from './moment.js'

export const firmware: Build = (identity, { random }) => {
  const newer = random.chance(0.3)
  return isKasa(identity.model.kind) ? older(identity) : { get_latest_fw: latest(identity, newer) }
}

function latest (identity: Identity, newer: boolean): Content {
  return {
    type: newer ? 1 : 0,
    fw_ver: identity.model.firmware,
    release_date: newer ? '2024-06-06' : '',
    release_note: newer ? 'Modifications and Bug Fixes:\n1. Optimized low battery notification.\n2. Fixed some minor bugs.' : '',
    fw_size: newer ? 2_424_832 : 0,
    hw_id: newer ? identity.hardwareId : '',
    oem_id: newer ? identity.makerId : '',
    need_to_upgrade: newer
  }
}

function older (identity: Identity): Content {
  const version = identity.model.firmware
  const file = `${identity.model.model.slice(0, 5)}_FCC_${version.replaceAll(' ', '_')}_2024-05-07_14.37.42_1718767325443.bin`
  const item = { fwType: 2, fwVer: version, fwTitle: 'Hi, a new firmware is available for your device.', fwUrl: `http://download.tplinkcloud.com/firmware/${file}`, fwReleaseDate: '2024-06-19', fwReleaseLogUrl: 'undefined yet', fwLocation: 0 }
  return { cnCloud: { get_intl_fw_list: { fw_list: [item], err_code: 0 } } }
}
