import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../firmware/base/errors.ts';
import {
  checkOptions,
  defaultOptions,
  type SessionOptions,
} from '../../../../firmware/mqtt/session/options.ts';
import { Session } from '../../../../firmware/mqtt/session/session.ts';
import { utf8 } from '../../../support/mqtt-bytes.ts';

const GOOD: SessionOptions = { clientId: 'mote', ...defaultOptions };
const WILL = { topic: utf8('w'), payload: utf8('x'), qos: 0, retain: false } as const;

function assertRefused(field: keyof SessionOptions, ...values: readonly unknown[]): void {
  for (const value of values) {
    assert.throws(
      () => new Session({ ...GOOD, [field]: value }, []),
      (error) => error instanceof ConfigError && error.field === field,
      `${field} = ${String(value).slice(0, 20)}`,
    );
  }
}

test('the default options are accepted, and so are the ends of every range', () => {
  const least = { keepAliveS: 0, sessionExpiryS: 0, receiveBytes: 64, transmitBytes: 128 };
  const counts = { windowMax: 1, receiveMax: 1, aliasesIn: 0, aliasesOut: 0 };
  checkOptions(GOOD);
  checkOptions({ ...GOOD, ...least, ...counts, clientId: '' });
  const most = { keepAliveS: 65_535, sessionExpiryS: 0xffff_ffff, receiveMax: 65_535 };
  checkOptions({ ...GOOD, ...most, clientId: 'x'.repeat(65_535) });
});

test('a number out of its range is refused by its name, and so is what is no whole number', () => {
  for (const field of ['keepAliveS', 'receiveMax', 'aliasesIn', 'aliasesOut'] as const) {
    assertRefused(field, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, undefined);
  }
  assertRefused('sessionExpiryS', -1, 2 ** 32);
  assertRefused('receiveBytes', 63, 2 ** 28 + 1);
  assertRefused('transmitBytes', 127, 2 ** 28 + 1);
  assertRefused('windowMax', 0, 32_768);
  assertRefused('receiveMax', 0);
});

test('a deadline that is no positive number of milliseconds is refused by its name', () => {
  for (const field of ['connectTimeoutMs', 'ackTimeoutMs', 'pingTimeoutMs'] as const) {
    assertRefused(field, 0, -1, Number.NaN, undefined);
  }
});

test('deadlines and buffers are taken up to their limits', () => {
  for (const field of ['connectTimeoutMs', 'ackTimeoutMs', 'pingTimeoutMs'] as const) {
    for (const value of [1, 0xffff_ffff]) checkOptions({ ...GOOD, [field]: value });
    assertRefused(field, 2 ** 32);
  }
  for (const field of ['receiveBytes', 'transmitBytes'] as const) {
    checkOptions({ ...GOOD, [field]: 2 ** 28 });
    assert.throws(() => checkOptions({ ...GOOD, [field]: 2 ** 28 + 1 }), ConfigError);
  }
  for (const field of ['aliasesIn', 'aliasesOut'] as const) {
    checkOptions({ ...GOOD, [field]: 65_535 });
  }
});

test('the greatest window leaves identifiers for the requests beside it', () => {
  assertRefused('windowMax', 32_767, 32_765);
  checkOptions({ ...GOOD, windowMax: 32_764 });
});

test('texts with U+0000 or over 65,535 bytes are refused by their name [3.1.1 MQTT-1.5.3-2] [5.0 MQTT-1.5.4-2, 1.5.7-1]', () => {
  for (const text of ['a\0b', 'x'.repeat(65_536), 'é'.repeat(32_768)]) {
    assertRefused('clientId', text);
    assertRefused('username', text);
    assertRefused('userProperties', [['name', text]], [[text, 'value']]);
    const authenticator = { method: text };
    assertRefused('authenticator', authenticator);
  }
});

test('a will with a topic that is none, or with too long a payload, is refused', () => {
  const topics = [utf8(''), utf8('a/#'), utf8('a\0'), Uint8Array.of(0xff), new Uint8Array(65_536)];
  assertRefused('will', ...topics.map((topic) => ({ ...WILL, topic })));
  assertRefused('will', { ...WILL, payload: new Uint8Array(65_536) });
});

test('a password over 65,535 bytes is refused', () => {
  assertRefused('password', new Uint8Array(65_536));
});
