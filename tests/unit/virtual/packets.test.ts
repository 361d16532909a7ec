/** Packets as they pass a network: cut and decoded, told as lines, and nothing secret in them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, type Packet } from 'mqtt-packet';
import type { Network, TransportHandler } from '../../../firmware/ports.ts';
import { packetText } from '../../../host-sim/packets/packet-text.ts';
import {
  type Direction,
  PacketStream,
  TappedNetwork,
} from '../../../host-sim/packets/tapped-network.ts';

function lines(): { told: string[]; stream: PacketStream } {
  const told: string[] = [];
  const stream = new PacketStream((direction, packet) => told.push(packetText(direction, packet)));
  return { told, stream };
}

/** A stream of packets in one version. */
function bytesOf(version: 4 | 5, ...packets: Packet[]): Buffer {
  return Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion: version })));
}

const connect = (protocolVersion: 4 | 5): Packet => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion,
  clientId: 'mote-1',
  clean: true,
  keepalive: 60,
  username: 'anna',
  password: Buffer.from('correct horse'),
  will: { topic: 'mote/1/status', payload: Buffer.from('lost'), qos: 1, retain: true },
});

test('each packet is a line with its fields, in the version that the CONNECT asks for', () => {
  const { told, stream } = lines();
  stream.take('out', bytesOf(5, connect(5)));
  const properties = { receiveMaximum: 20, assignedClientIdentifier: 'x y' };
  stream.take(
    'in',
    bytesOf(5, { cmd: 'connack', reasonCode: 0, sessionPresent: true, properties }),
  );
  stream.take(
    'out',
    bytesOf(
      5,
      { cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'mote/1/command/+', qos: 1 }] },
      {
        cmd: 'publish',
        messageId: 7,
        topic: 'mote/1/telemetry',
        payload: '{"t":21.5}',
        qos: 1,
        dup: true,
        retain: false,
        properties: { topicAlias: 2, userProperties: { 'a b': 'c' } },
      },
      { cmd: 'pingreq' },
    ),
  );
  stream.take('in', bytesOf(5, { cmd: 'suback', messageId: 9, granted: [1] }, { cmd: 'pingresp' }));
  stream.take('in', bytesOf(5, { cmd: 'puback', messageId: 7, reasonCode: 0x87 }));
  stream.take('out', bytesOf(5, { cmd: 'disconnect', reasonCode: 4 }));
  assert.deepEqual(told, [
    "→ CONNECT v5.0 mote-1 keep-alive 60 clean will q1 retain mote/1/status 'lost' username=anna password=(13 bytes)",
    "← CONNACK session present receiveMaximum=20 assignedClientIdentifier='x y'",
    '→ SUBSCRIBE 9 mote/1/command/+ q1',
    "→ PUBLISH 7 q1 dup mote/1/telemetry '{\"t\":21.5}' topicAlias=2 'a b'=c",
    '→ PINGREQ',
    '← SUBACK 9 0x01',
    '← PINGRESP',
    '← PUBACK 7 0x87',
    '→ DISCONNECT 0x04',
  ]);
});

test('in 3.1.1, too, and bytes may come one at a time', () => {
  const { told, stream } = lines();
  const sent = bytesOf(4, connect(4), {
    cmd: 'publish',
    topic: 'a',
    payload: 'b',
    qos: 0,
    dup: false,
    retain: true,
  });
  for (const byte of sent) stream.take('out', Uint8Array.of(byte));
  stream.take('in', bytesOf(4, { cmd: 'connack', returnCode: 5, sessionPresent: false }));
  assert.match(told[0], /^→ CONNECT v3\.1\.1 mote-1 .* password=\(13 bytes\)$/);
  assert.deepEqual(told.slice(1), ["→ PUBLISH q0 retain a 'b'", '← CONNACK no session 0x05']);
});

test('settings that may hold a secret are told by their length', () => {
  const { told, stream } = lines();
  for (const topic of ['mote/1/desired', 'mote/1/desired/password', 'mote/1/desired/key/1/3']) {
    const packet: Packet = {
      cmd: 'publish',
      topic,
      payload: 'hunter2',
      qos: 0,
      dup: false,
      retain: false,
    };
    stream.take('in', bytesOf(4, packet));
  }
  assert.ok(
    told.every((line) => line.endsWith('(7 bytes)')),
    told.join('\n'),
  );
});

