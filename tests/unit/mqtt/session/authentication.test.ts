import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '../../../../firmware/mqtt/session/options.ts';
import { hex, toHex } from '../../../support/mqtt-bytes.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

/** A method that answers each byte by the next higher one, and takes 0xff for proof. */
class Counting implements Authenticator {
  readonly method = 'k';
  readonly heard: string[] = [];

  start(): Uint8Array {
    return hex('01');
  }

  challenge(data: Uint8Array): Uint8Array {
    this.heard.push(toHex(data));
    return data.map((byte) => byte + 1);
  }

  finish(data: Uint8Array): boolean {
    return toHex(data) === 'ff';
  }
}

const CHALLENGE = 'f0 0a 18 08 15 0001 6b 16 0001 05';
const ANSWER = 'f00a18081500016b16000106';
const PROVEN = '20 0b 00 00 08 15 0001 6b 16 0001 ff';
const OTHER_METHOD = '0015 0001 6a';

function failing(call: 'start' | 'challenge' | 'finish'): Authenticator {
  return Object.assign(new Counting(), {
    [call]: () => {
      throw new Error('the key is locked');
    },
  });
}

function ended(solo: Solo): unknown[] {
  return solo.told.map(({ type, cause, reason }) => [type, cause, reason]);
}

test('CONNECT carries method and first data, and challenges are answered with 0x18 [5.0 MQTT-3.1.2-30, 4.12.0-2, 4.12.0-3, 4.12.0-5]', () => {
  const authenticator = new Counting();
  const solo = new Solo({ authenticator });
  assert.ok(solo.open(5).includes('1500016b16000101'));
  solo.feed(CHALLENGE, CHALLENGE);
  assert.deepEqual(solo.written(), [ANSWER, ANSWER]);
  assert.deepEqual(authenticator.heard, ['05', '05']);
  solo.feed(PROVEN);
  assert.deepEqual(solo.told, [{ type: 'connected', sessionPresent: false }]);
});

test('in 3.1.1 nothing of the method goes out or is asked', () => {
  const solo = new Solo({ authenticator: new Counting() });
  assert.ok(!solo.open(4).includes('150001'));
  solo.feed('20 02 00 00');
  assert.deepEqual(solo.told, [{ type: 'connected', sessionPresent: false }]);
  assert.equal(solo.session.reauthenticate(), false);
});

test('a broker that does not prove itself is refused before anything is sent to it', () => {
  for (const connack of ['20 0b 00 00 08 15 0001 6b 16 0001 00', '20 07 00 00 04 15 0001 6b']) {
    const solo = new Solo({ authenticator: new Counting() });
    solo.open(5);
    solo.feed(connack);
    assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x87]]);
    assert.deepEqual(solo.written(), []);
  }
});

test('AUTH or CONNACK with another method, or with none, ends the connection [5.0 MQTT-4.12.0-5]', () => {
  const auths = [`f0 06 18 04 ${OTHER_METHOD.slice(2)}`, 'f0 02 18 00', 'f0 01 18'];
  const connacks = [`20 07 00 00 04 ${OTHER_METHOD.slice(2)}`, '20 03 00 00 00'];
  for (const packet of [...auths, ...connacks]) {
    const solo = new Solo({ authenticator: new Counting() });
    solo.open(5);
    solo.feed(packet);
    assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x82]], packet);
  }
});

test('without a method an AUTH, or a method in CONNACK, ends the connection [5.0 MQTT-4.12.0-6]', () => {
  for (const packet of [CHALLENGE, 'f0 00', PROVEN]) {
    const solo = new Solo();
    solo.open(5);
    solo.feed(packet);
    assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x82]], packet);
  }
  const solo = new Solo().online(5).feed(CHALLENGE);
  assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x82]]);
  assert.deepEqual(solo.written(), ['e00182']);
});

test('without a method no AUTH is ever sent [5.0 MQTT-4.12.0-7]', () => {
  const solo = new Solo().online(5);
  solo.written();
  assert.equal(solo.session.reauthenticate(), false);
  assert.deepEqual(solo.written(), []);
});

