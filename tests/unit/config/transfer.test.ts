/** Settings as a file: out without secrets, in without losing them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, FIELDS } from '../../../firmware/config/fields.ts';
import {
  exportSettings,
  importSettings,
  JSON_BYTES_MAX,
} from '../../../firmware/config/transfer.ts';
import { utf8 } from '../../../firmware/config/values.ts';
import { describe } from '../../../firmware/config/words.ts';
import { accept, CERTIFICATE, KEY, READY } from './harness.ts';

const SECRETIVE = accept({
  ...{ wifiPassword: 'hunter2hunter2', user: 'u', password: 'tr0ub4dor', encryption: 'tls' },
  ...{ ca: CERTIFICATE, certificate: CERTIFICATE, key: KEY, offsetTemperature: '-0.35' },
  ...{ homeAssistant: 'off', sda: '4', name: 'kitchen' },
});

function problems(json: unknown, current = READY): string[] {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  return importSettings(utf8(text), current).problems.map(({ field, code }) => `${field}: ${code}`);
}

test('an export has every setting but the secrets', () => {
  const json = exportSettings(SECRETIVE);
  const open = FIELDS.filter(({ isSecret }) => !isSecret).map(({ name }) => name);
  assert.deepEqual(Object.keys(JSON.parse(json)), open);
  for (const secret of ['hunter2', 'tr0ub4dor', 'PRIVATE KEY', KEY.slice(30, 60)]) {
    assert.ok(!json.includes(secret), secret);
  }
  const { ssid, homeAssistant, sda, offsetTemperature, port } = JSON.parse(json);
  assert.deepEqual(
    [ssid, homeAssistant, sda, offsetTemperature, port],
    ['home', false, 4, -0.35, null],
  );
});

test('what was exported can be imported, and stored secrets stay', () => {
  const { settings, problems: none } = importSettings(utf8(exportSettings(SECRETIVE)), SECRETIVE);
  assert.deepEqual(none, []);
  assert.deepEqual(settings, SECRETIVE);
  const changed = { ...SECRETIVE, intervalS: 5, ca: DEFAULTS.ca };
  assert.deepEqual(importSettings(utf8(exportSettings(changed)), SECRETIVE).settings, changed);
});

test('the defaults can be exported, and imported again', () => {
  assert.deepEqual(problems(exportSettings(DEFAULTS), DEFAULTS), [
    'ssid: missing',
    'host: missing',
  ]);
});

test('a network name that is no text travels as its bytes', () => {
  const ssid = new Uint8Array([0, 0xff, 0x22, 0xc3]);
  const json = exportSettings(accept({ ssid }));
  assert.deepEqual(JSON.parse(json).ssid, [0, 0xff, 0x22, 0xc3]);
  assert.deepEqual(importSettings(utf8(json), READY).settings.ssid, ssid);
});

test('secrets may be brought in', () => {
  const json = utf8('{"wifiPassword":"12345678","user":"u","password":[0,1]}');
  const { settings } = importSettings(json, READY);
  assert.equal(settings.wifiPassword, '12345678');
  assert.deepEqual(settings.password, new Uint8Array([0, 1]));
});

test('a bad value is a problem of its field, and the others apply', () => {
  const json = { intervalS: 5, keepAliveS: 'soon', ssid: {}, wifiPassword: 'other password' };
  assert.deepEqual(problems(json), ['ssid: byte string', 'keepAliveS: whole number']);
  const { settings } = importSettings(utf8(JSON.stringify(json)), READY);
  assert.deepEqual(settings, { ...READY, intervalS: 5 });
  for (const port of [{}, [256], [-1], [1.5], ['1'], [[]], 1.5, 1e300, true, -1]) {
    assert.deepEqual(problems({ port }), ['port: whole number'], JSON.stringify(port));
  }
});

test('a name that is no setting is told, four of them at the most, and cut', () => {
  const json = '{"__proto__":1,"constructor":2,"toString":"x","flags":"homeAssistant","more":[]}';
  assert.deepEqual(problems(json), [
    ...['__proto__: unknown', 'constructor: unknown', 'toString: unknown', 'flags: unknown'],
  ]);
  assert.deepEqual(problems({ ['\u{1F600}'.repeat(99)]: 1 })[0].length < 80, true);
  assert.equal(
    importSettings(utf8('{"flags":"homeAssistant"}'), READY).settings.homeAssistant,
    true,
  );
});

test('what is no JSON object, too long or too deep is refused as a whole', () => {
  const texts = [
    ...['', '{', '[]', '"x"', '1', 'null', '{"a":1}x', "{'a':1}", '\u0000', '{"a":[[[1]]]}'],
    ...['['.repeat(5000), `{"a":${'['.repeat(5000)}`, '{"a":'.repeat(1000)],
    `{"name":"${'x'.repeat(JSON_BYTES_MAX)}"}`,
  ];
  for (const text of texts) {
    const { settings, problems: found } = importSettings(utf8(text), READY);
    assert.equal(settings, READY);
    assert.deepEqual(found.map(describe), ['not a JSON object, over 12288']);
  }
  assert.deepEqual(importSettings(new Uint8Array([0x7b, 0xff, 0x7d]), READY).problems.length, 1);
});

test('brackets inside of texts are not levels', () => {
  assert.deepEqual(problems('{"user":"[[[[[[\\"[[[[","name":"a"}'), []);
});