test('a line is bounded, and nothing in it moves the cursor', () => {
  const { told, stream } = lines();
  const topic = `a/\u001b[2J${'t'.repeat(4000)}`;
  const payload = `\u001b[2J\n${'x'.repeat(20_000)}`;
  stream.take(
    'in',
    bytesOf(4, { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }),
  );
  assert.ok(told[0].length < 400, `${told[0].length}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(told[0], /[\u0000-\u001f]/);
  assert.match(told[0], /\(20005 bytes\)$/);
  const many = Object.fromEntries(
    Array.from({ length: 900 }, (_, i) => [`name ${i}`, 'v'.repeat(40)]),
  );
  const connack: Packet = { cmd: 'connack', reasonCode: 0, sessionPresent: false };
  const { told: later, stream: other } = lines();
  other.take('out', bytesOf(5, connect(5)));
  other.take('in', bytesOf(5, { ...connack, properties: { userProperties: many } }));
  assert.ok(later[1].length <= 1001, `${later[1].length}`);
});

test('what is no MQTT, or too large to be shown, is told once, and passes all the same', () => {
  for (const [bytes, words] of [
    [[0x30, 0xff, 0xff, 0xff, 0xff, 0x7f], /no MQTT/],
    [[0x30, 0x80, 0x80, 0x08], /over 64 KB/],
  ] as const) {
    const { told, stream } = lines();
    stream.take('in', Uint8Array.from(bytes));
    stream.take('in', bytesOf(4, { cmd: 'pingresp' }));
    stream.take('out', bytesOf(4, { cmd: 'pingreq' }));
    assert.equal(told.length, 2);
    assert.match(told[0], words);
    assert.equal(told[1], '→ PINGREQ', 'the other way is followed');
  }
});

test('a packet that cannot be decoded is told as such', () => {
  const { told, stream } = lines();
  stream.take('in', Uint8Array.of(0x90, 0x01, 0x00));
  assert.equal(told.length, 1);
  assert.match(told[0], /^← /);
});

test('the network with a listener passes on what the one below does, both ways', () => {
  const calls: string[] = [];
  let handler: TransportHandler | undefined;
  const inner: Network = {
    resolve: (host, done) => {
      calls.push(`resolve ${host}`);
      done('10.0.0.1');
      return { cancel: () => calls.push('cancel') };
    },
    connect: (target, given) => {
      calls.push(`connect ${target.address}`);
      handler = given;
      return {
        read: (into) => {
          into.set([0xd0, 0x00]);
          return 2;
        },
        // The socket is full behind the first byte.
        write: () => 1,
        close: () => calls.push('close'),
      };
    },
  };
  const told: [Direction, string][] = [];
  const network = new TappedNetwork(inner, (direction, packet, frame) => {
    told.push([direction, `${typeof packet === 'string' ? packet : packet.cmd} ${frame.length}`]);
  });
  network.resolve('host', (address) => calls.push(address)).cancel();
  const own = (name: string) => () => calls.push(name);
  const transport = network.connect({ address: '10.0.0.1', host: 'host', port: 1 } as never, {
    opened: own('opened'),
    readable: own('readable'),
    writable: own('writable'),
    closed: (reason) => calls.push(`closed ${reason}`),
  });
  handler?.opened();
  handler?.readable();
  handler?.writable();
  assert.equal(transport.read(new Uint8Array(8), 0, 8), 2);
  assert.equal(transport.write(Uint8Array.of(0xc0, 0x00), 0, 2), 1);
  assert.equal(transport.write(Uint8Array.of(0x00), 0, 1), 1);
  transport.close();
  handler?.closed('reset');
  assert.deepEqual(calls, [
    ...['resolve host', '10.0.0.1', 'cancel', 'connect 10.0.0.1'],
    ...['opened', 'readable', 'writable', 'close', 'closed reset'],
  ]);
  assert.deepEqual(told, [
    ['in', 'pingresp 2'],
    ['out', 'pingreq 2'],
  ]);
});
