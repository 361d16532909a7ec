import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Will } from '../../../firmware/mqtt/codec/encode.ts';
import { encodeProperties } from '../../../firmware/mqtt/codec/property-values.ts';
import { FlowWorld, VERSIONS } from '../../support/flow-world.ts';

const encoder = new TextEncoder();
const DELAY_S = 30;

const will = (properties?: Uint8Array): Will => ({
  topic: encoder.encode('status'),
  payload: encoder.encode('lost'),
  qos: 1,
  retain: true,
  properties,
});

/** The messages on `status`, with the world times at which they were published. */
function statusOf(world: FlowWorld): [time: number, payload: string][] {
  const seen: [number, string][] = [];
  world.broker.subscriber('status', ({ time, payload }) => {
    seen.push([time, Buffer.from(payload).toString()]);
  });
  return seen;
}

for (const version of VERSIONS) {
  test(`version ${version}: a goodbye writes DISCONNECT behind what waits, closes, sends nothing more, and no will is published [3.1.1 MQTT-3.14.1-1, 3.14.4-1, 3.14.4-2] [5.0 MQTT-3.14.1-1, 3.14.4-1, 3.14.4-2]`, () => {
    const world = new FlowWorld();
    const session = { will: will(), transmitBytes: 1024 };
    const device = world.online({ version, session });
    const seen = statusOf(world);
    // What waits takes two seconds to be written.
    device.network.change({ sendBufferBytes: 10, bytesPerSecond: 100 });
    device.publish('t', ['a'.repeat(60), 'b'.repeat(60)], 1);
    device.connection.stop();
    device.publish('t', 'c', 1);
    world.run(60_000);
    const [, first, second, last, more] = device.wire.up();
    assert.match(first, /t=a{60} qos1$/);
    assert.match(second, /t=b{60} qos1$/);
    assert.deepEqual([last, more], ['disconnect', undefined]);
    assert.equal(device.supervisor.state, 'stopped');
    assert.equal(device.deadline(), Number.POSITIVE_INFINITY);
    assert.equal(world.broker.books.connections[0].end, 'client: DISCONNECT');
    assert.deepEqual(seen, []);
    assert.equal(device.wire.connections, 1);
    world.assertClean();
  });

  test(`version ${version}: a goodbye that cannot be written is given up in time`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    device.network.change({ losesUp: true, sendBufferBytes: 10 });
    device.publish('t', 'a'.repeat(60), 1);
    const start = world.queue.now;
    device.connection.stop();
    world.until(() => device.supervisor.state === 'stopped', 10_000);
    assert.ok(world.queue.now - start <= 3_000);
  });

  test(`version ${version}: after a goodbye the next start takes up the session and what was not acknowledged`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    world.broker.misbehave({ answer: () => 'drop' });
    device.publish('t', 'a', 1);
    device.connection.stop();
    world.until(() => device.supervisor.state === 'stopped', 10_000);
    world.broker.behave();
    device.connection.start();
    world.untilOnline(device);
    world.run(100);
    assert.equal(device.told.at(-1), 'connected present');
    assert.equal(device.wire.up()[1], 'publish 32768 t=a qos1 dup');
    assert.equal(device.source.depth, 0);
    world.assertClean();
  });

  test(`version ${version}: a connection that is killed has its will published [3.1.1 MQTT-3.1.2-9] [5.0 MQTT-3.1.2-9]`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session: { will: will() } });
    const seen = statusOf(world);
    device.network.change({ connect: 'refused' });
    world.reset(device);
    world.run(1_000);
    assert.equal(seen.length, 1);
    assert.equal(Buffer.from(world.broker.retained('status') ?? []).toString(), 'lost');
    world.assertClean();
  });

  test(`version ${version}: a board without power is missed after one and a half keep-alives`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session: { will: will(), keepAliveS: 20 } });
    const seen = statusOf(world);
    const cutAt = world.queue.now;
    device.cut();
    world.run(60_000);
    assert.equal(seen.length, 1);
    assert.ok(seen[0][0] - cutAt <= 30_000);
  });
}

test('a will with a delay is published when the delay has passed, and not if the board is back before [5.0 MQTT-3.1.2-9]', () => {
  const properties = encodeProperties({ willDelay: DELAY_S });
  for (const awayMs of [DELAY_S * 1_000 - 5_000, DELAY_S * 1_000 + 5_000]) {
    const world = new FlowWorld();
    const device = world.online({ version: 5, session: { will: will(properties) } });
    const seen = statusOf(world);
    device.network.change({ connect: 'refused' });
    const lostAt = world.queue.now;
    world.reset(device);
    device.connection.stop();
    world.run(awayMs);
    device.network.change({ connect: 'accept' });
    device.connection.start();
    world.untilOnline(device);
    world.run(60_000);
    const expected = awayMs < DELAY_S * 1_000 ? [] : [[lostAt + DELAY_S * 1_000, 'lost']];
    assert.deepEqual(seen, expected);
    world.assertClean();
  }
});

test('a goodbye with reason 0x04 has the will published all the same [5.0 MQTT-3.14.2-1]', () => {
  const world = new FlowWorld();
  const device = world.online({ version: 5, session: { will: will() } });
  const seen = statusOf(world);
  device.session.disconnect(4, device.clock.now());
  device.connection.pump();
  world.run(1_000);
  assert.equal(device.wire.up(1).at(-1), 'disconnect 0x4');
  assert.equal(seen.length, 1);
  world.assertClean();
});
