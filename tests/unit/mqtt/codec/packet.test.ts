import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packet } from '../../../../firmware/mqtt/codec/packet.ts';
import { hex, packetOf, textHex } from '../../../support/mqtt-bytes.ts';
import { ListSource } from '../../../support/mqtt-list-source.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

function told(version: 4 | 5, ...bytes: string[]) {
  return new Solo({ aliasesIn: 1 }).online(version).feed(...bytes).told;
}

test('a byte order mark is a character of its text, in topics and properties [3.1.1 MQTT-1.5.3-3] [5.0 MQTT-1.5.4-3]', () => {
  const topic = '\ufeffa/\ufeff';
  const v4 = packetOf(0x30, hex(textHex(topic)));
  const user = `26 ${textHex('\ufeff')} ${textHex('\ufeffv')}`;
  const v5 = packetOf(0x30, hex(`${textHex(topic)} 12 03 ${textHex('\ufeff')} ${user}`));
  assert.equal(new Solo().online(4).feed(v4).told[0].topic, topic);
  const [message] = new Solo().online(5).feed(v5).told;
  assert.equal(message.topic, topic);
  assert.deepEqual(message.properties, { contentType: '\ufeff', user: [['\ufeff', '\ufeffv']] });
});

test('a PUBLISH is answered as its QoS requires, with its identifier [3.1.1 MQTT-2.3.1-6, 3.3.4-1, 4.5.0-2] [5.0 MQTT-2.2.1-5, 3.3.4-1, 4.5.0-2]', () => {
  const messages = {
    4: ['30 04 0001 61 21', '32 06 0001 61 1234 21', '34 06 0001 61 ffff 21'],
    5: ['30 05 0001 61 00 21', '32 07 0001 61 1234 00 21', '34 07 0001 61 ffff 00 21'],
  };
  const answers = [[], ['40021234'], ['5002ffff']];
  for (const version of [4, 5] as const) {
    for (const [qos, bytes] of messages[version].entries()) {
      const solo = new Solo().online(version).feed(bytes);
      assert.deepEqual([solo.told.length, solo.written()], [1, answers[qos]]);
    }
    const solo = new Solo().online(version).feed(messages[version][2], '62 02 ffff');
    assert.deepEqual(solo.written(), ['5002ffff', '7002ffff']);
  }
});

test('acknowledgements go out in the order of what they answer [3.1.1 MQTT-4.6.0-2, 4.6.0-3] [5.0 MQTT-4.6.0-2, 4.6.0-3]', () => {
  const ids = ['0005', '0001', '0003'];
  const solo = new Solo().online(4);
  const stream = ids.flatMap((id) => [`32 05 0001 61 ${id}`, `34 05 0001 61 ${id}`]).join('');
  solo.feed(stream);
  assert.deepEqual(
    solo.written(),
    ids.flatMap((id) => [`4002${id}`, `5002${id}`]),
  );
  const v5 = new Solo().online(5);
  v5.feed(ids.flatMap((id) => [`32 06 0001 61 ${id} 00`, `34 06 0001 61 ${id} 00`]).join(''));
  assert.deepEqual(
    v5.written(),
    ids.flatMap((id) => [`4002${id}`, `5002${id}`]),
  );
});

test('no acknowledgement, DISCONNECT or AUTH ever carries a reason string or a user property [5.0 MQTT-3.4.2-2, 3.4.2-3, 3.5.2-2, 3.5.2-3, 3.6.2-2, 3.6.2-3, 3.7.2-2, 3.7.2-3, 3.14.2-3, 3.14.2-4, 3.15.2-2, 3.15.2-3]', () => {
  const authenticator = {
    method: 'k',
    start: () => hex(''),
    challenge: (data: Uint8Array) => data,
    finish: () => true,
  };
  const message = { topic: 't', qos: 2, packetId: 1 } as const;
  const userProperties = [['u', 'v']] as const;
  const solo = new Solo({ authenticator, userProperties }, new ListSource(message));
  solo.online(5, '20 07 00 00 04 15 0001 6b').session.reauthenticate();
  solo.feed('f0 0a 18 08 15 0001 6b 16 0001 ff', '32 06 0001 61 0001 00', '34 06 0001 61 0002 00');
  solo.feed('62 02 0002', '62 02 0003', '50 02 0001', '50 02 0007', '30 00');
  assert.deepEqual(solo.written().slice(1), [
    'f00619041500016b',
    'f00a18081500016b160001ff',
    '40020001',
    '50020002',
    '70020002',
    '7003000392',
    '62020001',
    '6203000792',
    'e00181',
  ]);
});

test('a QoS 0 PUBLISH has neither identifier nor DUP [3.1.1 MQTT-2.3.1-5, 3.3.1-2, 4.3.1-1] [5.0 MQTT-2.2.1-2, 3.3.1-2, 4.3.1-1]', () => {
  // An identifier and a mark of an earlier boot that QoS 0 has no use for.
  const message = { topic: 't', qos: 0, packetId: 9, duplicate: true } as const;
  const solo = new Solo({}, new ListSource(message));
  solo.open(4);
  assert.deepEqual(solo.feed('20 02 01 00').written(), ['3003000174']);
  const v5 = new Solo({ hasSession: true }, new ListSource(message));
  v5.open(5);
  assert.deepEqual(v5.feed('20 03 01 00 00').written(), ['300400017400']);
});

test('packets without properties say so with a length of 0 [5.0 MQTT-2.2.2-1]', () => {
  const solo = new Solo({}, new ListSource({ topic: 't' })).online(5);
  solo.session.subscribe([{ filter: 'a', qos: 0 }], 0);
  solo.session.unsubscribe(['a'], 0);
  const packets = ['3004000174 00', '8207 8000 00 0001 61 00', 'a206 8001 00 0001 61'];
  assert.deepEqual(
    solo.written(),
    packets.map((packet) => packet.replaceAll(' ', '')),
  );
});

test('what an earlier packet said is not read into the next', () => {
  const packet = new Packet();
  const decode = (first: number, body: string, v5: boolean) => {
    const bytes = hex(body);
    packet.decode(first, bytes, 0, bytes.length, v5);
  };
  decode(0x40, '0001 97 05 1f 0002 6e6f', true);
  assert.equal(packet.reason, 0x97);
  decode(0x40, '0002', true);
  assert.deepEqual(
    [packet.reason, packet.properties.users(), packet.properties.has(0x1f)],
    [0, [], false],
  );
  decode(0x3d, '0001 61 0007', false);
  decode(0x30, '0001 61', false);
  assert.deepEqual(
    [packet.qos, packet.packetId, packet.retain, packet.duplicate],
    [0, 0, false, false],
  );
});

test('properties of a message are told, those for a request and its answer among them', () => {
  const [message] = told(5, '30 12 0001 61 0d 08 0003 722f61 09 0002 0102 01 01 7b');
  assert.deepEqual(message.properties, {
    payloadFormat: 1,
    responseTopic: 'r/a',
    correlationData: '0102',
  });
  assert.equal(message.payload, '7b');
});

test('a message keeps its DUP and RETAIN for its owner to see', () => {
  const [message] = told(4, '3b 05 0001 61 0001');
  assert.deepEqual([message.duplicate, message.retain, message.qos], [true, true, 1]);
});
