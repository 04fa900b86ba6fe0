/** Import of devices: lines `{"account","device","password?","mac?"}`. */

import { z } from 'zod'
import { CurtilageError } from '../model/errors.js'
import { importLines, type ImportProgress, type ImportResult, type Lines } from '../store/bulk-import.js'
import type { Devices, NewDevice } from './devices.js'

const LINE = z.strictObject({
  account: z.string(),
  device: z.string(),
  password: z.string().optional(),
  mac: z.string().optional()
})

export interface DeviceImportOptions {
  readonly onProgress?: (progress: ImportProgress) => void
  /** Takes the passwords that were made, for lines without one. They cannot be shown again. */
  readonly onPassword?: (device: string, password: string) => void
}

/** Every bad line is reported, without its password or MAC; the good ones go in. */
export async function importDevices (devices: Devices, lines: Lines, { onProgress, onPassword }: DeviceImportOptions = {}): Promise<ImportResult> {
  const earlier = new Set<string>()
  return await importLines(lines, {
    schema: LINE.transform(line => line as NewDevice),
    accept: line => {
      if (earlier.has(line.device)) throw new CurtilageError('device-exists', 'the device id stands in an earlier line')
      devices.check(line)
      earlier.add(line.device)
    },
    write: async batch => {
      const added = await devices.addAll(batch)
      added.forEach(({ device, password }, i) => { if (batch[i]?.password === undefined) onPassword?.(device, password) })
    },
    onProgress
  })
}
