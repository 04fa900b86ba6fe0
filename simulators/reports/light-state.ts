/** `light-state`: brightness, hue and color temperature, and the scenes of newer bulbs with their names in base64. */

import { base64, type Build, type Content, type Moment } from './moment.js'

export const light: Build = (identity, moment) => {
  if (identity.model.kind === 'bulb') {
    return { 'smartlife.iot.smartbulb.lightingservice': { get_light_state: { ...lightState(moment), err_code: 0 } } }
  }
  const scene = identity.home.place.name(identity.home.people[0] ?? '', identity.room, identity.home.place.things.light)
  return {
    get_dynamic_light_effect_rules: {
      enable: moment.random.chance(0.5),
      rule_list: [{ id: 'L1', change_mode: 'direct', change_time: 1000, scene_name: base64(scene), color_status_list: [[100, moment.random.integer(0, 360), 97, 0]] }]
    }
  }
}

export function lightState ({ random }: Moment): Content {
  const warm = random.chance(0.5)
  return {
    on_off: random.integer(0, 1),
    mode: random.pick(['normal', 'normal', 'circadian']),
    hue: warm ? 0 : random.integer(0, 360),
    saturation: warm ? 0 : random.integer(0, 100),
    color_temp: warm ? random.integer(2500, 6500) : 0,
    brightness: random.integer(1, 100)
  }
}
