/**
 * The name dictionary: what device makers call things, and the category that such a field most likely has.
 *
 * For suggestions, which a person reviews; nothing is classified by it. Read off recordings of Kasa and Tapo devices. Where
 * the name alone does not say it, the names around it do: an `id` below `logs` is an event's, one below `children` a device's.
 */

/** What a report file would say of the field, but for what only its values tell. */
export interface NamedField {
  readonly category: string
  /** Never base64 where absent; `maybe` where older devices write it plain. */
  readonly base64?: 'maybe'
  readonly axis?: 'latitude' | 'longitude'
  readonly scale?: number
}

type Entry = string | NamedField

const NAMES: Readonly<Record<string, Entry>> = {
  ...all('network.mac', 'mac', 'mic_mac', 'bssid', 'ext_addr', 'mac_address', 'macaddr', 'wifi_mac', 'bt_mac', 'hw_addr', 'eui64', 'ap_bssid'),
  ...all('network.ip', 'ip', 'local_ip', 'ipaddr', 'ip_address', 'host', 'ipv6', 'gateway_ip', 'netmask', 'dns'),
  ...all({ category: 'network.ssid', base64: 'maybe' }, 'ssid', 'wifi_ssid', 'connect_ssid', 'ap_ssid'),
  ...all('network.signal', 'rssi', 'signal_level', 'signal', 'jamming_rssi', 'jamming_signal_level'),
  ...all('network.link', 'channel', 'auth', 'key_type', 'cipher_type', 'encryption', 'link_type'),
  ...all('network.cloud', 'binded', 'cld_connection', 'server', 'fw_notify_type'),
  ...all('device.id', 'deviceId', 'device_id', 'dev_id', 'original_device_id', 'parent_device_id'),
  ...all('account.id', 'owner'),
  ...all('account.email', 'username', 'email', 'user_email'),
  ...all('device.model-id', 'hwId', 'oemId', 'fwId', 'hw_id', 'oem_id', 'fw_id'),
  ...all('device.model', 'model', 'type', 'mic_type', 'hw_ver', 'device_type', 'device_model', 'hw_version', 'dev_name'),
  ...all('device.firmware', 'sw_ver', 'fw_ver', 'sw_version', 'fw_version', 'firmware_version'),
  ...all('device.name', 'alias', 'device_alias', 'device_name'),
  ...all({ category: 'device.name', base64: 'maybe' }, 'nickname'),
  ...all({ category: 'location.name', base64: 'maybe' }, 'map_name', 'area_name'),
  ...all({ category: 'scene.name', base64: 'maybe' }, 'scene_name'),
  ...all({ category: 'group.name', base64: 'maybe' }, 'group_name'),
  ...all('location.room', 'location', 'room'),
  ...all('device.serial', 'board_sn', 'custom_sn', 'serial', 'serial_number', 'sn'),
  ...all('credential.pairing', 'setup_code', 'setup_payload'),
  ...all({ category: 'location.geo', axis: 'latitude', scale: 0.0001 }, 'latitude_i', 'la'),
  ...all({ category: 'location.geo', axis: 'longitude', scale: 0.0001 }, 'longitude_i', 'lo'),
  ...all({ category: 'location.geo', axis: 'latitude' }, 'latitude', 'lat'),
  ...all({ category: 'location.geo', axis: 'longitude' }, 'longitude', 'lon', 'lng'),
  ...all('location.region', 'region', 'timezone', 'zone_id', 'time_diff', 'lang', 'country', 'tz'),
  ...all('time.event', 'timestamp', 'trigger_timestamp', 'local_time', 'last_alarm_time', 'time', 'event_time', 'start_timestamp', 'end_timestamp'),
  ...all('event.id', 'eventId', 'event_id', 'rule_id', 'scene_id', 'task_id'),
  ...all('sensor.motion', 'last_alarm_type', 'detected', 'motion', 'occupancy'),
  ...all('sensor.contact', 'open', 'contact'),
  ...all('sensor.leak', 'in_alarm', 'leak', 'water_leak_status'),
  ...all('sensor.climate', 'past24h_temp', 'past24h_temp_exception', 'past24h_humidity', 'past24h_humidity_exception', 'temperature', 'humidity',
    'current_temp', 'current_humidity', 'target_temp', 'current_temp_exception', 'current_humidity_exception'),
  ...all('sensor.light', 'illuminance', 'lux', 'ambient_light'),
  ...all('device.battery', 'battery', 'battery_percentage', 'battery_level'),
  ...all('device.health', 'err_code', 'error_code', 'at_low_battery', 'overheated', 'overheat_status', 'overcurrent_status', 'power_protection_status'),
  ...all('usage.state', 'relay_state', 'device_on'),
  ...all('usage.runtime', 'on_time', 'runtime', 'uptime'),
  ...all('usage.light', 'brightness', 'hue', 'saturation', 'color_temp', 'color_temperature', 'mode', 'light_effect'),
  ...all('usage.settings', 'led_off', 'temp_unit', 'report_interval', 'sensitivity'),
  ...all('usage.storage', 'free_space', 'total_space', 'used_space', 'disk_size'),
  ...all('energy.power', 'power', 'watts'),
  ...all({ category: 'energy.power', scale: 0.001 }, 'power_mw', 'current_power'),
  ...all('energy.voltage', 'voltage'),
  ...all({ category: 'energy.voltage', scale: 0.001 }, 'voltage_mv'),
  ...all('energy.current', 'current'),
  ...all({ category: 'energy.current', scale: 0.001 }, 'current_ma'),
  ...all('energy.total', 'total', 'energy'),
  ...all({ category: 'energy.total', scale: 0.001 }, 'total_wh', 'energy_wh'),
  ...all('schedule.action', 'next_action', 'schd_sec', 'schd_time')
}

