import t from 'tap'
import fc from 'fast-check'
import { addressesIn, findsAddress, numberIsAddress } from '../../src/guard/finder.js'
import { KnownAddressCollector, type FingerprintLookup, type KnownAddresses } from '../../src/guard/known.js'
import { freshAllowance, visitViews } from '../../src/guard/views.js'
import { findAddresses } from '../../src/guard/first-tier.js'
import { address, benign, ENCODINGS, IPV4_SPELLINGS, IPV6_SPELLINGS, ipv4, ipv6, MAC_SPELLINGS, mac, roomName, RUNS } from './spellings.js'

const MAC = '50:C7:BF:0D:91:8C'
const NOTHING = knownOf()

function knownOf (...texts: string[]): KnownAddresses {
  const collector = new KnownAddressCollector()
  for (const text of texts) collector.add(text, { numeric: false })
  return collector.known()
}

function finds (text: string, known: KnownAddresses = NOTHING, freeText = false, numeric = false): boolean {
  return findsAddress(text, { known, freeText, numeric })
}

const ALWAYS: [kind: string, texts: string[]][] = [
  ['pairs by one separator', [MAC, '50-C7-BF-0D-91-8C', '50_c7_bf_0d_91_8c', '50 c7 bf 0d 91 8c', '12:34:56:78:90:12']],
  ['pairs by several separators', ['50:c7-bf:0d-91:8c', '50:c7:bf 0d:91:8c', '50 : c7 : bf : 0d : 91 : 8c', '50:c7:bf\n0d:91:8c', '50, c7, bf, 0d, 91, 8c', '50/c7/bf/0d/91/8c']],
  ['pairs glued to what is around', ['and dAA-BB-CC-DD-EE-FF', 'AA-BB-CC-DD-EE-FFand', '_50:c7:bf:0d:91:8c_', 'b0:95:75:9f:73:dc-0-a', 'id50-C7-BF-0D-91-8Cx']],
  ['eight pairs', ['50:c7:bf:ff:fe:0d:91:8c', '00-15-8d-00-03-aa-bb-cc']],
  ['groups of four', ['50c7.bf0d.918c', '50C7.BFFF.FE0D.918C', 'x50c7.bf0d.918cy', '50c7-bf0d-918c', '50c7:bf0d:918c']],
  ['groups of six', ['50C7BF-0D918C']],
  ['groups without leading zeros', ['0:1e:c2:9:a0:ff']],
  ['bare', ['50C7BF0D918C', '_50C7BF0D918C', 'shelly-50c7bf0d918c.local', '0x50C7BF0D918C', '507766001122', 'DVES_50C7BF0D918C', 'MAC50C7BF0D918C', 'and50C7BF0D918C', '50C7BF0D918Cand', 'bssid50c7bf0d918c']],
  ['EUI-64', ['50C7BFFFFE0D918C', '0x00158D0003AABBCC', '0X00158d0003aabbcc']],
  ['nodes of UUIDs', ['2c1d43b8-e6d7-11ee-a7bd-50c7bf0d918c', '1eee6d72-c1d4-63b8-a7bd-50c7bf0d918c', '2c1d43b8-e6d7-11ee-a7bd-50c7bf0d918cand']],
  ['dotted quads', ['192.168.1.5', '0.0.0.0', '255.255.255.255', '1.2.3.4', 'v1.2.3.4', 'x192.168.1.57777', '192.168.1.5:80', '10.0.0.0/8', '[10.0.0.1]', '_10.0.0.1_', '0.0.0.0 (192.168.17.93)', '1.2.3.4.5']],
  ['padded, octal, hexadecimal', ['192.168.001.005', '0300.0250.0001.0005', '0xC0.0xA8.0x01.0x05', '192.0xA8.1.5', '0300.168.0x1.5']],
  ['quads by dashes', ['192-168-1-5', 'ip-192-168-1-5.local', 'host_10_0_0_1', 'ec2-3-120-4-7']],
  ['hosts', ['http://3232235777/', 'http://0xC0A80101:80', 'rtsp://admin@3232235777:554/x', 'http://192.11010305/', 'http://10.1/', 'mqtt://030052000401']],
  ['IPv6', ['2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', 'fe80::1', 'fe80::1%eth0', '[fd00::1]:80', '2a02::/32', 'defe80::1', 'fe80::1and', 'ff02::fb', 'fe80::', 'ip:fe80::1', '2001:db8:1:2:3:4:5:6789']],
  ['IPv6 that holds an IPv4', ['::ffff:192.168.1.5', '::ffff:c0a8:105', '::FFFF:C0A8:0105', '0:0:0:0:0:ffff:c0a8:105', '64:ff9b::c0a8:105', '64:ff9b:1::c0a8:105', '::ffff:0:c0a8:105', '::c0a8:105']],
  ['reverse names', ['5.1.168.192.in-addr.arpa', 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa']],
  ['defanged', ['192[.]168[.]1[.]5', '192(.)168(.)1(.)5', '192 dot 168 dot 1 dot 5', '192 [dot] 168 [dot] 1 [dot] 5', '192 . 168 . 1 . 5', 'fe80--1s4.ipv6-literal.net']],
  ['twins of letters and digits', ['50:С7:ВF:0D:91:8С', '٣.٤.٥.٦', '१९२.१६८.१.५', '𝟭𝟵𝟮.𝟭𝟲𝟴.𝟭.𝟱', '①.②.③.④', '❶.❷.❸.❹', '50:🅲7:🅱🅵:0🅳:91:8🅲', '50:🇨7:🇧🇫:0🇩:91:8🇨', '50:ᴄ7:ʙꜰ:0ᴅ:91:8ᴄ']],
  ['what nobody sees', ['\ufdd0', '\uffff', '\ue000', '\u2800', '\ufffc', '\ufffd'].map(char => [...MAC].join(char)).concat([...'192.168.1.5'].map(char => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join(''))],
  ['entities without a semicolon', [MAC.replaceAll(':', '&colon')]],
  ['base64 in groups', ['NTA6 Qzc6 QkY6 MEQ6 OTE6 OEM=', 'NTA6Qzc6\tQkY6MEQ6\tOTE6OEM=']]
]

for (const [kind, texts] of ALWAYS) {
  t.test(`finder: ${kind} -> found by syntax`, async t => {
    for (const [i, text] of texts.entries()) t.ok(finds(text), `spelling ${i}`)
  })
}

const SURVIVORS: [kind: string, texts: string[]][] = [
  ['firmware', ['1.5.6 Build 191125 Rel.083657', '1.4.3 Build 251128 Rel.63757n', '1.0.0', 'v2.3.4', '10.0.19041', '1.20.0 Build 20240102 Rel.5512']],
  ['models', ['HS110(US)', 'IOT.SMARTPLUGSWITCH', 'IOT.SMARTBULB', 'SMART.TAPOHUB', 'P100', 'KL430(UN)', 'EP40M', 'TP-LINK_Power Strip_5C33']],
  ['times and dates', ['2026-01-05T10:20:30.123Z', '2026-01-05T10:20:30+01:00', '2026-01-05 10:20:30', '12:34:56', '2024-01-02-03', '2024-01-02-03-04-05', '2024_01_02_03_04_05', '06:30 07:15 08:00 09:10', '10:20:30 05-01-2026', '01.02.2024', '23.5.2024 17:00', '06:30-07:15', '1735996775']],
  ['zones', ['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC+01:00']],
  ['ids', ['550e8400-e29b-41d4-a716-446655440000', '550E8400-E29B-41D4-A716-446655440000', 'uuid550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b-41d4-a716-446655440000and', '801C0123456789ABCDEF0123456789ABCDEF0123', '801C0123456789ABCDEF0123456789ABCDEF012300', '0123456789abcdef0123456789abcdef', 'plug-0001-01', 'home-0001']],
  ['addresses of nobody', ['::', '::1', 'a::b', '12::34', '0', 'dead::beef', 'std::vector', '7:34;17:7']],
  ['other signs and numbers', ['-88.5380', '321010', '-1879048193', '123-45-678', '#ff8800', '50%', 'a=b&c=d', '100%AB', '1,2,3', '1 2 3 4', '5C33', '0xFF', 'http://example.org/', 'http://192/x'.replace('192', 'a192')]],
  ['JSON', ['{"e1":10,"e2":20,"e3":30,"e4":40}', '{"start":[1,2,3],"on":true}', '["bed","lamp"]', '[]']],
  ['base64 names', ['SG9tZQ==', 'RW1tYSdzIGxhbXA=', 'TGl2aW5nIHJvb20=', 'S8O8Y2hl', '5a6i5Y6F', '0KHQv9Cw0LvRjNC90Y8=']]
]

for (const [kind, texts] of SURVIVORS) {
  t.test(`finder: ${kind} -> survive`, async t => {
    const known = knownOf(MAC, '192.168.17.93', 'fe80::1')
    for (const [i, text] of texts.entries()) t.notOk(finds(text, known), `text ${i}`)
  })
}

const CANONICAL: [kind: string, text: string, canonical: string[]][] = [
  ['MAC', MAC, ['50c7bf0d918c']],
  ['EUI-64', '50C7.BFFF.FE0D.918C', ['50c7bffffe0d918c']],
  ['EUI-64 in pairs', '00-15-8d-00-03-aa-bb-cc', ['00158d0003aabbcc']],
  ['glued MAC', 'and dAA-BB-CC-DD-EE-FF', ['aabbccddeeff']],
  ['MAC before an IP', 'aa:bb:cc:dd:ee:ff, 192.168.1.5', ['aabbccddeeff', '192.168.1.5']],
  ['padded quad', '192.168.001.008', ['192.168.1.8']],
  ['octal quad', '0300.0250.1.5', ['192.168.1.5']],
  ['mapped', '::ffff:c0a8:105', ['192.168.1.5']],
  ['mapped with a quad', '::ffff:192.168.1.5', ['192.168.1.5']],
  ['host number', 'http://3232235781/', ['192.168.1.5']],
  ['IPv6', '2001:0DB8:0:0:0:0:2:1', ['2001:db8::2:1']],
  ['IPv6 at the end of a sentence', 'is fe80::1.', ['fe80::1']]
]

t.test('addressesIn: one spelling -> its canonical form', async t => {
  for (const [kind, text, canonical] of CANONICAL) t.strictSame(addressesIn(text).map(found => found.canonical).sort(), canonical.sort(), kind)
  t.strictSame(addressesIn(MAC), [{ kind: 'mac', canonical: '50c7bf0d918c' }])
  t.strictSame(addressesIn('Wohnzimmer'), [])
})

t.test('finder: every spelling in every encoding -> found', async t => {
  for (const [kind, spellings, bytes] of [['MAC', MAC_SPELLINGS, mac], ['IPv4', IPV4_SPELLINGS, ipv4], ['IPv6', IPV6_SPELLINGS, ipv6]] as const) {
    for (const [spelling, spell] of Object.entries(spellings)) {
      for (const [encoding, encode] of Object.entries(ENCODINGS)) {
        fc.assert(fc.property(bytes, address => finds(encode(spell(address)))), { numRuns: Math.ceil(RUNS / 40) })
        t.pass(`${kind} ${spelling} ${encoding}`)
      }
    }
  }
})

const surrounding = fc.oneof(roomName, fc.constantFrom('', ' ', '_', '-', 'id', 'and', 'http://', '{"x":"', '"}', '(', ')', '/', 'Lampe ', '; ', '='))
const encoded = fc.tuple(address, fc.constantFrom(...Object.values(ENCODINGS)))

/** What a surrounding must not do: lengthen a bare run, or make an encoded text start or end elsewhere. */
const PLAIN_GLUE = /^$|[^0-9A-Za-z]$/

t.test('finder: an address at any place, amid anything -> found', async () => {
  fc.assert(fc.property(surrounding, encoded, surrounding, (before, [text, encode], after) => {
    const glued = PLAIN_GLUE.test(before) && PLAIN_GLUE.test([...after].reverse().join('')) ? before : `${before} `
    return finds(`${glued}${encode(text)} ${after}`)
  }), { numRuns: RUNS * 5 })
})

t.test('finder: base64 glued to other letters -> found', async () => {
  fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,9}$/), address.filter(text => /[:.]/.test(text)), fc.stringMatching(/^_{0,5}$/), (before, text, after) => {
    return finds(before + Buffer.from(text).toString('base64').replace(/=+$/, '') + after)
  }), { numRuns: RUNS })
})

