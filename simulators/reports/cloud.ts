/** `cloud`: whether a device is bound to an account, and to whose: the user name is an e-mail address. */

import type { Build } from './moment.js'

export const cloud: Build = (identity, { random }) => {
  const info = {
    username: identity.home.email,
    server: 'n-devs.tplinkcloud.com',
    binded: 1,
    cld_connection: random.chance(0.95) ? 1 : 0,
    illegalType: 0,
    stopConnect: 0,
    tcspStatus: 1,
    fwDlPage: '',
    tcspInfo: '',
    fwNotifyType: -1,
    err_code: 0
  }
  return identity.model.kind === 'bulb' ? { 'smartlife.iot.common.cloud': { get_info: info } } : { cnCloud: { get_info: info } }
}
