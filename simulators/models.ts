/** The device models that are simulated. Version texts look like those of real firmware and must survive a gateway byte for byte. */

import type { Place } from './places.js'

export type Kind =
  | 'first-plug' | 'plug' | 'strip' | 'bulb' | 'motion-switch'
  | 'smart-plug' | 'smart-strip' | 'smart-bulb' | 'motion-sensor'
  | 'hub' | 'bridge' | 'camera' | 'vacuum'

export interface Model {
  readonly kind: Kind
  readonly model: string
  readonly type: string
  readonly hardware: string
  readonly firmware: string
  /** What the maker calls it. */
  readonly label: string
  /** Name of its setup network, before the tail of its MAC. */
  readonly softAp: string
  readonly outlets: number
  readonly thing: keyof Place['things']
}

const kasa = { type: 'IOT.SMARTPLUGSWITCH', outlets: 0 }

export const MODELS: readonly Model[] = [
  { ...kasa, kind: 'first-plug', model: 'HS110(US)', hardware: '1.0', firmware: '1.5.6 Build 191125 Rel.083657', label: 'Wi-Fi Smart Plug With Energy Monitoring', softAp: 'TP-LINK_Smart Plug', thing: 'plug' },
  { ...kasa, kind: 'first-plug', model: 'HS110(EU)', hardware: '1.0', firmware: '1.2.6 Build 200727 Rel.121701', label: 'Wi-Fi Smart Plug With Energy Monitoring', softAp: 'TP-LINK_Smart Plug', thing: 'plug' },
  { ...kasa, kind: 'plug', model: 'KP115(EU)', hardware: '1.0', firmware: '1.0.21 Build 230526 Rel.110837', label: 'Smart Wi-Fi Plug Mini', softAp: 'TP-LINK_Smart Plug', thing: 'plug' },
  { ...kasa, kind: 'strip', model: 'HS300(US)', hardware: '2.0', firmware: '1.0.12 Build 220121 Rel.175814', label: 'Wi-Fi Smart Power Strip', softAp: 'TP-LINK_Power Strip', outlets: 6, thing: 'plug' },
  { ...kasa, kind: 'strip', model: 'KP303(UK)', hardware: '2.0', firmware: '1.0.3 Build 191105 Rel.113122', label: 'Wi-Fi Smart Power Strip', softAp: 'TP-LINK_Power Strip', outlets: 3, thing: 'plug' },
  { ...kasa, kind: 'bulb', model: 'KL130(US)', type: 'IOT.SMARTBULB', hardware: '1.0', firmware: '1.8.11 Build 191113 Rel.105336', label: 'Smart Wi-Fi LED Bulb with Color Changing', softAp: 'TP-LINK_Smart Bulb', thing: 'light' },
  { ...kasa, kind: 'motion-switch', model: 'KS200M(US)', hardware: '1.0', firmware: '1.0.12 Build 240507 Rel.143458', label: 'Smart Light Switch with PIR', softAp: 'TP-LINK_Smart Switch', thing: 'light' },
  { kind: 'smart-plug', model: 'P110', type: 'SMART.TAPOPLUG', hardware: '1.0', firmware: '1.3.0 Build 230905 Rel.152200', label: 'plug', softAp: 'Tapo_Plug', outlets: 0, thing: 'plug' },
  { kind: 'smart-plug', model: 'KP125M', type: 'SMART.KASAPLUG', hardware: '1.0', firmware: '1.2.3 Build 240624 Rel.154806', label: 'plug', softAp: 'Kasa_Plug', outlets: 0, thing: 'plug' },
  { kind: 'smart-strip', model: 'P300', type: 'SMART.TAPOPLUG', hardware: '1.0', firmware: '1.0.15 Build 231130 Rel.122554', label: 'plug', softAp: 'Tapo_Strip', outlets: 3, thing: 'plug' },
  { kind: 'smart-bulb', model: 'L530', type: 'SMART.TAPOBULB', hardware: '3.0', firmware: '1.1.6 Build 240130 Rel.173828', label: 'bulb', softAp: 'Tapo_Bulb', outlets: 0, thing: 'light' },
  { kind: 'motion-sensor', model: 'MS100', type: 'SMART.KASASENSOR', hardware: '1.0', firmware: '1.4.3 Build 251128 Rel.63757n', label: 'sensor', softAp: 'Kasa_Sensor', outlets: 0, thing: 'sensor' },
  { kind: 'hub', model: 'H100', type: 'SMART.TAPOHUB', hardware: '1.0', firmware: '1.5.10 Build 240207 Rel.175759', label: 'hub', softAp: 'Tapo_Hub', outlets: 0, thing: 'hub' },
  { kind: 'bridge', model: 'H200', type: 'SMART.TAPOHUB', hardware: '1.0', firmware: '1.3.6 Build 20240829 rel.71119', label: 'hub', softAp: 'Tapo_Hub', outlets: 0, thing: 'hub' },
  { kind: 'camera', model: 'C210', type: 'SMART.IPCAMERA', hardware: '2.0', firmware: '1.4.3 Build 241010 Rel.33858n', label: 'Home', softAp: 'Tapo_Cam', outlets: 0, thing: 'camera' },
  { kind: 'camera', model: 'D230', type: 'SMART.TAPODOORBELL', hardware: '1.20', firmware: '1.1.19 Build 241011 rel.70020', label: 'Doorbell', softAp: 'Tapo_Doorbell', outlets: 0, thing: 'camera' },
  { kind: 'vacuum', model: 'RV30', type: 'SMART.TAPOROBOVAC', hardware: '1.0', firmware: '1.2.2 Build 240905 Rel.201512', label: 'vacuum', softAp: 'Tapo_Vacuum', outlets: 0, thing: 'vacuum' }
]

/** Speaks the older protocol, whose ids are upper-case hex and whose fields stand below `system`, `emeter` and the like. */
export function isKasa (kind: Kind): boolean {
  return ['first-plug', 'plug', 'strip', 'bulb', 'motion-switch'].includes(kind)
}
