/** `vacuum`: cleaning records, and maps with their rooms' names in base64. */

import type { Identity } from '../identity.js'
import { base64, seconds, type Build, type Content, type Moment } from './moment.js'

export const vacuum: Build = (identity, moment) => {
  switch (moment.random.pick(['records', 'records', 'records', 'map', 'maps', 'status'])) {
    case 'records': return { getCleanRecords: records(identity, moment) }
    case 'map': return { getMapData: map(identity, moment) }
    case 'maps': return { getMapInfo: maps(identity, moment) }
    default: return { getVacStatus: { status: moment.random.integer(1, 8), err_status: [0], errorCode_id: [moment.random.integer(1, 2_000_000_000)], prompt: [], promptCode_id: [] }, getBatteryInfo: { battery_percentage: moment.random.integer(10, 100) } }
  }
}

function records (identity: Identity, moment: Moment): Content {
  const { random } = moment
  const list = Array.from({ length: random.pick([4, 4, 12]) }, (_, at) => ({
    record_index: at,
    timestamp: seconds(moment) - at * 86_400 - random.integer(0, 40_000),
    clean_time: random.integer(3, 80),
    clean_area: random.integer(1, 70),
    map_id: mapId(identity),
    start_type: 1,
    task_type: random.integer(0, 4),
    info_num: 0,
    message: 0,
    error: 0,
    dust_collection: random.chance(0.2)
  }))
  return { total_time: random.integer(100, 9000), total_area: random.integer(100, 9000), total_number: random.integer(1, 400), record_list_num: list.length, record_list: list, lastest_day_record: [list[0]?.timestamp ?? 0, 56, 59, 1] }
}

function map (identity: Identity, { random }: Moment): Content {
  const rooms = identity.home.place.rooms.map((room, at) => ({ id: at + 2, type: 'room', name: base64(room), color: at + 1, suction: 2, cistern: 1, clean_number: 1, floor_texture: -1 }))
  const wall = { id: 401, type: 'virtual_wall', vertexs: [[random.integer(-5000, 5000), random.integer(-5000, 5000)], [random.integer(-5000, 5000), random.integer(-5000, 5000)]] }
  return {
    map_id: mapId(identity),
    map_name: base64(identity.room),
    map_hash: random.hex(32),
    map_data: base64(random.letters(120)),
    map_locked: 0,
    area_list: [...rooms, wall],
    auto_area_flag: true,
    bitnum: 8,
    width: 220,
    height: 303,
    resolution: 50,
    resolution_unit: 'mm',
    charge_coor: [65, 134, 272],
    vac_coor: [random.integer(0, 220), random.integer(0, 303), 272],
    origin_coor: [-33, -108, 270],
    version: 'LDS'
  }
}

function maps (identity: Identity, moment: Moment): Content {
  const one = { map_id: mapId(identity), map_name: base64(identity.room), map_locked: 0, is_saved: true, auto_area_flag: true, global_cleaned: -1, rotate_angle: 270, update_time: seconds(moment) }
  return { map_num: 1, current_map_id: one.map_id, auto_change_map: true, map_list: [one], version: 'LDS' }
}

function mapId (identity: Identity): number {
  return 1_734_000_000 + Number.parseInt(identity.mac.slice(-5), 16)
}
