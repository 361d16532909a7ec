import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveries, hex } from '../../../support/mqtt-bytes.ts';
import type { Version } from '../../../support/mqtt-fields.ts';
import { ListSource } from '../../../support/mqtt-list-source.ts';
import { ACCEPTED, Solo } from '../../../support/mqtt-solo.ts';

function assertHandshakeRefused(
  version: Version,
  bytes: string,
  reason: number,
  detail: string,
  options = {},
): void {
  for (const [way, pieces] of deliveries(hex(bytes))) {
    const solo = new Solo(options, new ListSource({ topic: 't', qos: 1 }));
    solo.open(version);
    solo.feed(...pieces, ACCEPTED[version]);
    const where = `${bytes}, version ${version}, ${way}`;
    const [ending, ...more] = solo.told;
    assert.deepEqual(more, [], where);
    assert.deepEqual([ending.cause, ending.reason], ['protocol error', reason], where);
    assert.ok(String(ending.detail).includes(detail), where);
    assert.deepEqual(solo.written(), [], where);
    assert.ok(solo.session.finished, where);
  }
}

test('any other packet before CONNACK ends the connection [3.1.1 MQTT-3.2.0-1] [5.0 MQTT-3.2.0-1, 3.14.0-1]', () => {
  const both = ['40 02 0001', '62 02 0001', 'd0 00'];
  const only = {
    4: ['30 03 0001 61', '90 03 0001 00', 'b0 02 0001'],
    5: ['30 04 0001 61 00', '90 04 0001 00 00', 'b0 04 0001 00 00', 'e0 00', 'e0 01 8b'],
  };
  for (const version of [4, 5] as const) {
    for (const bytes of [...both, ...only[version]]) {
      assertHandshakeRefused(version, bytes, 0x82, 'before CONNACK');
    }
  }
});

test('a CONNACK with reserved flags ends the connection [5.0 MQTT-3.2.2-1]', () => {
  for (const flags of ['02', '80', 'ff']) {
    assertHandshakeRefused(5, `20 03 ${flags} 00 00`, 0x81, 'reserved flags');
    assertHandshakeRefused(4, `20 02 ${flags} 00`, 0x81, 'reserved flags');
  }
});

test('a session that is present after a clean start ends the connection [3.1.1 MQTT-3.2.2-1] [5.0 MQTT-3.2.2-2]', () => {
  const options = { cleanStart: true };
  assertHandshakeRefused(5, '20 03 01 00 00', 0x82, 'after a clean start', options);
  assertHandshakeRefused(4, '20 02 01 00', 0x82, 'after a clean start', options);
});

test('a session that is present for a client that has none ends the connection, and the next one starts anew [5.0 MQTT-3.2.2-4]', () => {
  const startsAnew = (connect: string) => (Number.parseInt(connect.slice(18, 20), 16) & 2) !== 0;
  assertHandshakeRefused(5, '20 03 01 00 00', 0x82, 'session present');
  const solo = new Solo();
  assert.ok(!startsAnew(solo.open(5)));
  solo.feed('20 03 01 00 00');
  assert.ok(solo.session.finished);
  assert.ok(startsAnew(solo.drop().open(5)));
  solo.feed(ACCEPTED[5]);
  assert.equal(solo.session.state, 'online');
  // From here on there is a session, and it is taken up.
  assert.ok(!startsAnew(solo.drop().open(5)));
  solo.feed('20 03 01 00 00');
  assert.equal(solo.session.state, 'online');
});

test('a session ends with its connection where the broker keeps none, and is not taken up [5.0 MQTT-3.2.2-4]', () => {
  const expiries: [options: object, connack: string][] = [
    [{ sessionExpiryS: 0 }, ACCEPTED[5]],
    [{ sessionExpiryS: 60 }, '20 08 00 00 05 11 00000000'],
  ];
  for (const [options, connack] of expiries) {
    const solo = new Solo({ ...options, hasSession: true }).online(5, connack).drop();
    solo.open(5);
    solo.feed('20 03 01 00 00');
    assert.equal(solo.ending?.cause, 'protocol error');
  }
});

test('a session from before a restart is taken up, in 3.1.1 also by who knows of none', () => {
  const restarted = new Solo({ hasSession: true });
  restarted.open(5);
  restarted.feed('20 03 01 00 00');
  assert.equal(restarted.session.state, 'online');
  const old = new Solo();
  old.open(4);
  old.feed('20 02 01 00');
  assert.equal(old.session.state, 'online');
});

test('a CONNACK that refuses with a session present ends the connection [3.1.1 MQTT-3.2.2-4] [5.0 MQTT-3.2.2-6]', () => {
  assertHandshakeRefused(5, '20 03 01 87 00', 0x82, 'refuses with a session');
  assertHandshakeRefused(4, '20 02 01 05', 0x82, 'refuses with a session');
});

test('a CONNACK with a code that is not listed ends the connection [5.0 MQTT-3.2.2-8]', () => {
  for (const code of ['01', '18', '7f', '8b', '8d', '92', 'a0', 'ff']) {
    assertHandshakeRefused(5, `20 03 00 ${code} 00`, 0x82, 'in a wrong packet');
  }
  assertHandshakeRefused(4, '20 02 00 06', 0x81, 'return code');
});

