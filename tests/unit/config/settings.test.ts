/** What belongs together: secrets that stay, addresses that say more, rules across fields. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../firmware/base/utf8.ts';
import { DEFAULTS, FIELDS, PEM_BYTES_MAX } from '../../../firmware/config/fields.ts';
import {
  credentialsApart,
  isProvisioned,
  parseSettings,
  portOf,
} from '../../../firmware/config/settings.ts';
import { formatValue, readableBytesMax, utf8 } from '../../../firmware/config/values.ts';
import { describe } from '../../../host-sim/cli/describe-problem.ts';
import {
  accept,
  CERTIFICATE,
  type Form,
  form,
  KEY,
  pem,
  problemsOf,
  READY,
  read,
  refuse,
} from './harness.ts';

const FIXED = {
  address: '10.0.0.2',
  netmask: '255.255.255.0',
  gateway: '10.0.0.1',
  dns: '9.9.9.9',
};

test('a first form needs a network and a broker, and no more', () => {
  assert.deepEqual(refuse({}, DEFAULTS), ['ssid: missing', 'host: missing']);
  assert.ok(!isProvisioned(DEFAULTS));
  const settings = accept({ ssid: 'home', host: 'broker' }, DEFAULTS);
  assert.ok(isProvisioned(settings));
  assert.equal(settings.wifiPassword, '');
});

test('a field that the form does not hold stays, and a name that is no setting is passed over', () => {
  const set = accept({ intervalS: '5', user: 'u', password: 'p', homeAssistant: 'off' });
  assert.deepEqual(accept({ token: 'x', constructor: 'y', __proto__x: 'z' }, set), set);
});

test('a check box that the form lists and does not send is off', () => {
  assert.equal(accept({ flags: 'homeAssistant' }).homeAssistant, false);
  assert.equal(accept({ flags: 'homeAssistant', homeAssistant: 'on' }).homeAssistant, true);
  assert.equal(accept({ flags: 'other' }).homeAssistant, true);
  assert.equal(accept({ flags: new Uint8Array([0xff]) }).homeAssistant, true);
});

test('an empty secret keeps the saved one', () => {
  const set = accept({
    ...{ user: 'u', password: 'p', encryption: 'tls', certificate: CERTIFICATE, key: KEY },
  });
  const again = { ssid: 'home', wifiPassword: '', user: 'u', password: '', key: ' \r\n' };
  assert.deepEqual(accept(again, set), set);
});

const TLS = { host: 'broker.example', encryption: 'tls', user: 'u', password: 'p' } as const;
const OWN = { certificate: CERTIFICATE, key: KEY } as const;

/** Every way of naming another place to send the secrets to. */
const ELSEWHERE: readonly (readonly [string, Form])[] = [
  ['host', { host: 'evil.example' }],
  ['port', { port: '8884' }],
  ['encryption', { encryption: 'tls-websocket' }],
  ['address', { host: 'mqtts://broker.example:8884' }],
];

for (const [what, change] of ELSEWHERE) {
  test(`saved secrets do not go to another ${what} than they were saved with`, () => {
    const set = accept({ ...TLS, ...OWN });
    assert.deepEqual(refuse({ ...change }, set), ['password: type again', 'key: type again']);
    const kept = { ...change, password: '', key: '' };
    assert.deepEqual(refuse(kept, set), ['password: type again', 'key: type again']);
    const { settings } = parseSettings(form(kept), set);
    assert.deepEqual(settings, set, 'the place stays with its secrets');
    assert.deepEqual(refuse(kept, settings), ['password: type again', 'key: type again']);
    const moved = accept({ ...change, password: 'other', key: KEY }, set);
    assert.deepEqual(moved.password, utf8('other'));
    assert.deepEqual(accept({ password: '' }, moved).password, utf8('other'));
  });
}

test('a new place and its new password are kept together or not at all', () => {
  const set = accept(TLS);
  const typed = { host: 'evil.example', password: 'x', user: 'u'.repeat(200) };
  assert.deepEqual(refuse(typed, set), ['user: text']);
  const { settings } = parseSettings(form(typed), set);
  assert.deepEqual([settings.host, settings.password], ['broker.example', utf8('p')]);
});

