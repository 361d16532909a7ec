import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../firmware/base/errors.ts';
import type { Subscription } from '../../../../firmware/mqtt/codec/encode.ts';
import { encodeProperties } from '../../../../firmware/mqtt/codec/property-values.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

function refused(solo: Solo, field: string, filter: string, more = {}, id = 0): void {
  const subscriptions = filter === '' ? [] : [{ filter, qos: 0 as const, ...more }];
  assert.throws(
    () => solo.session.subscribe(subscriptions, 0, id),
    (error) => error instanceof ConfigError && error.field === field,
    filter,
  );
}

test('SUBSCRIBE carries its flags, an identifier, and filters with their options [3.1.1 MQTT-2.3.1-1, 3.8.1-1, 3.8.3-1, 3.8.3-3, 3.8.3-4] [5.0 MQTT-2.2.1-3, 3.8.1-1, 3.8.3-1, 3.8.3-2, 3.8.3-5]', () => {
  const subscriptions: Subscription[] = [
    { filter: 'é/+', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
    { filter: '#', qos: 2 },
  ];
  const v4 = new Solo().online(4);
  assert.equal(v4.session.subscribe(subscriptions, 0), 0x8000);
  assert.deepEqual(v4.written(), ['820d80000004c3a92f2b0100012302']);
  const v5 = new Solo().online(5);
  v5.session.subscribe(subscriptions, 0);
  assert.deepEqual(v5.written(), ['820e8000000004c3a92f2b2d00012302']);
});

test('UNSUBSCRIBE carries its flags, an identifier and filters [3.1.1 MQTT-2.3.1-1, 3.10.1-1, 3.10.3-1, 3.10.3-2] [5.0 MQTT-2.2.1-3, 3.10.1-1, 3.10.3-1, 3.10.3-2]', () => {
  const v4 = new Solo().online(4);
  v4.session.unsubscribe(['a', 'é'], 0);
  assert.deepEqual(v4.written(), ['a20980000001610002c3a9']);
  const v5 = new Solo().online(5);
  v5.session.unsubscribe(['a\ud800'], 0);
  assert.deepEqual(v5.written(), ['a209800000000461efbfbd']);
  assert.throws(() => v5.session.unsubscribe([], 0), ConfigError);
  assert.throws(() => v5.session.unsubscribe(['a#'], 0), ConfigError);
});

test('a SUBSCRIBE without filters, or with one that is none, is refused by name [3.1.1 MQTT-3.8.3-3, 4.7.1-2] [5.0 MQTT-3.8.3-2, 4.7.1-1]', () => {
  const solo = new Solo().online(5);
  refused(solo, 'subscriptions', '');
  for (const filter of ['a#', 'a/#/b', '$share/g/', 'a\0']) refused(solo, 'filter', filter);
  assert.deepEqual(solo.written(), []);
});

test('a shared subscription is never no-local [5.0 MQTT-3.8.3-4]', () => {
  const solo = new Solo().online(5);
  refused(solo, 'filter', '$share/g/a', { noLocal: true });
  assert.notEqual(solo.session.subscribe([{ filter: '$share/g/a', qos: 0 }], 0), 0);
});

test('what the broker said it does not support is refused by name before it is sent', () => {
  const solo = new Solo().online(5, '20 09 00 00 06 28 00 29 00 2a 00');
  for (const filter of ['#', 'a/+', '$share/g/a']) refused(solo, 'filter', filter);
  refused(solo, 'subscriptionId', 'a', {}, 1);
  assert.notEqual(solo.session.subscribe([{ filter: 'a', qos: 0 }], 0), 0);
});

test('a subscription identifier is 1 to 268,435,455, and for 5.0 only', () => {
  const solo = new Solo().online(5);
  for (const id of [-1, 1.5, 268_435_456, Number.NaN]) refused(solo, 'subscriptionId', 'a', {}, id);
  solo.session.subscribe([{ filter: 'a', qos: 0 }], 0, 128);
  assert.deepEqual(solo.written(), ['820a8004 030b8001 00016100'.replaceAll(' ', '')]);
  refused(new Solo().online(4), 'subscriptionId', 'a', {}, 1);
});

test('a message carries the identifiers of all subscriptions it matched, and how it was retained [5.0 MQTT-3.3.4-4]', () => {
  const solo = new Solo().online(5).feed('31 09 0001 61 04 0b 01 0b 02 21');
  const [message] = solo.told;
  assert.deepEqual(message.properties, { subscriptionId: [1, 2] });
  assert.equal(message.retain, true);
});

test('no PUBLISH goes out with a subscription identifier [5.0 MQTT-3.3.4-6]', () => {
  const everything = {
    payloadFormat: 1,
    messageExpiry: 1,
    contentType: 'a',
    responseTopic: 'b',
    correlationData: Uint8Array.of(1),
    user: [['a', 'b']],
  } as const;
  const bytes = encodeProperties(everything);
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    found.push(bytes[at]);
    at += { 1: 2, 2: 5, 3: 4, 8: 4, 9: 4 }[bytes[at] as 1] ?? 7;
  }
  assert.deepEqual(found, [1, 2, 3, 8, 9, 0x26]);
});

test('SUBACK and UNSUBACK are told with the identifier and codes in the order of the filters [3.1.1 MQTT-2.3.1-7, 3.8.4-2, 3.9.3-1, 3.10.4-4] [5.0 MQTT-2.2.1-6, 3.8.4-2, 3.9.3-1, 3.10.4-5, 3.11.3-1]', () => {
  const both = [
    { filter: 'a', qos: 1 },
    { filter: 'b', qos: 0 },
  ] as const;
  for (const version of [4, 5] as const) {
    const solo = new Solo().online(version);
    const subscribed = solo.session.subscribe(both, 0);
    const unsubscribed = solo.session.unsubscribe(['a', 'b'], 0);
    assert.deepEqual([subscribed, unsubscribed], [0x8000, 0x8001]);
    const acks = {
      4: ['90 04 8000 80 00', 'b0 02 8001'],
      5: ['90 05 8000 00 87 00', 'b0 05 8001 00 11 00'],
    };
    solo.feed(...acks[version]);
    assert.deepEqual(solo.told, [
      { type: 'subscribed', packetId: 0x8000, codes: version === 5 ? '8700' : '8000' },
      { type: 'unsubscribed', packetId: 0x8001, codes: version === 5 ? '1100' : '' },
    ]);
  }
});

test('four requests wait at most, and an answer makes room for the next', () => {
  const solo = new Solo().online(4);
  const ask = () => solo.session.subscribe([{ filter: 'a', qos: 0 }], 0);
  assert.deepEqual([ask(), ask(), ask(), ask(), ask()], [0x8000, 0x8001, 0x8002, 0x8003, 0]);
  solo.feed('90 03 8001 00');
  assert.ok(ask() > 0x8003);
  assert.equal(ask(), 0);
});

test('requests wait for nothing while offline, and do not outlive a connection', () => {
  const solo = new Solo();
  assert.equal(solo.session.subscribe([{ filter: 'a', qos: 0 }], 0), 0);
  solo.online(5).session.subscribe([{ filter: 'a', qos: 0 }], 0);
  solo.drop().online(5).feed('90 04 8000 00 00');
  assert.deepEqual(solo.told, []);
});