t.test('finder: base64 after another group or line of its letters -> found', async t => {
  for (const text of ['xx4x YTg3ODc4Nzg3ODc4 xxxx', 'xx4x\nYTg3ODc4Nzg3ODc4\nxxxx']) t.ok(finds(text), 'read as one, the digits before make it a longer run')
})

t.test('finder: benign text -> survives', async () => {
  fc.assert(fc.property(benign, text => addressesIn(text).length === 0), { numRuns: RUNS * 10 })
  fc.assert(fc.property(benign, text => !finds(text, knownOf(MAC, '10.0.0.7', '2001:db8::7'), false)), { numRuns: RUNS * 10 })
})

t.test('second tier: digits of a known MAC within a longer run, amid signs, as bytes -> found', async t => {
  const known = knownOf(MAC)
  const texts = ['0050C7BF0D918C', '801C50C7BF0D918C0123456789ABCDEF01234567', '550e8400-e29b-41d4-a716-50c7bf0d918c', '5 0 c 7 b f 0 d 9 1 8 c', '50-c7bf:0d/918c', '50c7bf.0d918c', '\\x50\\xC7\\xBF\\r\\x91\\x8C', 'P\u00c7\u00bf\r\u0091\u008c', '{"0":80,"1":199,"2":191,"3":13,"4":145,"5":140}', '[80, -57, -65, 13, -111, -116]', 'fe80-a-b-c-52c7-bfff-fe0d-918c', '[80,199,191,13,145,140]', '{"type":"Buffer","data":[80,199,191,13,145,140]}', '0x50,0xC7,0xBF,0x0D,0x91,0x8C', '80 199 191 13 145 140', 'UMe/DZGM', 'xxUMe_DZGMyy', String(0x50c7bf0d918c), '52c7bffffe0d918c00']
  for (const [i, text] of texts.entries()) {
    t.ok(finds(text, known), `known ${i}`)
    t.notOk(finds(text), `unknown ${i}`)
  }
})

