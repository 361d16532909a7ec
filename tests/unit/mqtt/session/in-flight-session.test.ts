import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProperties } from '../../../../firmware/mqtt/codec/property-values.ts';
import { hex } from '../../../support/mqtt-bytes.ts';
import type { Version } from '../../../support/mqtt-fields.ts';
import { ListSource } from '../../../support/mqtt-list-source.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

const PRESENT: Readonly<Record<Version, string>> = { 4: '20 02 01 00', 5: '20 03 01 00 00' };
const ABSENT: Readonly<Record<Version, string>> = { 4: '20 02 00 00', 5: '20 03 00 00 00' };
const BOTH = [4, 5] as const;

/** What goes out once a new connection is accepted. */
function reconnected(solo: Solo, version: Version, connack: string): string[] {
  solo.drop().open(version);
  return solo.feed(connack).written();
}

/** Identifiers of PUBLISH packets with QoS above 0 and a topic of one byte. */
function identifiers(packets: readonly string[]): number[] {
  return packets.map((packet) => Number.parseInt(packet.slice(10, 14), 16));
}

test('Session Present decides whether what is in flight is sent again or sent anew [3.1.1 MQTT-3.2.2-2, 3.2.2-3] [5.0 MQTT-3.2.2-3, 3.2.2-5]', () => {
  for (const version of BOTH) {
    for (const [connack, first] of [
      [PRESENT[version], '3a'],
      [ABSENT[version], '32'],
    ]) {
      const source = new ListSource({ topic: 't', qos: 1, packetId: 5 });
      const solo = new Solo({}, source).online(version);
      const before = solo.written()[0];
      const after = reconnected(solo, version, connack);
      assert.deepEqual(after, [first + before.slice(2)]);
      assert.deepEqual(solo.told, [
        { type: 'connected', sessionPresent: connack === PRESENT[version] },
      ]);
    }
  }
});

test('a new packet never takes an identifier that is in use, of a message or of a request [3.1.1 MQTT-2.3.1-2] [5.0 MQTT-2.2.1-3]', () => {
  for (const version of BOTH) {
    const source = new ListSource();
    const solo = new Solo({ windowMax: 4 }, source).online(version);
    const stuck = solo.session.subscribe([{ filter: 'a', qos: 0 }], 0);
    source.add({ topic: 't', qos: 1 });
    let [waiting] = identifiers(solo.written().slice(1));
    // Once round all 32,768 identifiers of the allocator, and on.
    for (let count = 0; count < 33_000; count++) {
      source.add({ topic: 't', qos: 1 });
      const [id] = identifiers(solo.written());
      assert.ok(id !== stuck && id !== waiting && id > 0);
      solo.feed(Uint8Array.of(0x40, 2, waiting >> 8, waiting & 0xff));
      waiting = id;
    }
    assert.equal(solo.session.state, 'online');
  }
});

test('an identifier that a source asks for is given to another message while it is in use', () => {
  const two = [1, 2].map(() => ({ topic: 't', qos: 1 as const, packetId: 7 }));
  const solo = new Solo({}, new ListSource(...two)).online(4);
  assert.deepEqual(identifiers(solo.written()), [7, 0x8000]);
});

test('session state outlives silence and everything that the connection carries [3.1.1 MQTT-4.1.0-2] [5.0 MQTT-4.1.0-1]', () => {
  for (const version of BOTH) {
    const source = new ListSource({ topic: 't', qos: 2, packetId: 1 });
    const solo = new Solo({ keepAliveS: 0, ackTimeoutMs: 1e9 }, source).online(version);
    const incoming = version === 5 ? '34 06 0001 61 0009 00' : '34 05 0001 61 0009';
    solo.feed(incoming).wake(5e8).feed('40 02 0033', 'd0 00', incoming);
    assert.equal(solo.told.length, 1);
    solo.written();
    assert.deepEqual(solo.feed('62 02 0009', '50 02 0001').written(), ['70020009', '62020001']);
  }
});

test('a refusing PUBACK or PUBREC ends the message: nothing of it is sent again [5.0 MQTT-4.4.0-2]', () => {
  const source = new ListSource(
    { topic: 't', qos: 1, packetId: 1 },
    { topic: 't', qos: 2, packetId: 2 },
  );
  const solo = new Solo({}, source).online(5);
  solo.feed('40 03 0001 97', '50 03 0002 83');
  assert.deepEqual(source.ended, ['1:97', '2:83']);
  assert.equal(solo.written().length, 2);
  assert.deepEqual(reconnected(solo, 5, PRESENT[5]), []);
});

test('a message that was sent is carried to its end after its expiry [5.0 MQTT-4.3.3-7]', () => {
  const properties = encodeProperties({ messageExpiry: 1 });
  const source = new ListSource({ topic: 't', qos: 2, packetId: 2, properties });
  const solo = new Solo({ ackTimeoutMs: 60_000 }, source).online(5);
  const [first] = solo.written();
  solo.wake(5_000);
  assert.deepEqual(reconnected(solo, 5, PRESENT[5]), [`3c${first.slice(2)}`]);
  solo.wake(9_000);
  assert.deepEqual(solo.feed('50 02 0002').written(), ['62020002']);
});

