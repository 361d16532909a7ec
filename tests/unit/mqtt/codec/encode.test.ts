import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProperties } from '../../../../firmware/mqtt/codec/property-values.ts';
import { hex, toHex, utf8 } from '../../../support/mqtt-bytes.ts';
import { ListSource } from '../../../support/mqtt-list-source.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

const PLAIN = { clientId: 'm', keepAliveS: 60, sessionExpiryS: 0, hasSession: true };
/** What every CONNECT of 5.0 announces: session expiry 0, receive maximum 16, 1,024 bytes. */
const ANNOUNCED = '1100000000 210010 2700000400';
const WILL = { topic: utf8('w'), payload: utf8('x'), qos: 0, retain: false } as const;

function compact(text: string): string {
  return toHex(hex(text));
}

/** The connect flags of a CONNECT in hex: the eighth byte of its body. */
function flagsOf(connect: string): number {
  return Number.parseInt(connect.slice(18, 20), 16);
}

test('CONNECT is the first packet, once, with protocol name and level [3.1.1 MQTT-3.1.0-1, 3.1.0-2, 3.1.2-1] [5.0 MQTT-3.1.0-1, 3.1.0-2, 3.1.2-1]', () => {
  for (const version of [4, 5] as const) {
    const source = new ListSource({ topic: 't', qos: 0 });
    const solo = new Solo(PLAIN, source);
    const first = solo.open(version);
    assert.ok(first.startsWith('10'));
    assert.equal(first.slice(4, 18), `00044d5154540${version}`);
    // The message waits for CONNACK, however often the session is asked.
    assert.deepEqual(solo.wake(100).written(), []);
    solo.feed(version === 5 ? '20 03 00 00 00' : '20 02 00 00');
    const later = solo.wake(40_000).wake(50_000).wake(60_000).written();
    assert.ok(later.length > 0);
    assert.ok(!later.some((packet) => packet.startsWith('1')));
  }
});

test('the payload of CONNECT is in order: identifier, will, user name, password [3.1.1 MQTT-3.1.2-9, 3.1.2-19, 3.1.2-21, 3.1.3-1, 3.1.3-3] [5.0 MQTT-3.1.2-9, 3.1.2-17, 3.1.2-19, 3.1.3-1, 3.1.3-3]', () => {
  const options = { ...PLAIN, username: 'u', password: hex('0000'), will: WILL };
  const fields = '0001 6d';
  const rest = '0001 77 0001 78 0001 75 0002 0000';
  assert.equal(
    new Solo(options).open(4),
    compact(`10 1a 0004 4d515454 04 c4 003c ${fields} ${rest}`),
  );
  assert.equal(
    new Solo(options).open(5),
    compact(`10 29 0004 4d515454 05 c4 003c 0d ${ANNOUNCED} ${fields} 00 ${rest}`),
  );
});

test('without will, user name and password their flags are 0 and their fields are left out [3.1.1 MQTT-3.1.2-3, 3.1.2-11, 3.1.2-13, 3.1.2-15, 3.1.2-18, 3.1.2-20] [5.0 MQTT-3.1.2-3, 3.1.2-11, 3.1.2-13, 3.1.2-16, 3.1.2-18]', () => {
  assert.equal(new Solo(PLAIN).open(4), compact('10 0d 0004 4d515454 04 00 003c 0001 6d'));
  const v5 = `10 1b 0004 4d515454 05 00 003c 0d ${ANNOUNCED} 0001 6d`;
  assert.equal(new Solo(PLAIN).open(5), compact(v5));
});

test('a will sets its flag, its QoS of 0 to 2 and its retain, and the reserved flag stays 0 [3.1.1 MQTT-3.1.2-3, 3.1.2-14] [5.0 MQTT-3.1.2-3, 3.1.2-12]', () => {
  for (const version of [4, 5] as const) {
    for (const qos of [0, 1, 2] as const) {
      for (const retain of [false, true]) {
        const connect = new Solo({ ...PLAIN, will: { ...WILL, qos, retain } }).open(version);
        assert.equal(flagsOf(connect), 4 | (qos << 3) | (retain ? 0x20 : 0));
      }
    }
  }
});

test('a clean start sets its flag and nothing else', () => {
  for (const version of [4, 5] as const) {
    assert.equal(flagsOf(new Solo({ ...PLAIN, cleanStart: true }).open(version)), 2);
  }
});

