import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../firmware/base/errors.ts';
import { encodeProperties } from '../../../../firmware/mqtt/codec/property-values.ts';
import { hex, packetOf, utf8 } from '../../../support/mqtt-bytes.ts';
import { type ListedMessage, ListSource } from '../../../support/mqtt-list-source.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

/** A CONNACK that accepts with properties. */
function connack(properties: string): string {
  const section = hex(properties);
  const bytes = packetOf(0x20, Uint8Array.of(0, 0, section.length, ...section));
  return Buffer.from(bytes).toString('hex');
}

/** What a session sends of messages under a CONNACK's limits. */
function sends(properties: string, ...messages: readonly ListedMessage[]) {
  const source = new ListSource(...messages);
  const solo = new Solo({}, source).online(5, connack(properties));
  return { packets: solo.written(), source, solo };
}

test('no PUBLISH goes above the Maximum QoS of the broker [5.0 MQTT-3.2.2-11]', () => {
  const all = [0, 1, 2].map((qos) => ({ topic: 't', qos: qos as 0, packetId: 10 + qos }));
  const at0 = sends('24 00', ...all);
  assert.deepEqual(at0.packets, ['3004000174 00', '3004000174 00', '3004000174 00'].map(tight));
  assert.deepEqual(at0.source.ended, ['1:0', '2:0', '3:0']);
  const at1 = sends('24 01', ...all);
  const id1 = '3206000174000b00';
  assert.deepEqual(at1.packets, ['300400017400', id1, '3206000174000c00']);
});

test('RETAIN stays 0 where the broker does not retain [5.0 MQTT-3.2.2-14]', () => {
  const retained = { topic: 't', retain: true };
  assert.deepEqual(sends('25 00', retained).packets, ['300400017400']);
  assert.deepEqual(sends('25 01', retained).packets, ['310400017400']);
  assert.deepEqual(sends('', retained).packets, ['310400017400']);
});

test('a message over the Maximum Packet Size of the broker is refused by name, and the next one sent [5.0 MQTT-3.2.2-15]', () => {
  const body = { topic: 't', qos: 1 } as const;
  const fits = { ...body, payload: 'x'.repeat(20 - 8) };
  const over = { ...body, payload: 'x'.repeat(21 - 8) };
  const { packets, source } = sends('27 00000014', over, fits, over);
  assert.deepEqual(
    packets.map((packet) => packet.length / 2),
    [20],
  );
  assert.deepEqual(source.ended, ['1:95', '3:95']);
});

test('a SUBSCRIBE or UNSUBSCRIBE over the Maximum Packet Size of the broker is refused [5.0 MQTT-3.2.2-15]', () => {
  const { solo } = sends('27 00000014');
  const filter = 'f'.repeat(20 - 8);
  const over = `${filter}f`;
  assert.throws(() => solo.session.subscribe([{ filter: over, qos: 0 }], 0), ConfigError);
  assert.throws(() => solo.session.unsubscribe([`${over}f`], 0), ConfigError);
  assert.notEqual(solo.session.subscribe([{ filter, qos: 0 }], 0), 0);
  assert.notEqual(solo.session.unsubscribe([over], 0), 0);
  assert.deepEqual(
    solo.written().map((packet) => packet.length / 2),
    [20, 20],
  );
});

test('what could never be sent from this buffer is refused instead of put off for ever', () => {
  const solo = new Solo({ transmitBytes: 128 }).online(4);
  assert.throws(
    () => solo.session.subscribe([{ filter: 'f'.repeat(100), qos: 0 }], 0),
    (error) => error instanceof ConfigError && error.field === 'filters',
  );
});

test('no more than Receive Maximum messages above QoS 0 are unacknowledged [5.0 MQTT-3.3.4-7, 4.9.0-1, 4.9.0-2]', () => {
  const four = [1, 2, 3, 4].map((packetId) => ({ topic: 't', qos: 1 as const, packetId }));
  const { packets, solo } = sends('21 0002', ...four);
  assert.equal(packets.length, 2);
  assert.deepEqual(solo.feed('40 02 0001').written(), ['3206000174000300']);
  assert.deepEqual(solo.feed('d0 00').written(), []);
});

