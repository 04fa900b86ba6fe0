/** Ids of accounts and devices: 1 to 64 of `A-Za-z0-9_-`, and nothing in which an address is found. */

import { CurtilageError } from '../model/errors.js'

const ID = /^[A-Za-z0-9_-]{1,64}$/

export type ContainsAddress = (text: string) => boolean

/** @throws CurtilageError account-invalid */
export function checkAccountId (account: string, containsAddress: ContainsAddress): void {
  if (!ID.test(account)) throw new CurtilageError('account-invalid', 'an account id is 1 to 64 of A-Za-z0-9_-')
  if (containsAddress(account)) throw new CurtilageError('account-invalid', 'an account id may not contain a MAC or IP address')
}

/** @throws CurtilageError device-invalid */
export function checkDeviceId (device: string, containsAddress: ContainsAddress): void {
  if (!ID.test(device)) throw new CurtilageError('device-invalid', 'a device id is 1 to 64 of A-Za-z0-9_-')
  if (containsAddress(device)) throw new CurtilageError('device-invalid', 'a device id may not contain a MAC or IP address')
}

export function isId (text: string): boolean {
  return ID.test(text)
}
