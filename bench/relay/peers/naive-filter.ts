/** The filter that people write first: some keys dropped, addresses blanked by two regular expressions. */

export const DROPPED = new Set(['mac', 'mic_mac', 'bssid', 'ip', 'alias', 'nickname', 'latitude', 'longitude', 'latitude_i', 'longitude_i', 'hwId', 'hw_id', 'oemId', 'oem_id', 'fwId', 'fw_id', 'ssid'])
export const MAC = /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi
export const IP = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g

export function naiveFilter (payload: Buffer): Buffer {
  try {
    const kept: unknown = JSON.parse(payload.toString('utf8'), (key, value: unknown) => DROPPED.has(key) ? undefined : value)
    return Buffer.from(JSON.stringify(kept).replace(MAC, '').replace(IP, ''))
  } catch {
    return Buffer.alloc(0)
  }
}