test('secrets that are given up go nowhere, and what is named otherwise is the same place', () => {
  const set = accept(TLS);
  assert.equal(accept({ host: 'evil.example', user: '' }, set).password.length, 0);
  const same: Form[] = [{ port: '8883' }, { host: 'mqtts://broker.example' }, { path: '/x' }];
  for (const change of same) {
    assert.deepEqual(accept(change, set).password, utf8('p'));
  }
  assert.deepEqual(refuse({ encryption: 'none' }, set), ['password: type again']);
  assert.equal(accept({ host: 'elsewhere' }, accept({ host: 'here' })).host, 'elsewhere');
});

test('with another network, an empty password means an open one', () => {
  assert.equal(accept({ ssid: 'home', wifiPassword: '' }).wifiPassword, 'correct horse');
  assert.equal(accept({ ssid: 'cafe', wifiPassword: '' }).wifiPassword, '');
  assert.equal(accept({ ssid: 'cafe' }).wifiPassword, '');
  for (const wifiPassword of ['12345678', 'correct horse', ' '.repeat(8)]) {
    assert.equal(accept({ ssid: 'cafe', wifiPassword }).wifiPassword, wifiPassword);
  }
});

test('with the user emptied the password goes too, and with the certificate the key', () => {
  const set = accept({ user: 'u', password: 'p', encryption: 'tls' });
  assert.equal(accept({ user: '', password: '' }, set).password.length, 0);
  const own = accept({ certificate: CERTIFICATE, key: KEY }, set);
  assert.equal(accept({ certificate: '', key: '' }, own).key.length, 0);
  assert.deepEqual(own.key, utf8(KEY));
});

test('a password without a user needs MQTT 5.0', () => {
  assert.deepEqual(refuse({ password: 'token' }), ['password: for MQTT 5 only']);
  assert.deepEqual(refuse({ password: 'token', version: '3.1.1' }), ['password: for MQTT 5 only']);
  const token = accept({ password: 'token', version: '5' });
  assert.deepEqual(accept({ user: '', password: '' }, token), token);
});

test('a password is proven with MQTT 5.0 only, and where there is a user and a password', () => {
  const whole = { user: 'u', password: 'p', signIn: 'scram' };
  for (const version of ['auto', '5']) {
    assert.equal(accept({ ...whole, version }).signIn, 'scram');
  }
  const version = '3.1.1';
  assert.deepEqual(refuse({ ...whole, version }), ['signIn: for MQTT 5 only']);
  assert.deepEqual(refuse({ signIn: 'scram' }), ['user: missing', 'password: missing']);
  assert.deepEqual(refuse({ ...whole, password: '' }), ['password: missing']);
  const set = accept(whole);
  assert.deepEqual(refuse({ version }, set), ['signIn: for MQTT 5 only']);
  assert.deepEqual(refuse({ user: '' }, set), ['user: missing', 'password: missing']);
  assert.equal(accept({ version, signIn: '' }, set).signIn, 'password');
});

test('the port is the usual one of the encryption until another is set', () => {
  const ports = { none: 1883, tls: 8883, websocket: 80, 'tls-websocket': 443 };
  for (const [encryption, port] of Object.entries(ports)) {
    assert.equal(portOf(accept({ encryption, port: '' })), port);
    assert.equal(portOf(accept({ encryption, port: '1234' })), 1234);
  }
  assert.deepEqual(formatValue(READY, 'port'), new Uint8Array(0));
});

test('a whole address in the host field sets encryption, port and path too', () => {
  const cases: readonly [string, string, string, number, string][] = [
    ['mqtt://a.b', 'a.b', 'none', 1883, '/mqtt'],
    ['tcp://a.b:1884/', 'a.b', 'none', 1884, '/mqtt'],
    ['MQTTS://10.0.0.1', '10.0.0.1', 'tls', 8883, '/mqtt'],
    ['ssl://a:1', 'a', 'tls', 1, '/mqtt'],
    ['ws://a:8080/x?y', 'a', 'websocket', 8080, '/x?y'],
    ['wss://[fe80::1]:65535', 'fe80::1', 'tls-websocket', 65_535, '/mqtt'],
    [' [::1]:1885 ', '::1', 'none', 1885, '/mqtt'],
    ['a.b:1886', 'a.b', 'none', 1886, '/mqtt'],
  ];
  for (const [host, name, encryption, port, path] of cases) {
    const settings = accept({ host });
    const got = [settings.host, settings.encryption, portOf(settings), settings.path];
    assert.deepEqual(got, [name, encryption, port, path], host);
  }
  // What was pasted is newer than what the other fields still held.
  const over = accept({ host: 'mqtts://a:8884', port: '1883', encryption: 'none' });
  assert.equal(portOf(over), 8884);
  assert.equal(over.encryption, 'tls');
});