t.test('second tier: integers and bytes of a known IP -> found', async t => {
  const known = knownOf('192.168.1.5', '2001:db8::5')
  const texts = ['3232235781', 'x3232235781', '0xC0A80105', 'c0a80105', 'ipc0a80105', '[192, 168, 1, 5]', '192,168,1,5', '192 168 1 5', '20010db8000000000000000000000005', '2001-0db8-0000-0000-0000-0000-0000-0005', 'wKgBBQ==', '-1062731515']
  for (const [i, text] of texts.entries()) {
    t.ok(finds(text, known), `known ${i}`)
    t.notOk(finds(text), `unknown ${i}`)
  }
  t.ok(numberIsAddress(3232235781, known))
  for (const number of [3232235781.5, -3232235781, -1062731515]) t.ok(numberIsAddress(number, known), 'a fraction or a sign makes it no other')
  t.notOk(numberIsAddress(3232235780, known))
  t.ok(numberIsAddress(0x50c7bf0d918c, knownOf(MAC)))
  t.ok(numberIsAddress(507766001122, knownOf('50:77:66:00:11:22')), 'a MAC of decimal digits as a number')
})

t.test('second tier: addresses of nobody and small numbers -> never known', async t => {
  const known = knownOf('0.0.0.0 00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 0.0.0.7 00:00:00:00:00:07')
  for (const number of [0, 1, 7, 255, -7, 0.5]) t.notOk(numberIsAddress(number, known), String(number))
  for (const text of ['00000000', '[0,0,0,0]', '[0,0,0,0,0,0]', '7', '801C000000000000000000000000000000000000']) t.notOk(finds(text, known), text)
})

