import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowDevice } from '../../../../support/flow-device.ts';
import { FlowWorld } from '../../../../support/flow-world.ts';

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** The most messages that were unacknowledged at once, as the wire showed it. */
function mostInFlight(device: FlowDevice, connection = device.wire.connections): number {
  const open = new Set<number>();
  let most = 0;
  for (const { packet, connection: on } of device.wire.packets) {
    if (on !== connection) continue;
    if (packet.cmd === 'publish' && packet.qos > 0) open.add(packet.messageId as number);
    else if (packet.cmd === 'pubrel') open.add(packet.messageId as number);
    else if (packet.cmd === 'puback' || packet.cmd === 'pubcomp') {
      open.delete(packet.messageId as number);
    }
    most = Math.max(most, open.size);
  }
  return most;
}

test('a receive maximum of 1 gives one message at a time, of either QoS, and all arrive in order [5.0 MQTT-3.3.4-7, 4.9.0-1, 4.9.0-2]', () => {
  for (const qos of [1, 2] as const) {
    const world = new FlowWorld({ receiveMaximum: 1 });
    const device = world.online({ version: 5, link: { latencyMsMin: 20, latencyMsMax: 60 } });
    device.publish('t', LETTERS, qos);
    world.run(5_000);
    assert.equal(mostInFlight(device), 1);
    assert.deepEqual(world.arrived('t'), LETTERS);
    assert.equal(device.source.depth, 0);
    world.assertClean();
  }
});

test('a used-up receive maximum delays PUBLISH above QoS 0 only: QoS 0, SUBSCRIBE and acknowledgements pass [5.0 MQTT-3.3.4-8, 4.9.0-3]', () => {
  const world = new FlowWorld({ receiveMaximum: 1 });
  const device = world.online({
    version: 5,
    sources: 2,
    session: { keepAliveS: 10 },
    subscriptions: [{ filter: 'cmd', qos: 2 }],
  });
  world.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  device.publish('t', ['a', 'b'], 1);
  const before = device.wire.up().length;
  device.sources[1].add('status', 'x', 0);
  device.session.subscribe([{ filter: 'more', qos: 0 }], device.clock.now());
  device.connection.pump();
  world.broker.publish({ topic: 'cmd', payload: 'go', qos: 2 });
  world.run(15_000);
  assert.deepEqual(device.wire.up().slice(before), [
    'subscribe 32770',
    'publish status=x qos0',
    'pubrec 1',
    'pubcomp 1',
    'pingreq',
  ]);
  world.assertClean();
});

test('a receive maximum below what was in flight holds the redeliveries back, in order, and delays no PUBREL [5.0 MQTT-3.3.4-7, 3.3.4-8, 4.4.0-1, 4.6.0-1]', () => {
  const world = new FlowWorld();
  const device = world.online({ version: 5 });
  // Message g gets its PUBREC; nothing else is answered.
  world.broker.misbehave({
    answer: ({ kind, topic }) => (kind === 'pubrec' && topic === 'g' ? 'send' : 'drop'),
  });
  device.publish('t', LETTERS.slice(0, 6), 1);
  device.publish('g', 'x', 2);
  world.run(100);
  assert.equal(device.wire.up().at(-1), 'pubrel 32774');
  world.broker.configure({ receiveMaximum: 2 });
  world.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  world.reset(device);
  device.publish('t', LETTERS.slice(6), 1);
  world.untilOnline(device);
  world.run(100);
  assert.deepEqual(device.wire.up(), [
    'connect',
    'pubrel 32774',
    'publish 32768 t=a qos1 dup',
    'publish 32769 t=b qos1 dup',
  ]);
  world.broker.behave();
  world.reset(device);
  world.untilOnline(device);
  world.run(500);
  assert.equal(mostInFlight(device), 2);
  const again = device.wire.up().filter((words) => words.endsWith(' dup'));
  assert.deepEqual(
    again,
    LETTERS.slice(0, 6).map((letter, i) => `publish ${32768 + i} t=${letter} qos1 dup`),
  );
  assert.equal(device.source.depth, 0);
  assert.deepEqual(world.arrived('g'), ['x']);
  assert.deepEqual([...new Set(world.arrived('t'))], LETTERS);
  world.assertClean();
});

test('a redelivery that the receive maximum holds back has no deadline before it is sent [5.0 MQTT-4.9.0-2]', () => {
  const world = new FlowWorld();
  const device = world.online({ version: 5 });
  world.run(60_000);
  device.network.change({ losesUp: true });
  device.publish('t', LETTERS, 1);
  world.run(100);
  // Forty seconds for all of them, five for each.
  world.broker.configure({ receiveMaximum: 1 });
  world.broker.misbehave({ answer: () => ({ delayMs: 5_000 }) });
  world.reset(device);
  world.untilOnline(device);
  world.run(41_000);
  assert.equal(device.wire.connections, 2);
  assert.equal(device.source.depth, 0);
  assert.deepEqual(world.arrived('t'), LETTERS);
  world.assertClean();
});