/** Below one of these names everything is of one kind. */
const BELOW: Readonly<Record<string, string>> = {
  get_schedule_rules: 'schedule.rule',
  night_mode: 'schedule.rule',
  next_action: 'schedule.action',
  vacuum_map: 'location.map'
}

/** A name that means something else below another: `parent[].name`, `parent.*.name`. */
const WITHIN: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  children: { id: 'device.id' },
  child_device_list: { id: 'device.id' },
  child_devices: { id: 'device.id' },
  logs: { id: 'event.id' },
  rule_list: { id: 'event.id' },
  area_list: { name: { category: 'location.name', base64: 'maybe' } },
  scene_list: { name: { category: 'scene.name', base64: 'maybe' } }
}

/** Of an event, by the name of the report type: nothing else tells a door from a movement. */
const EVENT_NAMES = new Set(['event', 'event_type'])
const EVENTS: readonly (readonly [RegExp, string])[] = [[/contact|door|window/, 'sensor.contact'], [/button|remote/, 'sensor.button'], [/leak|water/, 'sensor.leak'], [/motion|pir|camera/, 'sensor.motion']]

/** Marks of a path that are no names: `[]` and `*` have been taken off. */
export function namedField (names: readonly string[], report: string): NamedField | undefined {
  const [name = '', ...above] = names.toReversed()
  const within = WITHIN[above[0] ?? '']
  const found = (within !== undefined && Object.hasOwn(within, name) ? within[name] : undefined) ??
    above.map(one => Object.hasOwn(BELOW, one) ? BELOW[one] : undefined).find(category => category !== undefined) ??
    (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined) ??
    (name.startsWith('mfi_') ? 'credential.pairing' : undefined) ??
    (EVENT_NAMES.has(name) ? EVENTS.find(([form]) => form.test(report))?.[1] : undefined)
  return typeof found === 'string' ? { category: found } : found
}

/** Every name that it knows. */
export const FIELD_NAMES: ReadonlySet<string> = new Set([...Object.keys(NAMES), ...Object.keys(BELOW), ...Object.keys(WITHIN), ...EVENT_NAMES])

function all (entry: Entry, ...names: readonly string[]): Record<string, Entry> {
  return Object.fromEntries(names.map(name => [name, entry]))
}