t.test('known addresses: a MAC of zeros in the registry -> of nobody', async t => {
  const known = new KnownAddressCollector().known({ hasMac: () => true, hasIp: () => false, hasTail: () => false })
  t.notOk(finds('x0000000000000000x', known))
})

t.test('second tier: tails of a known MAC -> found in free text only, as a run of their own', async t => {
  const known = knownOf(MAC)
  for (const text of ['TP-LINK_Power Strip_918C', 'Tapo 0D918C', 'lamp d918c', 'Lampe918C', 'Bed918C', 'x BF0D918C', 'Lamp 0D:91:8C', 'Lamp 0D 91 8C', 'Lamp_91-8C']) {
    t.ok(finds(text, known, true), 'free text')
    t.notOk(finds(text, known, false), 'other text')
    t.notOk(finds(text, NOTHING, true), 'unknown')
  }
  for (const text of ['a918C', '1918C', '91:8C1', 'at 91 8C']) t.notOk(finds(text, known, true), 'part of something longer')
  t.ok(finds(Buffer.from('Strip_918C').toString('base64'), known, true), 'in base64')
})

t.test('known addresses: an EUI-64 or an IPv6 address made of a MAC -> the MAC is known', async t => {
  for (const text of ['50c7bffffe0d918c', 'fe80::52c7:bfff:fe0d:918c']) t.ok(finds('x50C7BF0D918C00', knownOf(text)), text.slice(0, 4))
  t.ok(finds('Strip 918C', knownOf('fe80::52c7:bfff:fe0d:918c'), true))
})

t.test('known addresses: the registry\'s fingerprints -> looked up, each once', async t => {
  const asked: string[] = []
  const registry: FingerprintLookup = {
    hasMac: hex => { asked.push(hex); return hex === '50c7bf0d918c' },
    hasIp: canonical => canonical === '192.168.1.5',
    hasTail: hex => hex === '918c'
  }
  const known = new KnownAddressCollector().known(registry)
  t.ok(finds('0050C7BF0D918C', known))
  t.ok(finds('c0a80105', known))
  t.ok(finds('Strip 918C', known, true))
  t.notOk(finds('801C0123456789ABCDEF0123456789ABCDEF0123', known))
  t.notOk(finds('x801C0123456789ABCDEF0123456789ABCDEF0123', known))
  t.equal(asked.length, new Set(asked).size)
})

