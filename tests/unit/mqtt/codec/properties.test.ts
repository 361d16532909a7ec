import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../firmware/base/errors.ts';
import {
  encodeProperties,
  type PropertyValues,
} from '../../../../firmware/mqtt/codec/property-values.ts';
import { hex, toHex } from '../../../support/mqtt-bytes.ts';

function assertRefused(values: PropertyValues, field: string): void {
  assert.throws(
    () => encodeProperties(values),
    (error) => error instanceof ConfigError && error.field === field,
    field,
  );
}

test('properties go out in the order in which they were named, undefined ones not at all', () => {
  const values = { contentType: 'é', messageExpiry: 258, willDelay: undefined, payloadFormat: 1 };
  assert.equal(toHex(encodeProperties(values as PropertyValues)), '030002c3a902000001020101');
  assert.equal(encodeProperties({}).length, 0);
});

test('user properties keep their order and may repeat', () => {
  const user = [
    ['b', '1'],
    ['a', ''],
    ['b', '1'],
  ] as const;
  const one = '260001620001 31';
  assert.equal(toHex(encodeProperties({ user })), toHex(hex(`${one} 26 0001 61 0000 ${one}`)));
});

test('a number out of its range is refused by its name', () => {
  assertRefused({ messageExpiry: -1 }, 'messageExpiry');
  assertRefused({ messageExpiry: 2 ** 32 }, 'messageExpiry');
  assertRefused({ sessionExpiry: 1.5 }, 'sessionExpiry');
  assertRefused({ willDelay: Number.NaN }, 'willDelay');
  assertRefused({ receiveMaximum: 65_536 }, 'receiveMaximum');
  assertRefused({ payloadFormat: 2 as 1 }, 'payloadFormat');
});

test('texts and data over 65,535 bytes are refused by their name', () => {
  assertRefused({ contentType: 'é'.repeat(32_768) }, 'contentType');
  assertRefused({ correlationData: new Uint8Array(65_536) }, 'correlationData');
  assertRefused({ user: [['n', 'x'.repeat(65_536)]] }, 'user');
  assert.equal(encodeProperties({ contentType: 'x'.repeat(65_535) }).length, 65_538);
});

test('texts with U+0000 are refused, and halves of surrogate pairs never go out [5.0 MQTT-1.5.4-1, 1.5.4-2, 1.5.7-1, 3.3.2-19]', () => {
  assertRefused({ contentType: 'a\0' }, 'contentType');
  assertRefused({ user: [['a\0', 'b']] }, 'user');
  assertRefused({ user: [['a', '\0']] }, 'user');
  assert.equal(toHex(encodeProperties({ contentType: '\udc00' })), '030003efbfbd');
});

test('a response topic is a topic name: neither empty nor with a wildcard [5.0 MQTT-3.3.2-13, 3.3.2-14]', () => {
  for (const responseTopic of ['', 'a/+', '#', 'a\0']) {
    assertRefused({ responseTopic }, 'responseTopic');
  }
  assert.equal(toHex(encodeProperties({ responseTopic: 'é\ud800' })), '080005c3a9efbfbd');
});