test('in 3.1.1 an empty identifier asks for a clean session [3.1.1 MQTT-3.1.3-7]', () => {
  assert.equal(flagsOf(new Solo({ ...PLAIN, clientId: '' }).open(4)), 2);
  assert.equal(flagsOf(new Solo({ ...PLAIN, clientId: '' }).open(5)), 0);
});

test('in 3.1.1 a password without a user name comes with an empty one [3.1.1 MQTT-3.1.2-22]', () => {
  const options = { ...PLAIN, password: utf8('p') };
  assert.equal(
    new Solo(options).open(4),
    compact('10 12 0004 4d515454 04 c0 003c 0001 6d 0000 0001 70'),
  );
  assert.equal(flagsOf(new Solo(options).open(5)), 0x40);
});

test('texts of CONNECT are well-formed UTF-8 whatever their strings hold [3.1.1 MQTT-1.5.3-1, 3.1.3-4, 3.1.3-10, 3.1.3-11] [5.0 MQTT-1.5.4-1, 1.5.7-1, 3.1.3-4, 3.1.3-11, 3.1.3-12]', () => {
  const options = {
    ...PLAIN,
    clientId: 'é\udc00',
    username: '\ud83d',
    userProperties: [['\ud800', '😀']] as const,
  };
  const strings = '0005 c3a9efbfbd 0003 efbfbd';
  assert.ok(new Solo(options).open(4).endsWith(compact(strings)));
  const connect = new Solo(options).open(5);
  assert.ok(connect.includes(compact(`26 0003 efbfbd 0004 f09f9880 ${strings}`)));
});

test('CONNECT of 5.0 announces what the session holds, and asks for what its options ask', () => {
  const options = {
    clientId: 'm',
    sessionExpiryS: 3600,
    receiveBytes: 256,
    receiveMax: 3,
    aliasesIn: 2,
    requestResponseInformation: true,
    userProperties: [['k', 'v']] as const,
  };
  const asked = '1100000e10 210003 2700000100 220002 1901 26 0001 6b 0001 76';
  assert.ok(new Solo(options).open(5).includes(compact(asked)));
});

test('will properties go out in 5.0 only', () => {
  const properties = encodeProperties({ willDelay: 30 });
  const options = { ...PLAIN, will: { ...WILL, properties } };
  const will = '0001 77 0001 78';
  assert.ok(new Solo(options).open(5).endsWith(compact(`6d 05 18 0000001e ${will}`)));
  assert.ok(new Solo(options).open(4).endsWith(compact(`6d ${will}`)));
});

test('a CONNECT that the transmit buffer has no room for ends the connection with a reason', () => {
  for (const version of [4, 5] as const) {
    const solo = new Solo({ clientId: 'x'.repeat(200), transmitBytes: 128 });
    assert.equal(solo.open(version), '');
    assert.equal(solo.ending?.cause, 'protocol error');
    assert.ok(String(solo.ending?.detail).includes('no room'));
    assert.ok(solo.session.finished);
  }
});

test('a goodbye is DISCONNECT with flags 0, after which nothing is sent [3.1.1 MQTT-3.14.1-1, 3.14.4-1, 3.14.4-2] [5.0 MQTT-3.14.1-1, 3.14.4-1, 3.14.4-2]', () => {
  for (const version of [4, 5] as const) {
    const source = new ListSource();
    const solo = new Solo({}, source).online(version);
    solo.written();
    solo.session.disconnect(0, 0);
    assert.deepEqual(solo.written(), ['e000']);
    assert.ok(solo.session.finished);
    source.add({ topic: 'late', qos: 1 });
    assert.equal(solo.session.subscribe([{ filter: 'a', qos: 0 }], 0), 0);
    solo.feed(version === 5 ? '32 07 0001 61 0001 00 21' : '32 06 0001 61 0001 21');
    assert.deepEqual(solo.wake(1_000_000).written(), []);
    assert.deepEqual(
      solo.told.map((event) => event.cause),
      ['goodbye'],
    );
  }
});

test('a goodbye that leaves the will says so in 5.0, and is a close without DISCONNECT in 3.1.1', () => {
  const farewells = ([4, 5] as const).map((version) => {
    const solo = new Solo().online(version);
    solo.written();
    solo.session.disconnect(4, 0);
    const written = solo.written();
    assert.ok(solo.session.finished);
    return written;
  });
  assert.deepEqual(farewells, [[], ['e00104']]);
});
