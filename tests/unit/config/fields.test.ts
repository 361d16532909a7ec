/** Each setting by itself: what it takes, what it refuses, and by which code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, FIELDS, type FieldName } from '../../../firmware/config/fields.ts';
import { utf8 } from '../../../firmware/config/values.ts';
import { accept, problemsOf, READY, read, refuse } from './harness.ts';

test('the place of a field in the table is its tag in flash, and never changes', () => {
  assert.equal(
    FIELDS.map(({ name }) => name).join(' '),
    'ssid wifiPassword host port encryption path user password name baseTopic intervalS unit ' +
      'keepAliveS version homeAssistant timeServer ca certificate key address netmask gateway ' +
      'dns sensors sda scl ledPin buttonPin offsetTemperature offsetHumidity offsetPressure ' +
      'followRedirects label signIn alarms sampleS spread onChange silenceS',
  );
});

test('the table has each setting once, and three are secret', () => {
  assert.deepEqual(FIELDS.map(({ name }) => name).sort(), Object.keys(DEFAULTS).sort());
  const secrets = FIELDS.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  assert.deepEqual(secrets, ['wifiPassword', 'password', 'key']);
});

test('a network name is 1 to 32 bytes of any kind', () => {
  const bytes = new Uint8Array(32).map((_, i) => i * 8);
  assert.deepEqual(read('ssid', bytes), bytes);
  assert.deepEqual(read('ssid', ' '), utf8(' '));
  assert.deepEqual(read('ssid', '\u{1F600}'.repeat(8)), utf8('\u{1F600}'.repeat(8)));
  assert.deepEqual(problemsOf({ ssid: new Uint8Array(33) }), [
    { field: 'ssid', code: 'byte string', min: 1, max: 32 },
  ]);
  // Eleven characters, but 33 bytes.
  assert.deepEqual(refuse({ ssid: '\u20ac'.repeat(11) }), ['ssid: byte string']);
});

test('settings own their bytes: the buffer of a form can be used again', () => {
  const buffer = utf8('home2');
  const settings = accept({ ssid: buffer });
  buffer.fill(0);
  assert.deepEqual(settings.ssid, utf8('home2'));
});

test('a Wi-Fi password has 8 to 63 printable ASCII characters, or 64 hexadecimal digits', () => {
  for (const good of ['12345678', ' spaces too ', 'x'.repeat(63), 'aF09'.repeat(16)]) {
    assert.equal(read('wifiPassword', good), good);
  }
  for (const bad of [
    '1234567',
    'x'.repeat(64),
    'aF09'.repeat(17),
    'caf\u00e9 caf\u00e9',
    'a\0bcdefgh',
  ]) {
    assert.deepEqual(refuse({ wifiPassword: bad }), ['wifiPassword: Wi-Fi password']);
  }
});

test('a broker is a name or an address', () => {
  const names = ['broker', 'broker.local', 'a-b.c_d.example', 'x'.repeat(63), '10.0.0.255'];
  for (const host of names) assert.equal(read('host', ` ${host}\n`), host);
  for (const host of ['::1', 'fe80::1:2', '1:2:3:4:5:6:7:8', '::ffff:10.0.0.1', '2001:DB8::']) {
    assert.equal(read('host', host), host);
  }
  for (const host of [
    ...['a b', 'a..b', '.a', 'a.', '-a', 'a-', 'x'.repeat(64), 'a/b', 'a@b', 'a?b', 'a#b'],
    ...['10.0.0', '10.0.0.256', '10.0.0.01', '1.2.3.4.5', '12345', 'a.1', '0x7f.1'],
    ...[':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8:9', 'g::1'],
    ...['::1.2.3', 'fe80::1%eth0', '12345::', '[::1', '::1]', '[a]', '[]'],
    `${'a.'.repeat(126)}bc`,
  ]) {
    assert.deepEqual(refuse({ host }), ['host: host name or address'], host);
  }
  assert.equal(read('host', `${'a.'.repeat(126)}b`), `${'a.'.repeat(126)}b`);
});

test('a name beyond ASCII, and bytes that are no text, are refused with words of their own', () => {
  assert.deepEqual(refuse({ host: 'br\u00f6ker.example' }), ['host: not ASCII']);
  assert.deepEqual(refuse({ host: new Uint8Array([0x61, 0xff]) }), ['host: not ASCII']);
  assert.deepEqual(refuse({ timeServer: '\u6642.example' }), ['timeServer: not ASCII']);
});

test('a whole number is written in digits, within its range', () => {
  const ranges: readonly [FieldName, number, number][] = [
    ['port', 1, 65_535],
    ['intervalS', 1, 86_400],
    ['keepAliveS', 5, 3_600],
    ['sda', 0, 48],
    ['buttonPin', 0, 48],
  ];
  for (const [field, min, max] of ranges) {
    assert.equal(read(field, `${min}`), min);
    assert.equal(read(field, ` ${max} `), max);
    for (const bad of [
      `${max + 1}`,
      '-7',
      '1.5',
      '1e3',
      '0x10',
      'x',
      '1-2',
      '\u0661',
      '9'.repeat(99),
    ]) {
      assert.deepEqual(
        problemsOf({ [field]: bad }),
        [{ field, code: 'whole number', min, max }],
        bad,
      );
    }
  }
  assert.deepEqual(refuse({ intervalS: '0' }), ['intervalS: whole number']);
});

test('a calibration offset has two places, with a point or a comma', () => {
  assert.equal(read('offsetTemperature', '-1.25'), -1.25);
  assert.equal(read('offsetTemperature', '+0,5'), 0.5);
  assert.equal(read('offsetHumidity', '3.14159'), 3.14);
  assert.equal(read('offsetPressure', '200'), 200);
  assert.ok(Object.is(read('offsetPressure', '-0.001'), 0), 'a zero has no sign');
  for (const bad of ['20.01', '-20.01', 'NaN', 'Infinity', '1e1', '1,2,3', '-', '.']) {
    assert.deepEqual(refuse({ offsetTemperature: bad }), ['offsetTemperature: number'], bad);
  }
});

test('an empty field becomes its default', () => {
  const set = accept({ port: '1884', intervalS: '5', sda: '4', offsetHumidity: '1', path: '/x' });
  const emptied = accept({ port: '', intervalS: ' ', sda: '', offsetHumidity: '', path: '' }, set);
  assert.deepEqual(emptied, READY);
});

test('a device name has small letters, digits and hyphens; capitals of a phone are let through', () => {
  assert.equal(read('name', 'Kitchen-2'), 'kitchen-2');
  assert.equal(read('name', 'x'.repeat(32)), 'x'.repeat(32));
  for (const name of ['x'.repeat(33), 'a b', 'a/b', 'k\u00fcche', 'a_b']) {
    assert.deepEqual(refuse({ name }), ['name: name']);
  }
});

test('a base topic is a topic name without wildcards, not of the system, and without a last slash', () => {
  for (const topic of ['mote', 'home/k\u00fcche', 'x'.repeat(96), 'a//b']) {
    assert.equal(read('baseTopic', topic), topic);
  }
  for (const baseTopic of [
    'a/+',
    '#',
    '$SYS/x',
    '/a',
    'a/',
    'a\0b',
    'x'.repeat(97),
    '\u20ac'.repeat(33),
  ]) {
    assert.deepEqual(refuse({ baseTopic }), ['baseTopic: topic'], baseTopic);
  }
  assert.deepEqual(refuse({ baseTopic: new Uint8Array([0xc3]) }), ['baseTopic: topic']);
});

test('a WebSocket path begins with a slash and has no spaces', () => {
  assert.equal(read('path', '/mqtt?key=1'), '/mqtt?key=1');
  for (const path of ['mqtt', '/a b', '/\u00e4', `/${'x'.repeat(128)}`]) {
    assert.deepEqual(refuse({ path }), ['path: path']);
  }
});

test('a user name is text without control characters', () => {
  assert.equal(read('user', 'J\u00f6rg \u{1F600}'), 'J\u00f6rg \u{1F600}');
  for (const user of ['a\0', 'a\u007f', 'x'.repeat(129), new Uint8Array([0xff])]) {
    assert.deepEqual(refuse({ user }), ['user: text']);
  }
});

test('a broker password is any bytes up to 512', () => {
  const password = new Uint8Array(512).map((_, i) => i);
  assert.deepEqual(accept({ user: 'u', password }).password, password);
  assert.deepEqual(refuse({ user: 'u', password: new Uint8Array(513) }), ['password: byte string']);
});

test('a choice is one of its words', () => {
  assert.equal(read('encryption', 'tls-websocket'), 'tls-websocket');
  assert.equal(read('version', '3.1.1'), '3.1.1');
  assert.equal(read('unit', 'F'), 'F');
  assert.equal(read('signIn', 'password'), 'password');
  assert.deepEqual(refuse({ encryption: 'ssl' }), ['encryption: choice']);
  assert.deepEqual(refuse({ unit: 'constructor' }), ['unit: choice']);
  assert.deepEqual(refuse({ version: '4' }), ['version: choice']);
  assert.deepEqual(refuse({ signIn: 'plain' }), ['signIn: choice']);
});

test('a check box is on or off, in the words of forms and files', () => {
  for (const on of ['on', 'true', '1', 'YES']) assert.equal(read('homeAssistant', on), true);
  for (const off of ['off', 'false', '0', 'no']) assert.equal(read('homeAssistant', off), false);
  assert.deepEqual(refuse({ homeAssistant: 'maybe' }), ['homeAssistant: boolean']);
});

test('sensors are names with commas between', () => {
  assert.equal(read('sensors', 'bme280, sht4x'), 'bme280,sht4x');
  for (const sensors of ['a,,b', ',a', 'ä', 'a;b', 'x'.repeat(441)]) {
    assert.deepEqual(refuse({ sensors }), ['sensors: list']);
  }
});
