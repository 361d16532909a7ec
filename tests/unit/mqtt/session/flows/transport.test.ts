import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkConditions } from '../../../../../host-sim/virtual/link.ts';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const LINKS: readonly [string, Partial<LinkConditions>][] = [
  ['one byte at a time', { fragmentBytesMin: 1, fragmentBytesMax: 1 }],
  ['all of a tenth of a second in one piece', { coalesceMs: 100 }],
  ['a send buffer of 7 bytes', { sendBufferBytes: 7 }],
  ['a send buffer of 1 byte, and 3 to receive', { sendBufferBytes: 1, receiveBufferBytes: 3 }],
  ['pieces of any size, late', { fragmentBytesMin: 1, fragmentBytesMax: 40, latencyMsMax: 300 }],
  ['200 bytes a second', { bytesPerSecond: 200, sendBufferBytes: 60 }],
];

for (const version of VERSIONS) {
  for (const [name, link] of LINKS) {
    test(`version ${version}, ${name}: every flow in both directions is the same [3.1.1 MQTT-7.1.2-1] [5.0 MQTT-4.2.0-1]`, () => {
      const world = new FlowWorld({ topicAliasMaximum: 2 });
      const device = world.online({
        version,
        link,
        session: { transmitBytes: 512, receiveBytes: 256, aliasesIn: 2, windowMax: 4 },
        subscriptions: [{ filter: 'cmd/#', qos: 2 }],
      });
      world.run(3_000);
      const sent: string[] = [];
      const expected: string[] = [];
      for (let i = 0; i < 24; i++) {
        const qos = (i % 3) as 0 | 1 | 2;
        // From a one-byte length to a two-byte one.
        const payload = `${i}`.padEnd(i * 7, '.');
        device.publish('t', payload, qos, { repeats: i % 2 === 0 });
        sent.push(payload);
        const topic = `cmd/${i % 2}`;
        world.broker.publish({ topic, payload, qos });
        expected.push(`${topic}=${payload} qos${qos}`);
      }
      world.run(120_000);
      assert.deepEqual([...world.arrived('t')].sort(), [...sent].sort());
      const reliable = (list: string[], skip: number) => list.filter((_, i) => i % 3 !== skip);
      assert.deepEqual(reliable(world.arrived('t').sort(byNumber), 0), reliable(sent, 0));
      assert.deepEqual(device.messages, expected);
      assert.equal(device.source.depth, 0);
      assert.equal(device.wire.connections, 1);
      world.assertClean();
    });
  }

  test(`version ${version}: radio gaps shorter than the patience of either side cost time, and nothing else`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, link: { latencyMsMax: 50 } });
    const payloads = Array.from({ length: 40 }, (_, i) => `${i}`);
    for (const payload of payloads) {
      device.publish('t', payload, 2);
      device.network.change({ paused: Number(payload) % 4 !== 3 });
      world.run(4_000);
    }
    device.network.change({ paused: false });
    world.run(5_000);
    assert.deepEqual(world.arrived('t'), payloads);
    assert.equal(device.wire.connections, 1);
    world.assertClean();
  });

  test(`version ${version}: the window is refilled with every acknowledgement: sixteen messages are always under way`, () => {
    const world = new FlowWorld();
    const device = world.online({
      version,
      session: { windowMax: 16, transmitBytes: 4_096, receiveBytes: 1_024 },
      link: { latencyMsMin: 50, latencyMsMax: 50 },
    });
    const payloads = Array.from({ length: 1_600 }, (_, i) => `${i}`);
    const start = world.queue.now;
    device.publish('t', payloads, 1);
    world.until(() => device.source.depth === 0);
    // A round trip of 100 ms for each sixteen, and not a moment more.
    assert.equal(world.queue.now - start, 10_000);
    assert.deepEqual(world.arrived('t'), payloads);
    world.assertClean();
  });

  test(`version ${version}: acknowledgements that come one by one each let one message go at once`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session: { windowMax: 4 } });
    let place = 0;
    world.broker.misbehave({ answer: () => ({ delayMs: 100 + 7 * place++ }) });
    device.publish(
      't',
      Array.from({ length: 50 }, (_, i) => `${i}`),
      1,
    );
    world.run(10_000);
    const acknowledged = device.wire.all('down', 'puback').map(({ at }) => at);
    const sent = device.wire.all('up', 'publish').map(({ at }) => at);
    assert.equal(sent.length, 50);
    assert.deepEqual(sent.slice(4), acknowledged.slice(0, 46));
    world.assertClean();
  });
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10);
}
