/** `storage`: a camera's memory card. Exact sizes are digits and a `B`: twelve characters that look like a MAC and are none. */

import { seconds, type Build, type Content } from './moment.js'

export const storage: Build = (_identity, moment) => {
  const { random } = moment
  if (random.chance(0.1)) return { harddisk_manage: { hd_info: [{ hd_info_1: { disk_name: '1', status: 'offline', detect_status: 'offline', total_space: '0B', free_space: '0B', percent: '0', rw_attr: 'r', write_protect: '0' } }] } }
  const total = random.pick([63_862_177_792, 31_914_983_424, 127_865_454_592])
  const free = random.integer(10_000_000_000, 30_000_000_000)
  const disk = {
    disk_name: '1',
    type: 'local',
    status: 'normal',
    detect_status: 'normal',
    rw_attr: 'rw',
    write_protect: '0',
    loop_record_status: '1',
    percent: String(Math.round(100 * free / total)),
    ...space('total', total),
    ...space('free', free),
    ...space('video_total', Math.floor(total * 0.9)),
    ...space('video_free', 0),
    ...space('picture_total', 4_252_630_016),
    ...space('picture_free', 4_252_630_016),
    ...space('msg_push_total', 0),
    ...space('msg_push_free', 0),
    record_duration: String(random.integer(1, 900_000)),
    record_free_duration: '0',
    record_start_time: String(seconds(moment) - random.integer(1, 900_000))
  }
  return { harddisk_manage: { hd_info: [{ hd_info_1: disk }] } }
}

function space (name: string, bytes: number): Content {
  return { [`${name}_space`]: `${(bytes / 1_073_741_824).toFixed(1)}GB`, [`${name}_space_accurate`]: `${bytes}B` }
}