test('an AUTH that ends an exchange before CONNACK ends the connection', () => {
  const solo = new Solo({ authenticator: new Counting() });
  solo.open(5);
  solo.feed('f0 07 00 05 15 0002 6b6b', PROVEN);
  assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x82]]);
});

test('with a method nothing but AUTH or DISCONNECT goes out before CONNACK [5.0 MQTT-3.1.2-30]', () => {
  const solo = new Solo({ authenticator: new Counting() });
  solo.open(5);
  assert.equal(solo.session.subscribe([{ filter: 'a', qos: 0 }], 0), 0);
  assert.deepEqual(solo.feed(CHALLENGE).wake(9_999).written(), [ANSWER]);
  solo.session.disconnect(0, 0);
  assert.deepEqual(solo.written(), ['e000']);
});

test('re-authentication is AUTH 0x19 with the same method, and is told when it succeeds [5.0 MQTT-4.12.0-5, 4.12.1-1]', () => {
  const solo = new Solo({ authenticator: new Counting() }).online(5, PROVEN);
  solo.written();
  assert.equal(solo.session.reauthenticate(), true);
  assert.equal(solo.session.reauthenticate(), false);
  assert.deepEqual(solo.written(), ['f00a19081500016b16000101']);
  solo.feed(CHALLENGE);
  assert.deepEqual(solo.written(), [ANSWER]);
  solo.feed('f0 0a 00 08 15 0001 6b 16 0001 ff');
  assert.deepEqual(solo.told, [{ type: 'authenticated' }]);
  assert.equal(solo.session.reauthenticate(), true);
});

test('a re-authentication that fails closes the connection [5.0 MQTT-4.12.1-2]', () => {
  for (const [packet, reason] of [
    ['f0 0a 00 08 15 0001 6b 16 0001 00', 0x87],
    ['f0 06 00 04 15 0001 6a', 0x82],
    ['f0 00', 0x82],
  ] as const) {
    const solo = new Solo({ authenticator: new Counting() }).online(5, PROVEN);
    solo.session.reauthenticate();
    solo.written();
    solo.feed(packet);
    assert.deepEqual(ended(solo), [['ended', 'protocol error', reason]], packet);
    // Not authorized is for servers to say: a client's DISCONNECT leaves it unspecified.
    assert.deepEqual(solo.written(), [reason === 0x87 ? 'e00180' : 'e00182']);
    assert.ok(solo.session.finished);
  }
});

test('an AUTH while no re-authentication is under way ends the connection', () => {
  const solo = new Solo({ authenticator: new Counting() }).online(5, PROVEN);
  solo.session.reauthenticate();
  solo.drop().online(5, PROVEN).feed(CHALLENGE);
  assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x82]]);
});

test('a method that throws ends the connection, and not the program', () => {
  for (const call of ['start', 'challenge', 'finish'] as const) {
    const solo = new Solo({ authenticator: failing(call) });
    solo.open(5);
    solo.feed(CHALLENGE, PROVEN);
    assert.deepEqual(ended(solo), [['ended', 'protocol error', 0x87]], call);
    assert.ok(solo.session.finished, call);
  }
});

test('a method that throws while it starts anew is told as not possible', () => {
  const authenticator = new Counting();
  const solo = new Solo({ authenticator }).online(5, PROVEN);
  Object.assign(authenticator, { start: failing('start').start });
  solo.written();
  assert.equal(solo.session.reauthenticate(), false);
  assert.deepEqual(solo.written(), []);
});

test('no AUTH is larger than the broker takes [5.0 MQTT-3.2.2-15]', () => {
  const connack = '20 10 00 00 0d 15 0001 6b 16 0001 ff 27 0000000b';
  const solo = new Solo({ authenticator: new Counting() }).online(5, connack);
  solo.written();
  assert.equal(solo.session.reauthenticate(), false);
  assert.deepEqual(solo.written(), []);
  // What one connection allowed says nothing about the next.
  solo.drop().open(5);
  assert.deepEqual(solo.feed(CHALLENGE).written(), [ANSWER]);
});
