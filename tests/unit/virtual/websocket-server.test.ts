/** The virtual WebSocket server: what it does to clients, and what it holds against them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocketNetwork } from '../../../firmware/network/websocket/websocket-network.ts';
import type { TransportHandler } from '../../../firmware/ports.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import { Internet, type ServerEnd, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { webSocketDoor } from '../../../host-sim/virtual/websocket-server.ts';

const TARGET = { host: 'broker.test', address: '10.0.0.1', port: 9001, path: '/mqtt' };
/** From the standard, 1.3: the key, and a request with it. */
const REQUEST =
  'GET /mqtt HTTP/1.1\r\nHost: broker.test:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Protocol: mqtt\r\n\r\n';

function world(seed: number) {
  const queue = new EventQueue();
  const random = new SeededRandom(seed);
  const internet = new Internet(queue);
  const network = new VirtualNetwork(internet, random.fork('link'));
  const offences: string[] = [];
  /** Echoes what it gets. */
  const serve = (end: ServerEnd) => {
    const into = new Uint8Array(512);
    end.handler = {
      opened() {},
      readable() {
        for (let n = end.read(into, 0, 512); n > 0; n = end.read(into, 0, 512)) {
          if (into[0] === 0xff) end.close();
          else end.write(into, 0, n);
        }
      },
      writable() {},
      closed() {},
    };
  };
  const door = webSocketDoor({
    queue,
    random: random.fork('server'),
    authorities: ['broker.test:9001'],
    path: '/mqtt',
    offence: (text) => offences.push(text),
  });
  internet.listen('10.0.0.1', 9001, (end) => door(end, serve));
  return { queue, random, network, offences };
}

function recorder() {
  const told: string[] = [];
  const handler: TransportHandler = {
    opened: () => told.push('opened'),
    readable: () => told.push('readable'),
    writable: () => told.push('writable'),
    closed: (reason) => told.push(`closed: ${reason}`),
  };
  return { told, handler };
}

test('the firmware’s client gets its bytes back whole, over many connections, without an offence', () => {
  let pieces = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const { queue, random, network, offences } = world(seed);
    if (seed % 2 === 0) network.change({ fragmentBytesMin: 1, fragmentBytesMax: 3 });
    const ws = new WebSocketNetwork(network, {
      random: random.fork('masks'),
      defaultPort: 80,
      later: (work) => queue.after(0, work),
    });
    const { told, handler } = recorder();
    const transport = ws.connect(TARGET, handler);
    assert.ok(
      queue.runUntil(() => told.includes('opened'), 20_000),
      `${seed}: ${told}`,
    );
    const sent: number[] = [];
    const got: number[] = [];
    const into = new Uint8Array(300);
    const drain = () => {
      for (let n = transport.read(into, 0, 300); n > 0; n = transport.read(into, 0, 300)) {
        got.push(...into.subarray(0, n));
        pieces += 1;
      }
    };
    for (let i = 0; i < 30; i += 1) {
      const bytes = Uint8Array.from({ length: random.between(1, 200) }, () => random.below(255));
      assert.equal(transport.write(bytes, 0, bytes.length), bytes.length);
      sent.push(...bytes);
      for (let at = 0; at < 4; at += 1) {
        queue.runFor(100);
        drain();
      }
    }
    queue.runFor(5_000);
    drain();
    assert.deepEqual(got, sent, `seed ${seed}`);
    transport.write(Uint8Array.of(0xff), 0, 1);
    const hasEnded = () => {
      drain();
      return told.at(-1)!.startsWith('closed');
    };
    queue.runUntil(hasEnded, queue.now + 5_000);
    assert.equal(told.at(-1), 'closed: closed by peer');
    assert.deepEqual(offences, [], `seed ${seed}`);
  }
  assert.ok(pieces > 60 * 30, `${pieces} pieces`);
});

test('whatever a client must not do is held against it', () => {
  const cases: [string, RegExp, ...number[][]][] = [
    [REQUEST.replace('HTTP/1.1', 'HTTP/1.0'), /asks 'GET/],
    [REQUEST.replace('broker.test:9001', 'broker.test'), /asks the host/],
    [REQUEST.replace('dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZQ=='), /not of 16 bytes/],
    [REQUEST.replace('Protocol: mqtt', 'Protocol: chat'), /not for MQTT/],
    [`${REQUEST}x`, /bytes behind the request/],
    [REQUEST, /without a mask/, [0x82, 1, 9, 9, 9, 9, 9]],
    [REQUEST, /reserved bits/, [0xc2, 0x81, 1, 2, 3, 4, 9]],
    [REQUEST, /not the shortest/, [0x82, 0xfe, 0, 5, 1, 2, 3, 4]],
    [REQUEST, /opcode 1/, [0x81, 0x81, 1, 2, 3, 4, 9]],
    [REQUEST, /a control frame/, [0x09, 0x80, 1, 2, 3, 4]],
    [REQUEST, /out of place/, [0x80, 0x80, 1, 2, 3, 4]],
    [REQUEST, /nobody asked for/, [0x8a, 0x80, 1, 2, 3, 4]],
    [REQUEST, /alike/, [0x82, 0x80, 1, 2, 3, 4, 0x82, 0x80, 1, 2, 3, 4]],
    [REQUEST, /after its close/, [0x88, 0x80, 1, 2, 3, 4, 0x82, 0x80, 1, 2, 3, 5]],
  ];
  for (const [request, expected, frames = []] of cases) {
    const { queue, network, offences } = world(3);
    const { told, handler } = recorder();
    const transport = network.connect(TARGET, handler);
    queue.runUntil(() => told.includes('opened'));
    const bytes = Buffer.from(request, 'latin1');
    transport.write(bytes, 0, bytes.length);
    queue.runFor(100);
    transport.write(Uint8Array.from(frames), 0, frames.length);
    queue.runFor(1_000);
    assert.equal(offences.length, 1, `${expected}: ${offences}`);
    assert.match(offences[0], expected);
  }
});