test('CONNACK properties out of their range, repeated or foreign end the connection', () => {
  const cases = [
    ['20 06 00 00 03 21 0000', 0x82, 'is zero'],
    ['20 08 00 00 05 27 00000000', 0x82, 'is zero'],
    ['20 05 00 00 02 24 02', 0x82, 'out of range'],
    ['20 05 00 00 02 25 03', 0x82, 'out of range'],
    ['20 05 00 00 02 2a 02', 0x82, 'out of range'],
    ['20 09 00 00 06 13 0001 13 0001', 0x82, 'twice'],
    ['20 06 00 00 03 23 0001', 0x82, 'wrong packet'],
    ['20 05 00 00 02 17 00', 0x82, 'wrong packet'],
    ['20 05 00 00 02 7e 00', 0x81, 'unknown property'],
    ['20 04 00 00 02 24', 0x81, 'longer than'],
    ['20 07 00 00 04 12 0001 00', 0x81, 'U+0000'],
  ] as const;
  for (const [bytes, reason, detail] of cases) assertHandshakeRefused(5, bytes, reason, detail);
});

test('a second CONNACK ends the connection [5.0 MQTT-3.2.0-2]', () => {
  for (const version of [4, 5] as const) {
    const solo = new Solo().online(version);
    solo.written();
    solo.feed(ACCEPTED[version]);
    assert.equal(solo.ending?.cause, 'protocol error');
    assert.deepEqual(solo.written(), version === 5 ? ['e00182'] : []);
  }
});

test('a CONNACK that refuses is told with its code, and nothing follows it [3.1.1 MQTT-3.1.2-2, 3.2.2-5] [5.0 MQTT-3.1.2-2, 3.2.2-7, 4.13.2-1]', () => {
  const cases = [
    [4, '20 02 00 01', 1],
    [4, '20 02 00 05', 5],
    [5, '20 03 00 84 00', 0x84],
    [5, '20 02 00 01', 0x84],
    [5, '20 03 00 97 00', 0x97],
  ] as const;
  for (const [version, bytes, reason] of cases) {
    const solo = new Solo({}, new ListSource({ topic: 't', qos: 0 }));
    solo.open(version);
    solo.feed(bytes, 'd0 00');
    const [{ type, cause, reason: told }, ...more] = solo.told;
    assert.deepEqual([type, cause, told, more], ['ended', 'refused', reason, []]);
    assert.deepEqual(solo.written(), []);
    assert.ok(solo.session.finished);
  }
});

test('a DISCONNECT is told with reason, text and server, and nothing follows it [5.0 MQTT-3.14.4-2, 4.13.2-1]', () => {
  const solo = new Solo({}, new ListSource({ topic: 't', qos: 1 })).online(5);
  solo.written();
  solo.feed('e0 0b 9d 09 1f 0002 6279 1c 0001 78', '32 07 0001 61 0001 00 21');
  const cause = 'disconnected by server';
  const ending = { type: 'ended', cause, reason: 0x9d, detail: 'by', serverReference: 'x' };
  assert.deepEqual(solo.told, [ending]);
  assert.deepEqual(solo.written(), []);
  assert.ok(solo.session.finished);
});

test('a DISCONNECT for a bad authentication method, of which 5.0 has two opinions, is understood', () => {
  const solo = new Solo().online(5).feed('e0 01 8c');
  assert.deepEqual([solo.ending?.cause, solo.ending?.reason], ['disconnected by server', 0x8c]);
});

test('more unreleased QoS 2 messages than the receive maximum end the connection [5.0 MQTT-3.3.4-9]', () => {
  const message = (id: string) => `34 06 0001 61 000${id} 00`;
  const solo = new Solo({ receiveMax: 2 }).online(5);
  solo.written();
  solo.feed(message('1'), message('2'), message('2'), '62 02 0001', message('3'));
  assert.ok(!solo.told.some((event) => event.type === 'ended'));
  solo.written();
  solo.feed(message('4'), message('2'));
  assert.equal(solo.ending?.reason, 0x93);
  assert.deepEqual(solo.written(), ['e00193']);
  assert.equal(solo.told.filter((event) => event.type === 'message').length, 3);
});

test('acknowledgements for what is not in flight change nothing', () => {
  for (const version of [4, 5] as const) {
    const solo = new Solo().online(version);
    solo.written();
    solo.feed(
      '40 02 0009',
      '70 02 0009',
      'd0 00',
      version === 5 ? '90 04 0009 00 00' : '90 03 0009 00',
    );
    solo.feed(version === 5 ? 'b0 04 0009 00 00' : 'b0 02 0009');
    assert.deepEqual([solo.told, solo.written()], [[], []]);
    solo.feed('50 02 0009', '62 02 0009');
    const answers = version === 5 ? ['6203000992', '7003000992'] : ['62020009', '70020009'];
    assert.deepEqual([solo.told, solo.written()], [[], answers]);
  }
});