test('an incoming QoS 2 exchange is completed after its message has expired [5.0 MQTT-4.3.3-13]', () => {
  const solo = new Solo().online(5).feed('34 0b 0001 61 0009 05 02 00000001');
  assert.equal(solo.told.length, 1);
  solo.wake(30_000);
  assert.deepEqual(solo.feed('62 02 0009').written(), ['50020009', '70020009']);
});

test('more than this client can hold closes the connection in 3.1.1 [3.1.1 MQTT-4.8.0-2]', () => {
  const solo = new Solo({ receiveMax: 1 }).online(4);
  solo.feed('34 05 0001 61 0001', '34 05 0001 61 0002');
  assert.equal(solo.ending?.cause, 'protocol error');
  assert.ok(String(solo.ending?.detail).includes('QoS 2'));
  assert.ok(solo.session.finished);
  assert.deepEqual(solo.written(), ['50020001']);
});

test('an acknowledgement that does not come in time closes the connection instead of resending', () => {
  for (const version of BOTH) {
    const source = new ListSource({ topic: 't', qos: 1, packetId: 1 });
    const solo = new Solo({ ackTimeoutMs: 5_000, keepAliveS: 0 }, source).online(version);
    assert.equal(solo.session.deadline(0), 5_000);
    assert.equal(solo.wake(4_999).written().length, 1);
    assert.equal(solo.wake(5_000).ending?.cause, 'acknowledgement timeout');
    assert.deepEqual(solo.written(), version === 5 ? ['e00180'] : []);
  }
});

test('a message that is never answered counts, and takes one place of the receive maximum only [5.0 MQTT-3.3.4-7]', () => {
  const source = new ListSource();
  for (let id = 1; id <= 40; id++) source.add({ topic: 't', qos: 1, packetId: id });
  const solo = new Solo({ windowMax: 8 }, source).online(5, '20 06 00 00 03 21 00 03');
  const open = new Set<number>();
  let sent = 0;
  for (let packets = solo.written(); packets.length > 0; packets = solo.written()) {
    for (const id of identifiers(packets)) open.add(id);
    sent += packets.length;
    assert.ok(open.size <= 3);
    const answered = [...open].filter((id) => id !== 2).at(sent % 2 === 0 ? 0 : -1);
    if (answered === undefined) break;
    open.delete(answered);
    solo.feed(`40 02 ${answered.toString(16).padStart(4, '0')}`);
  }
  assert.equal(sent, 40);
  // The one that is left, and whatever else was not answered, goes again in its order.
  const left = [...open].sort((a, b) => a - b);
  assert.deepEqual(identifiers(reconnected(solo, 5, '20 06 01 00 03 21 00 03')), left);
  assert.ok(left.includes(2));
});

test('a limit of one message, and a time before which none goes out, hold for redeliveries and for new ones, until it is lifted', () => {
  for (const version of BOTH) {
    const source = new ListSource();
    for (let id = 1; id <= 6; id++) source.add({ topic: 't', qos: 1, packetId: id });
    const solo = new Solo({ windowMax: 3 }, source).online(version);
    assert.deepEqual(identifiers(solo.written()), [1, 2, 3]);
    solo.drop().open(version);
    // As a shell does it: between CONNACK and the first message.
    const { session } = solo;
    const connack = hex(PRESENT[version]);
    session.receiveBuffer.bytes.set(connack, session.receiveBuffer.end);
    session.received(connack.length, 0);
    assert.equal(session.nextEvent(0)?.type, 'connected');
    session.limit(1, 2_000);
    solo.wake(1_999);
    assert.deepEqual(solo.written(), []);
    solo.wake(2_000);
    for (const id of [1, 2, 3, 4]) {
      assert.deepEqual(identifiers(solo.written()), [id]);
      solo.feed(Uint8Array.of(0x40, 2, 0, id));
    }
    session.limit(65_535, 0);
    solo.pump();
    assert.deepEqual(identifiers(solo.written()), [5, 6]);
  }
});

test('what has waited longest is known after the end, and whether a younger message was answered', () => {
  for (const version of BOTH) {
    const source = new ListSource();
    for (let id = 1; id <= 3; id++) source.add({ topic: 't', qos: 1, packetId: id });
    const solo = new Solo({ windowMax: 3 }, source).online(version);
    const { inFlight } = solo.session;
    assert.equal(inFlight.packetIdOf(inFlight.oldestSent), 1);
    solo.feed('40 02 00 01');
    assert.equal(inFlight.isOvertaken(inFlight.oldestSent), false, 'an older one');
    solo.feed('40 02 00 03').drop();
    assert.equal(inFlight.packetIdOf(inFlight.oldestSent), 2);
    assert.equal(inFlight.isOvertaken(inFlight.oldestSent), true);
    solo.open(version);
    solo.feed(PRESENT[version]);
    assert.equal(inFlight.packetIdOf(inFlight.oldestSent), 2);
    assert.equal(inFlight.isOvertaken(inFlight.oldestSent), false, 'not on this connection');
  }
});
