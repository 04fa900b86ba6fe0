/** Where simulated homes stand, and the words their people name things with. Cities are real, people and homes are made up. */

export interface Place {
  readonly country: string
  readonly region: 'us' | 'eu'
  readonly zone: string
  /** Minutes ahead of UTC, daylight saving aside. */
  readonly timeDiff: number
  readonly latitude: number
  readonly longitude: number
  readonly language: string
  readonly people: readonly string[]
  readonly rooms: readonly string[]
  readonly things: { readonly plug: string, readonly light: string, readonly sensor: string, readonly camera: string, readonly vacuum: string, readonly hub: string }
  /** A thing's name, from a person, a room and a thing. */
  readonly name: (person: string, room: string, thing: string) => string
}

const english = {
  people: ['Emma', 'Liam', 'Olivia', 'Noah', 'Ava', 'Mia', 'Jackson', 'Grandma Rose'],
  rooms: ['Nursery', 'Bedroom', 'Kitchen', 'Living Room', 'Garage', 'Home Office', 'Hallway'],
  things: { plug: 'heater', light: 'lamp', sensor: 'door', camera: 'cam', vacuum: 'robot', hub: 'hub' },
  name: (person: string, room: string, thing: string) => `${person}'s ${room.toLowerCase()} ${thing}`
}

export const PLACES: readonly Place[] = [
  { ...english, country: 'US', region: 'us', zone: 'America/Chicago', timeDiff: -360, latitude: 41.8781, longitude: -87.6298, language: 'en_US' },
  { ...english, country: 'US', region: 'us', zone: 'America/Los_Angeles', timeDiff: -480, latitude: 37.3382, longitude: -121.8863, language: 'en_US' },
  { ...english, country: 'US', region: 'us', zone: 'America/New_York', timeDiff: -300, latitude: 35.9132, longitude: -79.0558, language: 'en_US' },
  { ...english, country: 'GB', region: 'eu', zone: 'Europe/London', timeDiff: 0, latitude: 53.4808, longitude: -2.2426, language: 'en_GB' },
  {
    country: 'DE',
    region: 'eu',
    zone: 'Europe/Berlin',
    timeDiff: 60,
    latitude: 52.52,
    longitude: 13.405,
    language: 'de_DE',
    people: ['Jürgen', 'Käthe', 'Lukas', 'Frieda', 'Oma Hilde'],
    rooms: ['Kinderzimmer', 'Schlafzimmer', 'Küche', 'Wohnzimmer', 'Flur'],
    things: { plug: 'Heizlüfter', light: 'Leselampe', sensor: 'Tür', camera: 'Kamera', vacuum: 'Staubsauger', hub: 'Zentrale' },
    name: (person, room, thing) => `${thing} von ${person} (${room})`
  },
  {
    country: 'FR',
    region: 'eu',
    zone: 'Europe/Paris',
    timeDiff: 60,
    latitude: 45.764,
    longitude: 4.8357,
    language: 'fr_FR',
    people: ['Chloé', 'Zoë', 'Hélène', 'Théo'],
    rooms: ["Chambre d'amis", 'Cuisine', 'Salon', 'Entrée'],
    things: { plug: 'prise', light: 'lampe', sensor: 'porte', camera: 'caméra', vacuum: 'aspirateur', hub: 'centrale' },
    name: (person, room, thing) => `${thing} de ${person}, ${room.toLowerCase()}`
  },
  {
    country: 'JP',
    region: 'us',
    zone: 'Asia/Tokyo',
    timeDiff: 540,
    latitude: 35.6762,
    longitude: 139.6503,
    language: 'ja_JP',
    people: ['さくら', '健太', '美咲'],
    rooms: ['子供部屋', '寝室', '台所'],
    things: { plug: 'コンセント', light: 'ランプ', sensor: 'ドア', camera: 'カメラ', vacuum: '掃除機', hub: 'ハブ' },
    name: (person, room, thing) => `${person}の${room}の${thing}`
  },
  {
    country: 'IL',
    region: 'eu',
    zone: 'Asia/Jerusalem',
    timeDiff: 120,
    latitude: 32.0853,
    longitude: 34.7818,
    language: 'he_IL',
    people: ['נועה', 'איתן'],
    rooms: ['חדר ילדים', 'מטבח', 'סלון'],
    things: { plug: 'שקע', light: 'מנורה', sensor: 'דלת', camera: 'מצלמה', vacuum: 'שואב', hub: 'רכזת' },
    name: (person, room, thing) => `${thing} של ${person} ב${room}`
  },
  {
    country: 'BR',
    region: 'us',
    zone: 'America/Sao_Paulo',
    timeDiff: -180,
    latitude: -23.5505,
    longitude: -46.6333,
    language: 'pt_BR',
    people: ['João', 'Conceição', 'Luís'],
    rooms: ['Quarto das crianças', 'Cozinha', 'Sala'],
    things: { plug: 'tomada', light: 'abajur 💡', sensor: 'porta', camera: 'câmera', vacuum: 'aspirador', hub: 'central' },
    name: (person, room, thing) => `${thing} do ${person} na ${room.toLowerCase()}`
  }
]
