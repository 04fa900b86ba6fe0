/** One mistake each, and all that the loader says about it. */

import type { Edit } from './fixture.js'

const R = 'recipients/analytics.yaml'
const H = 'recipients/home.yaml'
const M = 'reports/motion.yaml'
const E = 'reports/energy.yaml'
const N = 'notice.yaml'
const C = 'consent.yaml'
const G = 'gateway.yaml'
const T = 'tests/cases.yaml'

export type BadSnippet = readonly [situation: string, edit: Edit, problems: readonly string[]]

export const badSnippets: readonly BadSnippet[] = [
  // yaml
  ['empty file', [C, /[^]*/, ''], [
    'consent.yaml:1:1 the file says nothing'
  ]],
  ['only a comment', [C, /[^]*/, '# nothing\n'], [
    'consent.yaml:1:1 the file says nothing'
  ]],
  ['a list as root', [C, /[^]*/, '- a\n'], [
    'consent.yaml:1:1 the file must be a mapping'
  ]],
  ['text as root', [C, /[^]*/, 'hello\n'], [
    'consent.yaml:1:1 the file must be a mapping'
  ]],
  ['tab as indentation', [C, '  opt-in:', '\topt-in:'], [
    'consent.yaml:4:1 tab used as indentation: use spaces'
  ]],
  ['duplicate key', [R, 'region: us', 'region: us\nregion: eu'], [
    'recipients/analytics.yaml:5:1 duplicate key \'region\''
  ]],
  ['duplicate key in a mapping', [R, '  sensor.motion: keep', '  sensor.motion: keep\n  sensor.motion: suppress'], [
    'recipients/analytics.yaml:10:3 duplicate key \'sensor.motion\''
  ]],
  ['quote not closed', [R, 'purpose: improve-products', 'purpose: "improve-products'], [
    'recipients/analytics.yaml:17:1 missing closing "quote'
  ]],
  ['two documents', [R, 'kind:', '---\nkind:'], [
    'recipients/analytics.yaml:2:1 more than one document in one file'
  ]],
  ['alias', [R, 'region: us', 'region: &r us\nabout: *r'], [
    'recipients/analytics.yaml:4:12 anchor \'r\' cannot be used here',
    'recipients/analytics.yaml:5:8 alias \'r\': write the value out, so that every rule has one place'
  ]],
  ['alias bomb', [C, 'signals: [gpc, dnt]', 'signals: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]'], [
    'consent.yaml:8:13 anchor \'a\' cannot be used here',
    'consent.yaml:9:7 anchor \'b\' cannot be used here',
    'consent.yaml:9:8 alias \'a\': write the value out, so that every rule has one place',
    'consent.yaml:9:12 alias \'a\': write the value out, so that every rule has one place',
    'consent.yaml:10:5 alias \'b\': write the value out, so that every rule has one place',
    'consent.yaml:10:9 alias \'b\': write the value out, so that every rule has one place'
  ]],
  ['tag', [R, 'region: us', 'region: !!str us'], [
    'recipients/analytics.yaml:4:15 a tag cannot be used here'
  ]],
  ['directive', [C, 'defaultRegion', '%YAML 1.1\n---\ndefaultRegion'], [
    'consent.yaml:1:1 a YAML directive cannot be used here'
  ]],
  ['__proto__', [R, '  sensor.motion: keep', '  __proto__: keep'], [
    'recipients/analytics.yaml:9:3 the key \'__proto__\' cannot be used'
  ]],
  ['key that is a list', [R, 'region: us', '? [a]\n: b'], [
    'recipients/analytics.yaml:4:3 a key must be text'
  ]],
  // shape
  ['unknown key', [R, 'purpose: improve', 'pupose: improve'], [
    'recipients/analytics.yaml:1:1 missing key \'purpose\'',
    'recipients/analytics.yaml:3:1 unknown key \'pupose\', did you mean \'purpose\'?'
  ]],
  ['unknown key without a near one', [R, 'release: 15m', 'frobnicate: 15m'], [
    'recipients/analytics.yaml:14:1 unknown key \'frobnicate\''
  ]],
  ['unknown nested key', [N, 'sensitivity: low', 'sensitivity: low, secrecy: 1'], [
    'notice.yaml:12:49 unknown key \'secrecy\''
  ]],
  ['missing key', [R, 'region: us\n', ''], [
    'recipients/analytics.yaml:1:1 missing key \'region\''
  ]],
  ['missing nested key', [H, 'sink: { type: mqtt }', 'sink: {}'], [
    'recipients/home.yaml:10:7 missing key \'type\''
  ]],
  ['missing folder of a file sink', [R, 'sink: { type: file, folder: analytics }', 'sink: { type: file }'], [
    'recipients/analytics.yaml:16:7 missing key \'folder\''
  ]],
  ['folder on an mqtt sink', [H, 'type: mqtt', 'type: mqtt, folder: x'], [
    'recipients/home.yaml:10:21 unknown key \'folder\''
  ]],
  ['unknown sink type', [R, 'type: file', 'type: fil'], [
    'recipients/analytics.yaml:16:15 unknown type \'fil\', did you mean \'file\'?'
  ]],
  ['keys of another broker without its url', [H, 'type: mqtt', 'type: mqtt, userName: x'], [
    'recipients/home.yaml:10:21 \'userName\' needs \'url\': without it the sink is this broker'
  ]],
  ['no URL', [H, 'type: mqtt', 'type: mqtt, url: broker.example'], [
    'recipients/home.yaml:10:26 \'url\' is not a URL such as mqtts://host'
  ]],
  ['a URL of another kind', [H, 'type: mqtt', 'type: mqtt, url: "wss://broker.example"'], [
    'recipients/home.yaml:10:26 \'wss:\' is none of mqtts:, mqtt:'
  ]],
  ['a URL with a password, which is not repeated', [H, 'type: mqtt', 'type: mqtt, url: "mqtts://someone:hunter2@broker.example"'], [
    'recipients/home.yaml:10:26 \'url\' holds a user name or a password: a credential stands in a file of its own'
  ]],
  ['a URL with a token in its query, which is not repeated', [H, 'type: mqtt', 'type: http, url: "https://a.example/in?set=1&apiKey=hunter2"'], [
    'recipients/home.yaml:10:26 \'url\' seems to hold a credential in its query: a credential stands in a file of its own'
  ]],
  ['a URL with a fragment', [H, 'type: mqtt', 'type: http, url: "https://a.example/in#there"'], [
    'recipients/home.yaml:10:26 \'url\' has a part that this sink does not know'
  ]],
  ['a path of a broker', [H, 'type: mqtt', 'type: mqtt, url: "mqtts://broker.example/in"'], [
    'recipients/home.yaml:10:26 \'url\' has a part that this sink does not know'
  ]],
  ['a database that is no number', [H, 'type: mqtt', 'type: redis, stream: s, url: "rediss://redis.example/main"'], [
    'recipients/home.yaml:10:38 \'url\' has a part that this sink does not know'
  ]],
  ['a server off loopback without encryption', [H, 'type: mqtt', 'type: http, url: "http://a.example/in"'], [
    'recipients/home.yaml:10:26 http: without encryption to \'a.example\', which is not loopback: use https:, or say plaintext: i-accept-that-reports-cross-the-network-unencrypted'
  ]],
  ['the same by an address', [H, 'type: mqtt', 'type: nats, stream: S, url: "nats://[2001:db8::1]:4222"'], [
    'recipients/home.yaml:10:37 nats: without encryption to \'2001:db8::1\', which is not loopback: use tls:, or say plaintext: i-accept-that-reports-cross-the-network-unencrypted'
  ]],
  ['a password without a user name', [H, 'type: mqtt', 'type: mqtt, url: "mqtts://broker.example", passwordFile: p'], [
    'recipients/home.yaml:10:52 \'passwordFile\' needs \'userName\''
  ]],
  ['a token beside a user name', [H, 'type: mqtt', 'type: nats, stream: S, url: "tls://nats.example", userName: x, tokenFile: t'], [
    'recipients/home.yaml:10:72 a token takes the place of a user name: give one of them'
  ]],
  ['a batch of none', [H, 'type: mqtt', 'type: http, url: "https://a.example/", maxBatch: 0'], [
    'recipients/home.yaml:10:58 \'maxBatch\' must be 1 to 256'
  ]],
  ['a body beyond all sizes', [H, 'type: mqtt', 'type: http, url: "https://a.example/", maxBody: 2GiB'], [
    'recipients/home.yaml:10:57 \'2GiB\' is not between 1 byte and 1GiB'
  ]],
  ['a retention that is none', [R, 'folder: analytics', 'folder: analytics, retention: 0d'], [
    'recipients/analytics.yaml:16:51 \'0d\' is not a whole number of milliseconds between 1ms and 36500d'
  ]],
  ['a stream with a wildcard', [H, 'type: mqtt', 'type: nats, stream: "a.>", url: "tls://nats.example"'], [
    'recipients/home.yaml:10:29 \'a.>\' is not a stream name: 1 to 128 letters, digits, _, : and -'
  ]],
  ['number for text', [N, 'version: "1.3"', 'version: 1.3'], [
    'notice.yaml:1:20 \'version\' must be text, not a number: put it in quotes'
  ]],
  ['list for mapping', [R, /allow:[^]*energy.*\n/, 'allow: [keep]\n'], [
    'recipients/analytics.yaml:6:8 \'allow\' must be a mapping, not a list'
  ]],
  ['text for list', [R, 'reports: [motion, energy]', 'reports: motion'], [
    'recipients/analytics.yaml:5:10 \'reports\' must be a list, not text'
  ]],
  ['empty list', [R, 'reports: [motion, energy]', 'reports: []'], [
    'recipients/analytics.yaml:5:10 \'reports\' must name a report'
  ]],
  ['nothing for text', [R, 'region: us', 'region:'], [
    'recipients/analytics.yaml:4:8 \'region\' must be text, not nothing'
  ]],
  ['text for boolean', [N, 'freeText: true', 'freeText: yes'], [
    'notice.yaml:13:59 \'freeText\' must be true or false, not text'
  ]],
  ['recipient name', [R, 'recipient: analytics', 'recipient: Product_Analytics'], [
    'recipients/analytics.yaml:1:12 \'Product_Analytics\' is not a name: a small letter, then at most 63 small letters, digits and -',
    'tests/cases.yaml:12:7 unknown recipient \'analytics\''
  ]],
  ['category name', [N, '  device.model:', '  DeviceModel:'], [
    'notice.yaml:12:3 \'DeviceModel\' is not a category: two or more words of small letters, digits and -, parted by dots',
    'recipients/analytics.yaml:7:3 unknown category \'device.model\', did you mean \'DeviceModel\'?',
    'reports/energy.yaml:8:10 unknown category \'device.model\', did you mean \'DeviceModel\'?'
  ]],
  ['unknown type', [N, 'type: coordinate', 'type: coordinates'], [
    'notice.yaml:18:25 unknown type \'coordinates\', did you mean \'coordinate\'?'
  ]],
  ['unknown type in list', [N, '[text, boolean]', '[text, bool]'], [
    'notice.yaml:14:33 unknown type \'bool\', expected text, number, boolean, time, coordinate'
  ]],
  ['sensitivity', [N, 'sensitivity: low', 'sensitivity: tiny'], [
    'notice.yaml:12:44 unknown sensitivity \'tiny\', expected low, medium, high, critical'
  ]],
  ['day', [N, '2020-11-25', '2020-13-45'], [
    'notice.yaml:1:38 \'2020-13-45\' is no day of the calendar'
  ]],
  ['version that is an address', [N, '"1.3", eff', '"10.0.0.1", eff'], [
    'notice.yaml:1:20 \'10.0.0.1\' is not a version such as "1.3"',
    'notice.yaml:22:41 unknown notice version \'1.3\', did you mean \'1.2\'?'
  ]],
  ['duration', [R, 'release: 15m', 'release: 15 min'], [
    'recipients/analytics.yaml:14:10 \'15 min\' is not a duration such as 500ms, 15m or 30d'
  ]],
  ['zero duration', [R, 'release: 15m', 'release: 0s'], [
    'recipients/analytics.yaml:14:10 \'0s\' is not a whole number of milliseconds between 1ms and 36500d'
  ]],
  // names
  ['category in allow', [R, '  device.model: keep', '  devce.model: keep'], [
    'recipients/analytics.yaml:7:3 unknown category \'devce.model\', did you mean \'device.model\'?'
  ]],
  ['family of nothing', [R, '  sensor.motion: keep', '  sensr.*: keep'], [
    'recipients/analytics.yaml:9:3 unknown family \'sensr.*\', did you mean \'sensor.*\'?'
  ]],
  ['wildcard that is no family', [R, '  sensor.motion: keep', '  "*": keep'], [
    'recipients/analytics.yaml:9:3 \'*\' is neither a category nor a family such as \'sensor.*\''
  ]],
  ['purpose', [R, 'purpose: improve-products', 'purpose: improve-product'], [
    'recipients/analytics.yaml:3:10 unknown purpose \'improve-product\', did you mean \'improve-products\'?'
  ]],
  ['kind', [R, 'kind: service-provider', 'kind: service'], [
    'recipients/analytics.yaml:2:7 unknown recipient kind \'service\''
  ]],
  ['region', [R, 'region: us', 'region: ua'], [
    'recipients/analytics.yaml:4:9 unknown region \'ua\''
  ]],
  ['report', [R, '[motion, energy]', '[motion, enrgy]'], [
    'recipients/analytics.yaml:5:19 unknown report \'enrgy\', did you mean \'energy\'?'
  ]],
  ['report twice', [R, '[motion, energy]', '[motion, motion]'], [
    'recipients/analytics.yaml:5:19 \'motion\' is listed twice'
  ]],
  ['origin', [R, '[integration]', '[integrations]'], [
    'recipients/analytics.yaml:15:18 unknown origin \'integrations\', did you mean \'integration\'?'
  ]],
  ['category in field', [M, '  event: sensor.motion', '  event: sensor.moton'], [
    'reports/motion.yaml:4:10 unknown category \'sensor.moton\', did you mean \'sensor.motion\'?'
  ]],
  ['category in field mapping', [M, 'category: device.name', 'category: device.nam'], [
    'reports/motion.yaml:7:25 unknown category \'device.nam\', did you mean \'device.name\'?'
  ]],
  ['category in placeholder', [M, '{device.id}', '{device.idd}'], [
    'reports/motion.yaml:11:3 unknown category \'device.idd\', did you mean \'device.id\'?'
  ]],
  ['clause', [N, 'clause: "3" }\n  integration', 'clause: "4" }\n  integration'], [
    'notice.yaml:24:45 unknown clause \'4\''
  ]],
  ['notice demanded', [N, '>=1.3', '>=1.4'], [
    'notice.yaml:22:41 unknown notice version \'1.4\', did you mean \'1.3\'?'
  ]],
  ['notice demanded, badly', [N, '>=1.3', '1.3'], [
    'notice.yaml:22:41 \'1.3\' is not a demand such as ">=1.3"'
  ]],
  ['edition twice', [N, '"1.2", eff', '"1.3", eff'], [
    'notice.yaml:28:16 notice version \'1.3\' is there already'
  ]],
  ['regime purpose', [C, '{ marketing: deny }', '{ markting: deny }'], [
    'consent.yaml:5:44 unknown purpose \'markting\', did you mean \'marketing\'?'
  ]],
  ['regime kind', [C, 'denyKinds: [integration]', 'denyKinds: [integraton]'], [
    'consent.yaml:6:81 unknown recipient kind \'integraton\', did you mean \'integration\'?'
  ]],
  ['default region', [C, 'defaultRegion: us', 'defaultRegion: uk'], [
    'consent.yaml:1:16 unknown region \'uk\''
  ]],
  // unsafe
  ['network.mac missing', [N, / {2}network\.mac.*\n/, ''], [
    'notice.yaml:8:1 category \'network.mac\' is missing: it must exist with never: true',
    'reports/motion.yaml:10:20 unknown category \'network.mac\''
  ]],
  ['network.ip not never', [N, /(network\.ip.*)never: true/, '$1never: false'], [
    'notice.yaml:10:3 category \'network.ip\' must have never: true'
  ]],
  ['device.id missing', [N, / {2}device\.id.*\n/, ''], [
    'notice.yaml:8:1 category \'device.id\' is missing: the envelope of a disclosure needs it',
    'recipients/analytics.yaml:8:3 unknown category \'device.id\'',
    'reports/motion.yaml:6:14 unknown category \'device.id\'',
    'reports/motion.yaml:11:3 unknown category \'device.id\''
  ]],
  ['time.event of another type', [N, 'time.event: { type: time', 'time.event: { type: text'], [
    'notice.yaml:17:23 category \'time.event\' must have type time',
    'recipients/analytics.yaml:11:15 \'round\' does not fit category \'time.event\': its type is text',
    'recipients/home.yaml:9:15 \'part\' does not fit category \'time.event\': its type is text',
    'reports/motion.yaml:5:38 \'format\' needs a category of type time, which \'time.event\' is not'
  ]],
  ['opt-in missing', [C, / {2}opt-in.*\n/, ''], [
    'consent.yaml:3:1 regime \'opt-in\' is missing: unknown regimes are treated as it',
    'tests/cases.yaml:4:15 unknown regime \'opt-in\''
  ]],
  ['opt-in that allows', [C, 'opt-in: { otherwise: deny }', 'opt-in: { otherwise: allow }'], [
    'consent.yaml:4:24 opt-in must deny: unknown regimes are treated as it'
  ]],
  ['opt-in that allows a purpose', [C, 'opt-in: { otherwise: deny }', 'opt-in: { otherwise: deny, purposes: { marketing: allow } }'], [
    'consent.yaml:4:53 opt-in must deny: unknown regimes are treated as it'
  ]],
  ['minors', [C, 'required-purposes-only', 'anything'], [
    'consent.yaml:7:9 \'minors\' must be required-purposes-only'
  ]],
  ['answer of a purpose', [C, '{ marketing: deny }', '{ marketing: dny }'], [
    'consent.yaml:5:55 unknown answer \'dny\', did you mean \'deny\'?'
  ]],
  ['an entry that is nothing', [R, '[motion, energy]', '[motion, null]'], [
    'recipients/analytics.yaml:5:19 an entry of \'reports\' must be text, not nothing'
  ]],
  ['answer', [C, 'notice: { otherwise: deny', 'notice: { otherwise: maybe'], [
    'consent.yaml:6:24 unknown answer \'maybe\', expected allow, deny'
  ]],
  ['never allowed', [R, '  sensor.motion: keep', '  network.mac: keep'], [
    'recipients/analytics.yaml:9:3 no rule can allow category \'network.mac\''
  ]],
  ['never allowed by family', [R, '  sensor.motion: keep', '  network.*: { pseudonymize: { epoch: 1d } }'], [
    'recipients/analytics.yaml:9:3 no rule can allow category \'network.ip\', which \'network.*\' covers',
    'recipients/analytics.yaml:9:3 no rule can allow category \'network.mac\', which \'network.*\' covers'
  ]],
  ['overlap', [R, '  sensor.motion: keep', '  sensor.*: keep'], [
    'recipients/analytics.yaml:10:3 \'sensor.climate\' (recipients/analytics.yaml:10) and \'sensor.*\' (recipients/analytics.yaml:9) both cover category \'sensor.climate\''
  ]],
  ['kind that is closed', [R, 'kind: service-provider', 'kind: marketing'], [
    'recipients/analytics.yaml:2:7 recipient kind \'marketing\' may have aggregates only: the recipient must say enabled: false'
  ]],
  ['kind that is closed, switched on', [R, 'kind: service-provider', 'kind: marketing\nenabled: true'], [
    'recipients/analytics.yaml:3:10 recipient kind \'marketing\' may have aggregates only: the recipient must say enabled: false'
  ]],
  // transforms
  ['unknown transform', [R, 'device.model: keep', 'device.model: kep'], [
    'recipients/analytics.yaml:7:17 unknown transform \'kep\', did you mean \'keep\'?'
  ]],
  ['unknown transform key', [R, '{ round: 15m }', '{ rond: 15m }'], [
    'recipients/analytics.yaml:11:17 unknown key \'rond\', did you mean \'round\'?'
  ]],
  ['two transforms', [R, '{ round: 15m }', '{ round: 15m, part: hour }'], [
    'recipients/analytics.yaml:11:29 \'part\' beside \'round\': a rule has one transform'
  ]],
  ['no transform', [R, '{ round: 15m }', '{}'], [
    'recipients/analytics.yaml:11:15 a transform must say what to do'
  ]],
  ['number for transform', [R, '{ round: 15m }', '7'], [
    'recipients/analytics.yaml:11:15 \'time.event\' must be keep or suppress or a mapping, not a number'
  ]],
  ['round by nothing', [R, 'round: 10 }', 'round: 0 }'], [
    'recipients/analytics.yaml:13:22 \'round\' must be more than 0'
  ]],
  ['round to nan', [R, 'round: 10 }', 'round: .nan }'], [
    'recipients/analytics.yaml:13:22 \'round\' must be a number or text, not an infinite one'
  ]],
  ['round number by duration', [R, 'round: 10 }', 'round: 10s }'], [
    'recipients/analytics.yaml:13:13 \'round\' does not fit category \'energy.power\', which \'energy.*\' covers: its type is number'
  ]],
  ['round time by number', [R, '{ round: 15m }', '{ round: 900 }'], [
    'recipients/analytics.yaml:11:15 \'round\' does not fit category \'time.event\': its type is time'
  ]],
  ['bucket not ascending', [R, '[0, 10, 20]', '[0, 20, 10]'], [
    'recipients/analytics.yaml:10:37 the edges of a bucket must ascend'
  ]],
  ['bucket of nothing', [R, '[0, 10, 20]', '[]'], [
    'recipients/analytics.yaml:10:29 \'bucket\' must have an edge'
  ]],
  ['grid of text', [R, 'sensor.motion: keep', 'sensor.motion: { grid: 10km }'], [
    'recipients/analytics.yaml:9:18 \'grid\' does not fit category \'sensor.motion\': its type is text or boolean'
  ]],
  ['grid without unit', [R, 'grid: 10km', 'grid: 10'], [
    'recipients/analytics.yaml:12:25 \'grid\' must be a distance such as 10km'
  ]],
  ['grid in miles', [R, 'grid: 10km', 'grid: 10miles'], [
    'recipients/analytics.yaml:12:25 \'10miles\' is not a distance such as 500m or 10km'
  ]],
  ['part', [H, 'part: hour', 'part: minute'], [
    'recipients/home.yaml:9:23 unknown part \'minute\', expected hour, weekday'
  ]],
  ['pseudonym without epoch', [R, '{ epoch: 30d }', '{}'], [
    'recipients/analytics.yaml:8:30 missing key \'epoch\''
  ]],
  ['pseudonym epoch', [R, 'epoch: 30d', 'epoch: 30 days'], [
    'recipients/analytics.yaml:8:39 \'30 days\' is not a duration such as 500ms, 15m or 30d'
  ]],
  ['map to list', [H, 'lamp: light', 'lamp: [light]'], [
    'recipients/home.yaml:7:31 \'lamp\' must be text or a number or true or false, not a list'
  ]],
  // fields
  ['empty segment', [M, '  event:', '  a..event:'], [
    'reports/motion.yaml:4:3 path \'a..event\': empty segment at character 3'
  ]],
  ['bracket', [M, '  ap_list[].bssid', '  ap_list[0].bssid'], [
    'reports/motion.yaml:10:3 path \'ap_list[0].bssid\': \'[\' where \'.\', \'[]\' or the end should be at character 8'
  ]],
  ['quote in path', [M, '  event:', "  'a.\"b':"], [
    'reports/motion.yaml:4:3 path \'a."b\': quoted segment without its end at character 5'
  ]],
  ['placeholder not closed', [M, '  children.{device.id}.alias', '  "children.{device.id"'], [
    'reports/motion.yaml:11:3 path \'children.{device.id\': placeholder without its } at character 20'
  ]],
  ['path twice', [M, '  device_id: device.id', '  "\\"event\\"": device.id'], [
    'reports/motion.yaml:6:3 path \'"event"\' is there already (reports/motion.yaml:4)'
  ]],
  ['two placeholders', [M, '  extra.*.temp', '  children.{device.name}.temp'], [
    'reports/motion.yaml:12:3 path \'children.{device.name}.temp\': \'{device.name}\' beside {device.id} (reports/motion.yaml:11) in one container: a key can only be one of them'
  ]],
  ['name beside star', [M, '  extra.*.temp', '  extra.b.temp: sensor.climate\n  extra.*.temp'], [
    'reports/motion.yaml:13:3 path \'extra.*.temp\': a name stands beside a wildcard or key placeholder in one container: list every name, or none'
  ]],
  ['star beside placeholder', [M, '  extra.*.temp', '  children.*.temp'], [
    'reports/motion.yaml:12:3 path \'children.*.temp\': \'*\' beside {device.id} (reports/motion.yaml:11) in one container: a key can only be one of them'
  ]],
  ['key that is a number', [M, '{device.id}', '{sensor.climate}'], [
    'reports/motion.yaml:11:3 path \'children.{sensor.climate}.alias\': a key is text, which category \'sensor.climate\' cannot be'
  ]],
  ['axis missing', [M, 'axis: latitude, ', ''], [
    'reports/motion.yaml:8:15 path \'latitude_i\': a coordinate needs axis: latitude or longitude'
  ]],
  ['pair missing', [M, / {2}longitude_i.*\n/, ''], [
    'reports/motion.yaml:8:3 latitude \'latitude_i\' has no longitude of its scale beside it'
  ]],
  ['pair of other scales', [M, /(longitude_i.*)0.0001/, '$10.001'], [
    'reports/motion.yaml:8:3 latitude \'latitude_i\' has no longitude of its scale beside it',
    'reports/motion.yaml:9:3 longitude \'longitude_i\' has no latitude of its scale beside it'
  ]],
  ['axis of text', [M, 'device_id: device.id', 'device_id: { category: device.id, axis: latitude }'], [
    'reports/motion.yaml:6:37 \'axis\' needs a category of type coordinate, which \'device.id\' is not'
  ]],
  ['format of text', [M, 'device_id: device.id', 'device_id: { category: device.id, format: iso }'], [
    'reports/motion.yaml:6:37 \'format\' needs a category of type time, which \'device.id\' is not'
  ]],
  ['unknown format', [M, 'format: epoch-seconds', 'format: epoch'], [
    'reports/motion.yaml:5:46 unknown format \'epoch\', expected epoch-seconds, epoch-milliseconds, iso, local'
  ]],
  ['scale of zero', [E, 'scale: 0.001', 'scale: 0'], [
    'reports/energy.yaml:7:46 \'scale\' must be more than 0'
  ]],
  ['encoding of a number', [E, '{ category: energy.power, scale: 0.001 }', '{ category: energy.power, encoding: base64 }'], [
    'reports/energy.yaml:7:39 \'encoding\' needs a category of type text, which \'energy.power\' is not'
  ]],
  ['topic', [E, '{account}/{device}/energy', '{account}/energy'], [
    'reports/energy.yaml:2:8 \'kasa/{account}/energy\' is not a topic such as kasa/{account}/{device}/motion'
  ]],
  ['command topic', [E, '{device}/energy', '{device}/cmd/energy'], [
    'reports/energy.yaml:2:8 \'kasa/{account}/{device}/cmd/energy\' is a topic for commands: the level after the device must not be cmd'
  ]],
  ['topic taken', [E, '{device}/energy', '{device}/motion'], [
    'reports/motion.yaml:2:8 topic \'kasa/{account}/{device}/motion\' is taken already (reports/energy.yaml:2)'
  ]],
  ['report taken', [E, 'report: energy', 'report: motion'], [
    'recipients/analytics.yaml:5:19 unknown report \'energy\'',
    'reports/motion.yaml:1:9 report \'motion\' is taken already (reports/energy.yaml:1)'
  ]],
  ['report of a reserved name', [E, 'report: energy', 'report: erasure'], [
    'recipients/analytics.yaml:5:19 unknown report \'energy\'',
    'reports/energy.yaml:1:9 report \'erasure\' is the gateway\'s own: recipients get erasure notices under it'
  ]],
  ['recipient taken', [H, 'recipient: home', 'recipient: analytics'], [
    'recipients/home.yaml:1:12 recipient \'analytics\' is taken already (recipients/analytics.yaml:1)',
    'tests/cases.yaml:13:7 unknown recipient \'home\''
  ]],
  ['folder taken', [H, '{ type: mqtt }', '{ type: file, folder: Analytics }'], [
    'recipients/home.yaml:10:29 folder \'Analytics\' is taken already (recipients/analytics.yaml:16)'
  ]],
  ['folder that climbs', [R, 'folder: analytics', 'folder: ../x'], [
    'recipients/analytics.yaml:16:29 \'../x\' is not a plain folder name'
  ]],
  // gateway
  ['plain mqtt off loopback', [G, 'type: mqtt, host: 127.0.0.1', 'type: mqtt, host: 0.0.0.0'], [
    'gateway.yaml:4:25 mqtt without encryption on \'0.0.0.0\', which is not loopback: use mqtts, or say plaintext: i-accept-that-reports-cross-the-network-unencrypted'
  ]],
  ['plain http off loopback', [G, 'http: { host: 127.0.0.1', 'http: { host: "::"'], [
    'gateway.yaml:6:15 http without encryption on \'::\', which is not loopback: listen on 127.0.0.1 behind a proxy with TLS, or say plaintext: i-accept-that-reports-cross-the-network-unencrypted'
  ]],
  ['acceptance misspelled', [G, 'port: 8080', 'port: 8080, plaintext: yes'], [
    'gateway.yaml:6:49 \'plaintext\' must be i-accept-that-reports-cross-the-network-unencrypted'
  ]],
  ['tls without key', [G, ', key: server.key', ''], [
    'gateway.yaml:5:5 missing key \'key\''
  ]],
  ['client certificates of nobody', [G, 'key: server.key', 'key: server.key, clientCertificate: required, crl: gone.pem'], [
    'gateway.yaml:5:80 \'clientCertificate\' needs clientCa: whose certificates?',
    'gateway.yaml:5:109 \'crl\' needs clientCa: whose certificates?'
  ]],
  ['client certificates without tls', [G, 'type: mqtt, host', 'type: mqtt, clientCa: ca.pem, host'], [
    'gateway.yaml:4:19 unknown key \'clientCa\''
  ]],
  ['origin', [G, 'key: server.key', 'key: server.key, origins: ["*"]'], [
    'gateway.yaml:5:90 \'*\' is not an origin such as https://app.example.com'
  ]],
  ['port', [G, 'port: 1883', 'port: 70000'], [
    'gateway.yaml:4:42 \'port\' must be 0 to 65535'
  ]],
  ['port taken', [G, 'port: 8080', 'port: 1883'], [
    'gateway.yaml:6:32 \'127.0.0.1:1883\' is listened on already'
  ]],
  ['listener type', [G, 'type: wss', 'type: wsss'], [
    'gateway.yaml:5:13 unknown type \'wsss\', did you mean \'wss\'?'
  ]],
  ['size', [G, '256KiB', '256kb'], [
    'gateway.yaml:8:19 \'256kb\' is not a size such as 256KiB or 1MiB'
  ]],
  ['size larger than packet', [G, '256KiB', '2MiB'], [
    'gateway.yaml:8:19 maxReportBytes must not be larger than maxPacketBytes: no such report could arrive'
  ]],
  ['level', [G, 'level: info', 'level: verbose'], [
    'gateway.yaml:10:15 unknown level \'verbose\', expected fatal, error, warn, info, debug, trace, silent'
  ]],
  // cases
  ['case report', [T, 'report: motion', 'report: moton'], [
    'tests/cases.yaml:8:13 unknown report \'moton\', did you mean \'motion\'?'
  ]],
  ['case recipient', [T, 'home: { with', 'hom: { with'], [
    'tests/cases.yaml:13:7 unknown recipient \'hom\', did you mean \'home\'?'
  ]],
  ['case reason', [T, 'withheld: consent-unset', 'withheld: consent-unst'], [
    'tests/cases.yaml:13:25 unknown reason \'consent-unst\', did you mean \'consent-unset\'?'
  ]],
  ['case purpose', [T, 'purpose: improve-products', 'purpose: improve'], [
    'tests/cases.yaml:7:22 unknown purpose \'improve\''
  ]],
  ['case regime', [T, 'regime: opt-in', 'regime: opt-inn'], [
    'tests/cases.yaml:4:15 unknown regime \'opt-inn\', did you mean \'opt-in\'?'
  ]],
  ['case region', [T, 'region: us', 'region: jp'], [
    'tests/cases.yaml:5:15 unknown region \'jp\''
  ]],
  ['case time', [T, '2026-01-05T10:20:30Z', 'yesterday'], [
    'tests/cases.yaml:9:9 \'yesterday\' is not a time such as 2026-01-05T10:20:30Z'
  ]],
  ['case time of no calendar', [T, '2026-01-05T10:20:30Z', '2026-13-05T10:20:30Z'], [
    'tests/cases.yaml:9:9 \'2026-13-05T10:20:30Z\' is no time of the calendar'
  ]],
  ['case without payload', [T, / {4}payload.*\n/, ''], [
    'tests/cases.yaml:2:5 missing key \'payload\''
  ]],
  ['case expectation', [T, '{ withheld: consent-unset }', '{ withold: consent-unset }'], [
    'tests/cases.yaml:13:13 missing key \'withheld\'',
    'tests/cases.yaml:13:15 unknown key \'withold\', did you mean \'withheld\'?'
  ]],
  ['case denial that expires', [T, 'state: granted', 'state: denied'], [
    'tests/cases.yaml:7:55 only a grant can expire'
  ]]
]