test('many PUBRELs under a small receive maximum all go again at once [5.0 MQTT-3.3.4-8, 4.4.0-1, 4.6.0-4]', () => {
  const world = new FlowWorld();
  const device = world.online({ version: 5 });
  world.broker.misbehave({ answer: ({ kind }) => (kind === 'pubcomp' ? 'drop' : 'send') });
  device.publish('t', LETTERS, 2);
  world.run(100);
  world.broker.configure({ receiveMaximum: 2 });
  world.reset(device);
  world.untilOnline(device);
  world.run(100);
  assert.deepEqual(
    device.wire.up().slice(1),
    LETTERS.map((_, i) => `pubrel ${32768 + i}`),
  );
  world.assertClean();
});

test('the QoS of messages is lowered to what the broker takes [5.0 MQTT-3.2.2-11]', () => {
  for (const maximumQos of [0, 1] as const) {
    const world = new FlowWorld({ maximumQos });
    const device = world.online({ version: 5 });
    device.publish('t', 'a', 2);
    device.publish('t', 'b', 1);
    device.publish('t', 'c', 0);
    world.run(100);
    const { published } = world.broker.books;
    assert.deepEqual(
      published.map(({ qos }) => qos),
      [maximumQos, maximumQos, 0],
    );
    assert.equal(device.source.depth, 0);
    world.assertClean();
  }
});

test('a message in flight is lowered too when the broker comes back with a smaller maximum QoS [5.0 MQTT-3.2.2-11]', () => {
  for (const maximumQos of [0, 1] as const) {
    const world = new FlowWorld();
    const device = world.online({ version: 5 });
    device.network.change({ losesUp: true });
    device.publish('t', ['a', 'b'], 2);
    device.publish('t', ['c'], 1);
    world.run(100);
    world.broker.configure({ maximumQos });
    world.reset(device);
    world.untilOnline(device);
    world.run(500);
    assert.deepEqual(world.arrived('t'), ['a', 'b', 'c']);
    assert.equal(device.source.depth, 0);
    assert.equal(device.wire.connections, 2);
    world.assertClean();
  }
});

test('RETAIN is left out where the broker keeps nothing, and used again where it does [5.0 MQTT-3.2.2-14]', () => {
  const world = new FlowWorld({ retainAvailable: false });
  const device = world.online({ version: 5 });
  device.publish('t', 'a', 1, { retain: true });
  world.run(100);
  world.broker.configure({ retainAvailable: true });
  world.reset(device);
  world.untilOnline(device);
  device.publish('t', 'b', 1, { retain: true });
  world.run(100);
  const { published } = world.broker.books;
  assert.deepEqual(
    published.map(({ retain }) => retain),
    [false, true],
  );
  assert.equal(Buffer.from(world.broker.retained('t') ?? []).toString(), 'b');
  world.assertClean();
});

test('a message over the maximum packet size is refused by name and holds up nothing, also when it is due again [5.0 MQTT-3.2.2-15]', () => {
  const world = new FlowWorld({ maximumPacketSize: 120 });
  const device = world.online({ version: 5 });
  const [large] = device.publish('t', 'x'.repeat(120), 1);
  const [fits] = device.publish('t', 'y'.repeat(80), 1);
  world.run(100);
  assert.deepEqual([device.source.reasonOf(large), device.source.reasonOf(fits)], [0x95, 0]);
  device.network.change({ losesUp: true });
  const [grown] = device.publish('t', 'z'.repeat(80), 2);
  const [small] = device.publish('t', 'w', 2);
  world.broker.configure({ maximumPacketSize: 60 });
  world.reset(device);
  world.untilOnline(device);
  world.run(100);
  assert.deepEqual([device.source.reasonOf(grown), device.source.reasonOf(small)], [0x95, 0]);
  assert.equal(device.wire.connections, 2);
  world.assertClean();
});

test('a broker without wildcards or subscription identifiers is told so before anything is sent', () => {
  const world = new FlowWorld({
    wildcardsAvailable: false,
    subscriptionIdentifiersAvailable: false,
  });
  const device = world.online({ version: 5 });
  const now = device.clock.now();
  assert.throws(() => device.session.subscribe([{ filter: 'a/#', qos: 0 }], now), /filter/);
  assert.throws(() => device.session.subscribe([{ filter: 'a', qos: 0 }], now, 5), /subscription/);
  assert.equal(device.wire.up().length, 1);
  world.assertClean();
});