test('an address that is not of a broker is refused', () => {
  for (const host of [
    ...['http://a', 'constructor://a', '://a', 'mqtt://', 'mqtt:a', 'mqtt://a/x'],
    ...[
      'a:',
      'a:0',
      'a:65536',
      'a:123456',
      'a:b',
      'ws://a:8080x',
      'mqtt://a b',
      'a:1/x',
      'ws:///x',
    ],
  ]) {
    assert.deepEqual(refuse({ host }), ['host: host name or address'], host);
  }
  assert.equal(accept({ host: `ws://a/${'x'.repeat(127)}` }).path.length, 128);
  assert.deepEqual(refuse({ host: 'ws://a/\u00e4' }), ['host: not ASCII']);
  const { settings } = parseSettings(form({ host: 'mqtts://a:0' }), READY);
  assert.equal(settings.encryption, 'none', 'nothing of a bad address is taken over');
});

test('a fixed address is all or nothing', () => {
  assert.equal(accept(FIXED).gateway, '10.0.0.1');
  for (const name of Object.keys(FIXED)) {
    assert.deepEqual(refuse({ ...FIXED, [name]: '' }), [`${name}: missing`]);
    assert.deepEqual(refuse({ ...FIXED, [name]: '1.2.3' })[0].split(':')[0], name);
  }
  const emptied = accept({ address: '', netmask: '', gateway: '', dns: '' }, accept(FIXED));
  assert.deepEqual(emptied, READY);
});

test('the gateway is in the network of the address', () => {
  assert.deepEqual(refuse({ ...FIXED, gateway: '10.0.1.1' }), ['gateway: not in the subnet']);
  accept({ ...FIXED, netmask: '255.255.254.0', gateway: '10.0.1.1' });
  const high = { address: '192.168.1.9', netmask: '255.255.255.252', gateway: '192.168.1.10' };
  accept({ ...FIXED, ...high });
  assert.deepEqual(refuse({ ...FIXED, ...high, gateway: '192.168.1.12' }), [
    'gateway: not in the subnet',
  ]);
});

test('a netmask is ones and then zeros, and leaves room for hosts', () => {
  for (const netmask of [
    '0.0.0.0',
    '255.255.255.254',
    '255.255.255.255',
    '255.0.255.0',
    '0.0.0.255',
  ]) {
    assert.deepEqual(refuse({ ...FIXED, netmask }), ['netmask: netmask'], netmask);
  }
  accept({ ...FIXED, netmask: '128.0.0.0' });
});

test('certificates need TLS, and a certificate and its key need each other', () => {
  const tls = accept({ encryption: 'tls' });
  assert.deepEqual(read('ca', CERTIFICATE.replace(/\n/g, '\r\n'), tls), utf8(CERTIFICATE));
  assert.deepEqual(refuse({ ca: CERTIFICATE }), ['ca: for TLS only']);
  assert.deepEqual(refuse({ ca: CERTIFICATE, encryption: 'websocket' }), ['ca: for TLS only']);
  assert.deepEqual(refuse({ encryption: 'none' }, accept({ ca: CERTIFICATE }, tls)), [
    'ca: for TLS only',
  ]);
  assert.deepEqual(refuse({ certificate: CERTIFICATE }, tls), ['key: missing']);
  assert.deepEqual(refuse({ key: KEY }, tls), ['certificate: missing']);
  assert.deepEqual(refuse({ certificate: CERTIFICATE, key: KEY }), ['certificate: for TLS only']);
  accept({ certificate: CERTIFICATE, key: KEY }, tls);
});

test('certificates and key have a limit together', () => {
  const tls = accept({ encryption: 'tls' });
  const large = { ca: pem('CERTIFICATE', 3200), certificate: pem('CERTIFICATE', 2400), key: KEY };
  accept(large, tls);
  assert.deepEqual(problemsOf({ ...large, key: pem('PRIVATE KEY', 400) }, tls), [
    { field: 'ca', code: 'too large in all', max: PEM_BYTES_MAX },
  ]);
});

