import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowDevice } from '../../support/flow-device.ts';
import { BROKER_ADDRESS, FlowWorld } from '../../support/flow-world.ts';

/** The versions that the broker was asked for, one by one. */
function asked(world: FlowWorld): (number | undefined)[] {
  return world.broker.books.connections.map(({ version }) => version);
}

for (const versionRefusal of ['return code', 'reason code', 'close'] as const) {
  test(`a broker of 3.1.1 that refuses 5.0 by ${versionRefusal} is soon spoken to in 3.1.1, and remembered [3.1.1 MQTT-3.1.2-2] [5.0 MQTT-3.1.2-2]`, () => {
    const world = new FlowWorld({ versions: [4], versionRefusal });
    const device = world.online();
    const tries = versionRefusal === 'close' ? [5, 5, 4] : [5, 4];
    assert.deepEqual(asked(world), tries);
    assert.ok(world.queue.now < 4_000, `${world.queue.now} ms`);
    assert.equal(device.supervisor.preferredVersion, 4);
    assert.equal(device.figures.lastErrorKind, 'none', 'a way that was found is no failure');
    // However the connection ends from here on, the choice stays.
    for (const how of ['close', 'reset'] as const) {
      world.run(70_000);
      world.broker.drop('mote', how);
      world.until(() => !device.isOnline);
      world.untilOnline(device);
    }
    world.broker.misbehave({ connect: 'close' });
    world.reset(device);
    world.until(() => device.wire.connections === tries.length + 4);
    world.broker.behave();
    world.untilOnline(device);
    assert.deepEqual([...new Set(asked(world).slice(tries.length))], [4]);
    const { preferredVersion } = device.supervisor;
    const rebooted = world.online({ supervisor: { rememberedVersion: preferredVersion } });
    assert.equal(asked(world).at(-1), 4);
    assert.equal(rebooted.wire.connections, 1);
  });
}

test('a broker of 5.0 alone is found from a memory of 3.1.1', () => {
  // What was accepted once is held on to for a longer row of closes.
  for (const [versionRefusal, triesMax] of [
    ['return code', 2],
    ['close', 15],
  ] as const) {
    const world = new FlowWorld({ versions: [5], versionRefusal });
    const device = world.online({ supervisor: { rememberedVersion: 4 } });
    assert.equal(device.supervisor.preferredVersion, 5);
    assert.equal(asked(world).at(-1), 5);
    assert.ok(asked(world).length <= triesMax, `${asked(world)}`);
  }
});

test('a broker that accepted 5.0 and then restarts for long is not left for 3.1.1', () => {
  const world = new FlowWorld();
  const device = world.online();
  world.broker.restart({ how: 'close', downMs: 30_000 });
  world.until(() => !device.isOnline);
  world.untilOnline(device);
  assert.deepEqual([...new Set(asked(world))], [5]);
  assert.equal(device.session.version, 5);
  world.assertClean();
});

test('messages in flight cross from 5.0 to 3.1.1 and back with the session', () => {
  const world = new FlowWorld({ topicAliasMaximum: 4 });
  const device = world.online();
  const round = (versions: readonly (4 | 5)[], version: number) => {
    world.before('puback', () => device.network.change({ losesDown: true }));
    const id = device.publish('t', `to ${version}`, 1, { repeats: true })[0] + 0x7fff;
    world.run(100);
    world.broker.configure({ versions, versionRefusal: 'return code' });
    world.reset(device);
    world.untilOnline(device);
    world.run(100);
    assert.equal(device.session.version, version);
    const topic = version === 5 ? 't@1' : 't';
    assert.equal(device.wire.up()[1], `publish ${id} ${topic}=to ${version} qos1 dup`);
  };
  round([4], 4);
  round([5], 5);
  assert.equal(device.source.depth, 0);
  world.assertClean();
});

test('a fixed version is never changed, however it is refused', () => {
  const world = new FlowWorld({ versions: [4] });
  const device: FlowDevice = world.device({ version: 5 });
  device.connection.start();
  world.run(3_600_000);
  assert.deepEqual([...new Set(asked(world))], [5]);
  assert.equal(device.figures.lastError.name, 'unsupported version');
  assert.ok(asked(world).length < 70, `${asked(world).length} attempts in an hour`);
  assert.equal(world.internet.addressOf('broker.test'), BROKER_ADDRESS);
});
