/** Settings under any bytes: never an exception, and what is taken over is a whole that works. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BLOB_BYTES_MAX, decodeBlob, encodeBlob } from '../../firmware/config/blob.ts';
import { CHOICES, DEFAULTS, FIELDS, type Settings } from '../../firmware/config/fields.ts';
import { isProvisioned, parseSettings } from '../../firmware/config/settings.ts';
import { ConfigStore } from '../../firmware/config/store.ts';
import { formatValue, utf8 } from '../../firmware/config/values.ts';
import { describe } from '../../host-sim/cli/describe-problem.ts';
import { CERTIFICATE, form, KEY, pem, READY } from '../unit/config/harness.ts';
import { TornKeyValue } from '../unit/config/torn-key-value.ts';

const NAMES: readonly string[] = FIELDS.map(({ name }) => name);

const address = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.0.${a}.${b}`);
const pems = fc.constantFrom('', CERTIFICATE, CERTIFICATE.repeat(2), KEY, pem('EC PRIVATE KEY'));

/** Values that are right, nearly right, or anything. */
const value: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map(utf8),
  fc.integer({ min: -3, max: 70_000 }).map((number) => utf8(`${number}`)),
  fc.double({ min: -30, max: 30 }).map((number) => utf8(`${number}`)),
  fc.stringMatching(/^[a-z0-9./:-]{0,40}$/).map(utf8),
  fc.constantFrom(...Object.values(CHOICES).flat(), 'on', 'off').map(utf8),
  fc.constantFrom('mqtts://a:1', 'ws://a/x', '::1', '[::1]:2', '/x', 'a/b', 'a,b').map(utf8),
  fc.constantFrom('255.255.255.0', '255.255.0.0', '0.0.0.0').map(utf8),
  address.map(utf8),
  pems.map(utf8),
);

/** What fields may well hold, so that many forms are right. */
const likely = fc.record(
  {
    ssid: fc.uint8Array({ minLength: 1, maxLength: 32 }),
    wifiPassword: fc.stringMatching(/^[ -~]{8,63}$/).map(utf8),
    host: fc.domain().map(utf8),
    port: fc.integer({ min: 1, max: 65_535 }).map((port) => utf8(`${port}`)),
    encryption: fc.constantFrom('none', 'tls', 'tls-websocket', 'websocket').map(utf8),
    user: fc.string({ maxLength: 30 }).map(utf8),
    password: fc.uint8Array({ maxLength: 512 }),
    name: fc.stringMatching(/^[a-z0-9-]{1,32}$/).map(utf8),
    intervalS: fc.integer({ min: 1, max: 86_400 }).map((interval) => utf8(`${interval}`)),
    version: fc.constantFrom('auto', '5', '3.1.1').map(utf8),
    homeAssistant: fc.constantFrom('on', 'off').map(utf8),
    ca: pems.map(utf8),
    certificate: pems.map(utf8),
    key: pems.map(utf8),
    address: address.map(utf8),
    netmask: fc.constant(utf8('255.255.0.0')),
    gateway: address.map(utf8),
    dns: address.map(utf8),
    offsetTemperature: fc.double({ min: -20, max: 20, noNaN: true }).map((c) => utf8(c.toFixed(3))),
  },
  { requiredKeys: ['ssid', 'host'] },
);
const anything = fc.dictionary(fc.constantFrom(...NAMES, 'flags', 'token', '__proto__'), value);
const forms = fc
  .tuple(likely, anything, fc.boolean())
  .map(([good, wild, isGood]) => form(isGood ? good : { ...good, ...wild }));

/** Settings as forms can make them, one over another. */
const settings: fc.Arbitrary<Settings> = fc
  .array(forms, { minLength: 1, maxLength: 3 })
  .map((list) => list.reduce((before, next) => parseSettings(next, before).settings, READY));

/** It reads back as it is, from nothing: each field is right, and all together. */
function assertSound(found: Settings): void {
  const given = new Map(NAMES.map((name) => [name, formatValue(found, name as keyof Settings)]));
  const again = parseSettings(given, DEFAULTS);
  assert.deepEqual(again.problems, []);
  assert.deepEqual(again.settings, found);
}

test('any form over any settings: the result is sound, and problems name fields and have words', () => {
  fc.assert(
    fc.property(settings, forms, (current, given) => {
      const { settings: found, problems } = parseSettings(given, current);
      assertSound(found);
      assert.ok(isProvisioned(found));
      assert.ok(Object.isFrozen(found));
      for (const problem of problems) {
        assert.ok(NAMES.includes(problem.field), problem.field);
        assert.match(describe(problem), /^\w+: (must be|missing|not|for|too|pin|type) ?[^{}<>]*$/);
      }
    }),
    { numRuns: 300 },
  );
});

test('any bytes in any one field: taken over, or refused by its name alone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIELDS), value, ({ name }, bytes) => {
      const { settings: found, problems } = parseSettings(new Map([[name, bytes]]), READY);
      assertSound(found);
      if (problems.length > 0) assert.deepEqual(found, READY);
    }),
    { numRuns: 2000 },
  );
});

test('any settings come back from flash as they were, within the limit', () => {
  fc.assert(
    fc.property(settings, settings, (first, second) => {
      const blob = encodeBlob(first, 1);
      assert.ok(blob.length <= BLOB_BYTES_MAX);
      assert.deepEqual(decodeBlob(blob), first);
      const flash = new TornKeyValue();
      new ConfigStore(flash).save(first);
      new ConfigStore(flash).save(second);
      assert.deepEqual(new ConfigStore(flash.reboot()).load(), second);
    }),
    { numRuns: 200 },
  );
});

test('any bytes in flash are no crash', () => {
  const text = fc.oneof(fc.json().map(utf8), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(text, settings, (bytes, current) => {
      const flash = new TornKeyValue();
      flash.set('cfg-a', bytes);
      flash.set('cfg-b', encodeBlob(current, 9).slice(bytes.length % 7));
      new ConfigStore(flash).load();
    }),
    { numRuns: 300 },
  );
});