test('a bad field leaves its group as it was, and the others apply', () => {
  const { settings, problems } = parseSettings(
    form({ ssid: 'cafe', wifiPassword: 'short', intervalS: '5', sda: '4', scl: '99', host: 'b' }),
    READY,
  );
  assert.deepEqual(
    problems.map(({ field }) => field),
    ['wifiPassword', 'scl'],
  );
  assert.deepEqual(settings, { ...READY, intervalS: 5, host: 'b' });
});

test('a problem in words names the field and never the value', () => {
  const words = (fields: Parameters<typeof problemsOf>[0]) => problemsOf(fields).map(describe);
  assert.deepEqual(words({ port: '0x50' }), ['port: must be a whole number, 1 to 65535']);
  assert.deepEqual(words({ unit: 'K' }), ['unit: must be one of C, F']);
  assert.deepEqual(words({ wifiPassword: 'hunter2' }), [
    'wifiPassword: must be a Wi-Fi password, 8 to 63',
  ]);
  assert.deepEqual(words({ host: '' }), ['host: missing']);
});

test('a value that is far too long is refused by the name of its field, and the rest applies', () => {
  for (const { name, kind } of FIELDS.filter((field) => field.name !== 'intervalS')) {
    for (const fill of [0x61, 0x2c, 0x2e, 0x3a, 0x30, 0x20, 0xff]) {
      const long = new Uint8Array(12_000).fill(fill);
      long[0] = 0x61;
      const given = form({ [name]: long, intervalS: '77' });
      const { problems, settings } = parseSettings(given, READY);
      assert.deepEqual(
        problems.map(({ field, code }) => `${field}: ${code}`),
        [`${name}: ${kind === 'host name or address' && fill === 0xff ? 'not ASCII' : kind}`],
      );
      assert.equal(settings.intervalS, 77);
    }
  }
  const flags = new Uint8Array(12_000).fill(0x2c);
  assert.equal(accept({ flags }).homeAssistant, true);
});

test('nothing of a value is looked at that is longer than what can be read', () => {
  const limits = FIELDS.map((field) => [field.name, readableBytesMax(field)] as const);
  for (const [name, bytes] of limits) {
    const isPem = ['ca', 'certificate', 'key'].includes(name);
    assert.ok(bytes <= (isPem ? 6144 : name === 'sensors' ? 880 : 576), `${name}: ${bytes}`);
  }
});

const textOf = (bytes: Uint8Array = new Uint8Array(0)) => decodeUtf8(bytes, 0, bytes.length);

test('user and password in the address are taken apart, percent-decoded', () => {
  const set = accept({
    host: 'mqtts://mote:p%40ss%3Aword@broker.lan:8884',
    user: '',
    password: '',
  });
  assert.deepEqual(
    [set.host, set.port, set.encryption, set.user, textOf(set.password)],
    ['broker.lan', 8884, 'tls', 'mote', 'p@ss:word'],
  );
  const named = accept({ host: 'mqtt://mote@broker.lan' });
  assert.deepEqual([named.host, named.user, named.password.length], ['broker.lan', 'mote', 0]);
  for (const host of ['mqtt://a%zz:b@broker', 'mqtt://@', 'mote:secret@broker', 'mqtt://a@b@']) {
    assert.ok(refuse({ host }).includes('host: host name or address'), host);
  }
});

test('an address with a password in it leaves no secret in the field of the address', () => {
  const given = credentialsApart(form({ host: 'mqtt://u:secret@bad host', port: '1' }));
  assert.equal(textOf(given.get('host')), 'mqtt://bad host');
  assert.equal(textOf(given.get('password')), 'secret');
});

test('port 0 and pin -1 are no numbers of a port or a pin; an empty field leaves them to the board', () => {
  assert.deepEqual(refuse({ port: '0' }), ['port: whole number']);
  assert.deepEqual(refuse({ sda: '-1' }), ['sda: whole number']);
  assert.deepEqual([accept({ port: '' }).port, accept({ sda: '' }).sda], [0, -1]);
});

test('sensors are known in any case', () => {
  assert.equal(accept({ sensors: 'BME280, Contact-4' }).sensors, 'bme280,contact-4');
});
