/** `camera-alarm` and `detection-config`: cameras write numbers and times as text. */

import { seconds, type Build } from './moment.js'

export const cameraAlarm: Build = (identity, moment) => {
  const doorbell = identity.model.type === 'SMART.TAPODOORBELL'
  const type = moment.random.pick(doorbell ? ['ring', 'motion', 'person'] : ['motion', 'person', 'pet', 'tamper', ''])
  return { system: { last_alarm_info: { last_alarm_type: type, last_alarm_time: type === '' ? '' : String(seconds(moment)) } } }
}

export const detectionConfig: Build = (_identity, { random }) => {
  const shared = { enabled: random.pick(['on', 'off']), sensitivity: random.pick(['low', 'medium', 'high']), digital_sensitivity: String(random.integer(1, 10) * 10) }
  switch (random.pick(['motion', 'motion', 'person', 'tamper'])) {
    case 'person': return { people_detection: { detection: { enabled: shared.enabled, sensitivity: '50' } } }
    case 'tamper': return { tamper_detection: { tamper_det: shared } }
    default: return { motion_detection: { motion_det: { ...shared, people_enabled: 'on', vehicle_enabled: 'off', non_vehicle_enabled: 'off' } } }
  }
}