t.test('numeric text: a number with a unit -> compared with known addresses only', async t => {
  t.ok(finds('63862177792B'))
  t.notOk(finds('63862177792B', NOTHING, false, true))
  t.ok(finds('63862177792B', knownOf('63:86:21:77:79:2B'), false, true))
  t.ok(finds('3232235781 W', knownOf('192.168.1.5'), false, true))
  for (const text of ['192.168.1.5', '50C7BF0D918C', '1 50:C7:BF:0D:91:8C']) t.ok(finds(text, NOTHING, false, true), 'not spelled as a number')
})

const ADVERSARIAL: Record<string, (length: number) => string> = {
  colons: n => ':'.repeat(n),
  'dotted ones': n => '1.'.repeat(n / 2),
  'percent signs': n => '%25'.repeat(n / 3),
  hex: n => 'a1b2c3d4'.repeat(n / 8),
  'half entities': n => '&#'.repeat(n / 2),
  'zeros of an entity': n => '&#0000'.repeat(n / 6),
  'nested entities': n => '&amp;'.repeat(n / 5),
  backslashes: n => '\\'.repeat(n),
  pairs: n => '12:'.repeat(n / 3),
  'groups of IPv6': n => 'fe80:'.repeat(n / 5),
  'marks of hosts': n => '://'.repeat(n / 3),
  users: n => '://' + 'a@'.repeat(n / 2),
  'nested base64': n => [1, 2, 3, 4].reduce(text => Buffer.from(text).toString('base64'), 'x'.repeat(n / 4)),
  'nested hex': n => [1, 2, 3].reduce(text => Buffer.from(text).toString('hex'), 'ab'.repeat(n / 16)),
  'full-width': n => '：'.repeat(n),
  'zero-width': n => '\u200b'.repeat(n),
  ligatures: n => '\ufdfa'.repeat(n),
  'lines of base64': n => 'A\r\n'.repeat(n / 3),
  'list of numbers': n => '12,'.repeat(n / 3),
  brackets: n => '[.'.repeat(n / 2),
  zones: n => '.ip6.arpa'.repeat(n / 9),
  everything: n => '%25&#x35;\\u0035=35QUE6 12:'.repeat(n / 27)
}

t.test('finder: texts made to be slow -> work linear in their length', async t => {
  for (const [kind, make] of Object.entries(ADVERSARIAL)) {
    const [short, long] = [workOf(make(50_000)), workOf(make(100_000))]
    t.ok(long <= short * 3.9 + 1000, `${kind}: twice the text, not four times the work`)
    t.ok(long <= make(100_000).length * 25 + 10_000, `${kind}: bounded`)
  }
})

function workOf (text: string): number {
  let work = 0
  visitViews(text, { view: view => findAddresses(view, () => false), bytes: () => false }, freshAllowance(), characters => { work += characters })
  return work
}

t.test('known addresses: a report full of short texts with many encodings -> bounded work, whatever may be known is', async t => {
  const knot = 'JlsuXTsxMNixcXCYJTI137JTI1QUE6]%25255c2614YyYjMz'
  const collector = new KnownAddressCollector()
  for (let i = 0; i < 400; i++) collector.add(`${i} ${knot}`, { numeric: false })
  t.ok(collector.known().isIncomplete)
  const few = new KnownAddressCollector()
  for (let i = 0; i < 400; i++) few.add(Buffer.from(`lamp ${i}, 50% &amp; 20%`).toString('base64'), { numeric: false })
  t.notOk(few.known().isIncomplete)
})

t.test('known addresses: more questions than any report has -> answered with yes', async t => {
  let asked = 0
  const known = new KnownAddressCollector().known({ hasMac: () => { asked++; return false }, hasIp: () => false, hasTail: () => false })
  for (let i = 0; i < 65_536; i++) known.hasMac(`50c7bf${i.toString(16).padStart(6, '0')}`)
  t.ok(known.hasMac('50c7c0000000'))
  t.notOk(known.hasMac('50c7bf000000'), 'what was answered before')
  t.equal(asked, 65_536)
})

t.test('finder: a text that takes too much work -> counts as holding an address', async t => {
  t.ok(finds('\\'.repeat(100_000)))
  const collector = new KnownAddressCollector()
  collector.add('\\'.repeat(100_000), { numeric: false })
  t.ok(finds('801C0123456789ABCDEF0123456789ABCDEF0123', collector.known()), 'whatever may be known is')
})
