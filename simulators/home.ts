/** A simulated home: an account, its devices, and what their reports give away. */

import { SimulatedDevice } from './device.js'
import { makeHousehold, type Household } from './household.js'
import { makeIdentity } from './identity.js'
import { MODELS, type Kind, type Model } from './models.js'
import { plantedIn, type Secret } from './planted.js'
import { Random } from './random.js'

export interface Home {
  readonly account: string
  readonly regime: Household['regime']
  readonly region: 'us' | 'eu'
  readonly household: Household
  readonly devices: readonly SimulatedDevice[]
  /** Computed when first asked for. */
  readonly planted: readonly Secret[]
}

/** In every home; the others come by chance. */
const ALWAYS: readonly Kind[] = ['plug', 'motion-sensor', 'hub']

/** The home of that number (from 1). The same seed and number give the same home, down to the passwords. */
export function makeHome (seed: string | number, index: number): Home {
  const household = makeHousehold(String(seed), index)
  const models = modelsOf(new Random(`${seed}/home/${index}/models`))
  const devices = models.map((model, at) => new SimulatedDevice(makeIdentity(household, model, at + 1)))
  let planted: readonly Secret[] | undefined
  return {
    account: household.account,
    regime: household.regime,
    region: household.place.region,
    household,
    devices,
    get planted () {
      planted ??= plantedIn(household, devices)
      return planted
    }
  }
}

/** Homes 1 to `count`. */
export function makeHomes (seed: string | number, count: number): Home[] {
  return Array.from({ length: count }, (_, at) => makeHome(seed, at + 1))
}

function modelsOf (random: Random): Model[] {
  const always = ALWAYS.map(kind => random.pick(MODELS.filter(model => model.kind === kind)))
  const others = MODELS.filter(model => !ALWAYS.includes(model.kind))
  return [...always, ...Array.from({ length: random.integer(1, 9) }, () => random.pick(others))]
}
