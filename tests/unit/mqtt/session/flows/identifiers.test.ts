import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowDevice } from '../../../../support/flow-device.ts';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const COUNT = 70_000;
const BATCH = 1_000;
/** As `OutboxSource` numbers its records. */
const FORCED_IDS = 0x7fff;

/** Watches the wire: identifiers that are used while they are in use, and how many messages went. */
function watch(device: FlowDevice) {
  const open = new Set<number>();
  const seen = { wrong: [] as string[], publishes: 0, ids: new Set<number>() };
  device.wire.keeps = false;
  device.wire.onPacket = ({ packet, way }) => {
    const { cmd, messageId = 0 } = packet;
    const opens = cmd === 'subscribe' || (cmd === 'publish' && packet.qos > 0);
    if (way === 'up' && opens) {
      if (messageId === 0 || open.has(messageId)) seen.wrong.push(`${cmd} ${messageId}`);
      open.add(messageId);
      seen.ids.add(messageId);
      if (cmd === 'publish') seen.publishes += 1;
    } else if (way === 'down' && (cmd === 'puback' || cmd === 'pubcomp' || cmd === 'suback')) {
      open.delete(messageId);
    }
  };
  return seen;
}

/** Sends messages in batches until all are settled. */
function sendAll(world: FlowWorld, device: FlowDevice, packetIdOf: (token: number) => number) {
  let token = device.source.depth;
  for (let sent = 0; sent < COUNT; sent += BATCH) {
    for (let i = 0; i < BATCH; i++) {
      token += 1;
      device.source.add('t', 'x', 1, { packetId: packetIdOf(token) });
    }
    device.connection.pump();
    world.run(BATCH);
  }
}

for (const version of VERSIONS) {
  const session = { windowMax: 64, ackTimeoutMs: 0xffffffff };

  test(`version ${version}: 70,000 messages beside a request that is never answered use no identifier that is in use, and never 0 [3.1.1 MQTT-2.3.1-1, 2.3.1-2, 4.3.2-1] [5.0 MQTT-2.2.1-3, 4.3.2-1]`, () => {
    const world = new FlowWorld();
    world.broker.books.keepsPublished = false;
    world.broker.misbehave({ answer: ({ kind }) => (kind === 'suback' ? 'drop' : 'send') });
    const device = world.online({ version, session });
    const seen = watch(device);
    const stuck = device.session.subscribe([{ filter: 'cmd', qos: 0 }], device.clock.now());
    assert.notEqual(stuck, 0);
    sendAll(world, device, () => 0);
    assert.deepEqual(seen.wrong, []);
    assert.equal(seen.publishes, COUNT);
    assert.equal(device.source.depth, 0);
    assert.equal(seen.ids.size, 0x8000, 'every identifier of the session was used');
    assert.equal(device.wire.connections, 1);
    world.assertClean();
  });

  test(`version ${version}: 70,000 messages whose source names the identifiers go round without one that is in use [3.1.1 MQTT-2.3.1-1, 2.3.1-2] [5.0 MQTT-2.2.1-3]`, () => {
    const world = new FlowWorld();
    world.broker.books.keepsPublished = false;
    const device = world.online({ version, session });
    const seen = watch(device);
    sendAll(world, device, (token) => ((token - 1) % FORCED_IDS) + 1);
    assert.deepEqual(seen.wrong, []);
    assert.equal(seen.publishes, COUNT);
    assert.equal(device.source.depth, 0);
    assert.deepEqual([seen.ids.size, Math.max(...seen.ids)], [FORCED_IDS, FORCED_IDS]);
    world.assertClean();
  });

  test(`version ${version}: an identifier that its source names while a QoS 2 exchange still holds it gives way to a free one [3.1.1 MQTT-2.3.1-2, 4.3.3-1] [5.0 MQTT-2.2.1-3, 4.3.3-1]`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session: { ...session, windowMax: 1_000 } });
    world.broker.misbehave({ answer: ({ kind }) => (kind === 'pubcomp' ? 'drop' : 'send') });
    // Stuck in its last step, over reconnects too.
    device.publish('t', 'stuck', 2, { packetId: 5 });
    world.run(100);
    for (let round = 0; round < 3; round++) {
      device.publish('t', ['x', 'y'], 1, { packetId: 5 });
      device.publish('t', 'z', 2, { packetId: 5 });
      world.run(100);
      world.reset(device);
      world.untilOnline(device);
      world.run(100);
    }
    const ids = device.wire.all('up', 'publish').map(({ packet }) => packet.messageId);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids[0], 5);
    assert.ok(ids.slice(1).every((id) => (id as number) >= 0x8000));
    assert.equal(device.source.depth, 0);
    world.assertClean();
  });

  test(`version ${version}: a QoS 2 exchange that hangs in its last step holds up nothing but itself, and the deadline of the connection ends that`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session: { windowMax: 8 } });
    let hangs = true;
    world.broker.misbehave({
      answer: ({ kind }) => (kind === 'pubcomp' && hangs ? 'drop' : 'send'),
    });
    device.publish('t', 'stuck', 2);
    device.publish(
      't',
      Array.from({ length: 100 }, (_, i) => `${i}`),
      1,
    );
    world.run(15_000);
    assert.equal(device.source.depth, 0, 'all went by');
    assert.equal(world.arrived('t').length, 101);
    world.until(() => !device.isOnline, 20_000);
    assert.equal(device.figures.lastError.name, 'acknowledgement timed out');
    hangs = false;
    world.untilOnline(device);
    world.run(1_000);
    assert.equal(device.source.depth, 0);
    assert.equal(world.arrived('t').length, 101);
    world.assertClean();
  });
}