test('a used-up Receive Maximum delays no other packet [5.0 MQTT-3.3.4-8, 4.9.0-3]', () => {
  const { packets, solo } = sends('21 0001', { topic: 't', qos: 2, packetId: 1 });
  assert.equal(packets.length, 1);
  assert.notEqual(solo.session.subscribe([{ filter: 'a', qos: 0 }], 0), 0);
  assert.notEqual(solo.session.unsubscribe(['a'], 0), 0);
  solo.feed('50 02 0001', '32 07 0001 61 0009 00 21');
  solo.wake(54_000);
  const first = solo.written().map((packet) => packet.slice(0, 2));
  assert.deepEqual(first, ['82', 'a2', '62', '40', ...first.slice(4)]);
});

test('a Server Keep Alive replaces the one that was sent [5.0 MQTT-3.1.2-21, 3.2.2-21]', () => {
  const solo = new Solo({ keepAliveS: 60 }).online(5, connack('13 000a'));
  assert.equal(solo.session.limits.keepAliveS, 10);
  assert.deepEqual(solo.wake(8_999).written(), []);
  assert.deepEqual(solo.wake(9_000).written(), ['c000']);
  const off = new Solo({ keepAliveS: 60 }).online(5, connack('13 0000'));
  assert.equal(off.session.deadline(0), Number.POSITIVE_INFINITY);
});

test('an assigned client identifier is the one of this session from then on [3.1.1 MQTT-3.1.3-2] [5.0 MQTT-3.1.3-2, 3.2.2-16]', () => {
  const solo = new Solo({ clientId: '' });
  assert.ok(solo.open(5).endsWith('0000'));
  solo.feed(connack('12 0003 614964'));
  assert.equal(solo.session.clientId, 'aId');
  assert.ok(solo.drop().open(5).endsWith('0003614964'));
  assert.ok(solo.drop().open(4).endsWith('0003614964'));
});

test('an identifier assigned to a client that sent its own is ignored [5.0 MQTT-3.2.2-16]', () => {
  const solo = new Solo({ clientId: 'm' }).online(5, connack('12 0003 614964'));
  assert.equal(solo.session.clientId, 'm');
  assert.ok(solo.drop().open(5).endsWith('00016d'));
  // One that was assigned before is the client's own since.
  const assigned = new Solo({ clientId: '' }).online(5, connack('12 0003 614964'));
  assigned.drop().online(5, connack('12 0003 614965'));
  assert.equal(assigned.session.clientId, 'aId');
});

test('what the broker says of itself is there for the owner, and gone with its connection', () => {
  const words = '11 00000007 1a 0002 722f';
  const { limits } = sends(words).solo.session;
  assert.deepEqual([limits.sessionExpiryS, limits.responseInformation], [7, 'r/']);
  const solo = new Solo({ sessionExpiryS: 9 }).online(5, connack(words)).drop().online(5);
  const after = solo.session.limits;
  assert.deepEqual([after.sessionExpiryS, after.responseInformation], [9, '']);
});

test('limits do not outlive their connection', () => {
  const retained = { topic: utf8('t'), retain: true, qos: 1, packetId: 1 } as const;
  const source = new ListSource();
  const solo = new Solo({}, source).online(5, connack('24 00 25 00 27 00000005 21 0001'));
  solo.drop().online(4);
  source.add(retained);
  assert.deepEqual(solo.written(), ['33050001740001']);
});

test('message properties go out in 5.0 only', () => {
  const properties = encodeProperties({ payloadFormat: 1, user: [['a', 'b']] });
  const source = () => new ListSource({ topic: 't', properties });
  const v5 = new Solo({}, source()).online(5).written();
  assert.deepEqual(v5, ['300d00017409010126000161000162']);
  assert.deepEqual(new Solo({}, source()).online(4).written(), ['3003000174']);
});

function tight(text: string): string {
  return text.replaceAll(' ', '');
}
