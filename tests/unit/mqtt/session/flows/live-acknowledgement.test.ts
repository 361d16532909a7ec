import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../../../host-sim/virtual/broker/settings.ts';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBCOMP = 0x70;
/** The first identifier that a session gives away by itself. */
const FIRST = 0x8000;

/** An acknowledgement without reason. */
function acknowledgement(first: number, packetId: number): Uint8Array {
  return Uint8Array.of(first, 2, packetId >> 8, packetId & 0xff);
}

/** Drops all answers of some kinds. */
function drop(world: FlowWorld, ...kinds: Answer['kind'][]): void {
  world.broker.misbehave({ answer: ({ kind }) => (kinds.includes(kind) ? 'drop' : 'send') });
}

for (const version of VERSIONS) {
  for (const [qos, kind] of [
    [1, 'puback'],
    [2, 'pubrec'],
    [2, 'pubcomp'],
  ] as const) {
    test(`version ${version}: nothing is ever sent again on a live connection, however late ${kind} comes [3.1.1 MQTT-4.4.0-1] [5.0 MQTT-4.4.0-1]`, () => {
      const world = new FlowWorld();
      const device = world.online({ version });
      const late = { delayMs: 19_000 };
      world.broker.misbehave({ answer: (one) => (one.kind === kind ? late : 'send') });
      device.publish('t', ['a', 'b'], qos);
      world.run(60_000);
      const up = device.wire.up().filter((words) => words !== 'pingreq');
      const publishes = up.filter((words) => words.startsWith('publish'));
      assert.deepEqual(publishes, [
        `publish ${FIRST} t=a qos${qos}`,
        `publish ${FIRST + 1} t=b qos${qos}`,
      ]);
      assert.equal(up.filter((words) => words.startsWith('pubrel')).length, qos === 2 ? 2 : 0);
      assert.equal(device.wire.connections, 1);
      assert.equal(device.source.depth, 0);
      world.assertClean();
    });

    test(`version ${version}: ${kind} missing past its deadline ends the connection by name, and the next one completes the exchange [3.1.1 MQTT-4.4.0-1] [5.0 MQTT-4.4.0-1, 3.14.2-1]`, () => {
      const world = new FlowWorld();
      const device = world.online({ version });
      drop(world, kind);
      const sentAt = world.queue.now;
      device.publish('t', 'a', qos);
      world.until(() => !device.isOnline, 30_000);
      const waitedMs = world.queue.now - sentAt;
      assert.ok(waitedMs >= 20_000 && waitedMs < 20_050, `${waitedMs} ms`);
      assert.equal(device.figures.lastError.name, 'acknowledgement timed out');
      assert.equal(device.figures.failuresOf('silence'), 1);
      assert.equal(device.told.at(-1), 'ended: acknowledgement timed out');
      if (version === 5) assert.equal(device.wire.up().at(-1), 'disconnect 0x80');
      world.broker.behave();
      world.untilOnline(device);
      world.run(100);
      const again = kind === 'pubcomp' ? 'pubrel' : 'publish';
      assert.equal(device.wire.up()[1].split(' ')[0], again);
      assert.equal(device.source.depth, 0);
      assert.equal(new Set(world.arrived('t')).size, 1);
      if (qos === 2) assert.deepEqual(world.arrived('t'), ['a']);
      world.assertClean();
    });
  }

  test(`version ${version}: a missing SUBACK ends the connection too`, () => {
    const world = new FlowWorld();
    drop(world, 'suback');
    const device = world.online({ version, subscriptions: [{ filter: 'cmd', qos: 1 }] });
    world.until(() => !device.isOnline, 20_100);
    assert.equal(device.figures.lastError.name, 'acknowledgement timed out');
    world.broker.behave();
    world.untilOnline(device);
    world.assertClean();
  });

  test(`version ${version}: each message has its own deadline: a slow QoS 2 exchange before it prolongs none`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    const sentAt = world.queue.now;
    world.broker.misbehave({
      answer: ({ kind }) => {
        if (kind === 'puback' || kind === 'pubcomp') return 'drop';
        return kind === 'pubrec' ? { delayMs: 15_000 } : 'send';
      },
    });
    device.publish('t', 'a', 2);
    device.publish('t', 'b', 1);
    world.until(() => !device.isOnline);
    const waitedMs = world.queue.now - sentAt;
    assert.ok(waitedMs >= 20_000 && waitedMs < 20_050, `${waitedMs} ms`);
  });

  test(`version ${version}: a duplicate PUBACK, and one for an identifier that is not in use, change nothing`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    const [token] = device.publish('t', 'a', 1);
    world.run(100);
    assert.equal(device.source.reasonOf(token), 0);
    const before = device.wire.up().length;
    for (const id of [FIRST, FIRST + 1, 1, 0xffff]) {
      world.broker.send('mote', acknowledgement(PUBACK, id));
      world.broker.send('mote', acknowledgement(PUBCOMP, id));
    }
    world.run(100);
    assert.equal(device.wire.up().length, before);
    device.publish('t', 'b', 1);
    world.run(100);
    assert.equal(device.source.depth, 0);
    assert.equal(device.wire.connections, 1);
    world.assertClean();
  });

  test(`version ${version}: a PUBREC for an identifier that is not in use is answered, and one that comes twice gets its PUBREL twice [3.1.1 MQTT-4.3.3-1] [5.0 MQTT-3.6.2-1, 4.3.3-4]`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    world.broker.send('mote', acknowledgement(PUBREC, 77));
    world.run(100);
    assert.equal(device.wire.up().at(-1), `pubrel 77${version === 5 ? ' 0x92' : ''}`);
    drop(world, 'pubcomp');
    const [token] = device.publish('t', 'a', 2);
    world.run(100);
    world.broker.send('mote', acknowledgement(PUBREC, FIRST));
    world.run(100);
    assert.deepEqual(device.wire.up().slice(-2), [`pubrel ${FIRST}`, `pubrel ${FIRST}`]);
    assert.equal(device.source.reasonOf(token), 0);
    assert.equal(device.isOnline, true);
  });

  test(`version ${version}: an acknowledgement of the wrong kind ends the connection as a protocol error, and loses nothing [3.1.1 MQTT-4.8.0-1] [5.0 MQTT-4.13.1-1, 3.14.2-1]`, () => {
    const suback = version === 5 ? [4, 0x80, 0, 0, 1] : [3, 0x80, 0, 1];
    const wrong = [
      [1, acknowledgement(PUBREC, FIRST)],
      [1, acknowledgement(PUBCOMP, FIRST)],
      [2, acknowledgement(PUBACK, FIRST)],
      [2, acknowledgement(PUBCOMP, FIRST)],
      [1, Uint8Array.of(0x90, ...suback)],
    ] as const;
    for (const [qos, bytes] of wrong) {
      const world = new FlowWorld();
      const device = world.online({ version });
      drop(world, 'puback', 'pubrec');
      device.publish('t', 'a', qos);
      world.run(100);
      world.broker.send('mote', bytes);
      world.until(() => !device.isOnline, 100);
      assert.equal(device.figures.lastError.name, 'protocol error');
      assert.match(device.details[0], /acknowledgement of the wrong kind/);
      if (version === 5) assert.equal(device.wire.up().at(-1), 'disconnect 0x82');
      world.broker.behave();
      world.untilOnline(device);
      world.run(100);
      assert.equal(device.wire.up()[1], `publish ${FIRST} t=a qos${qos} dup`);
      assert.equal(device.source.depth, 0);
      world.assertClean();
    }
  });
}

test('a PUBACK or PUBREC of 0x80 or above ends the message: it is told, and never sent again [5.0 MQTT-4.4.0-2, 4.3.3-4]', () => {
  for (const qos of [1, 2] as const) {
    const world = new FlowWorld();
    const device = world.online({ version: 5 });
    world.broker.misbehave({ publishReason: (topic) => (topic === 'no' ? 0x87 : 0) });
    const [refused] = device.publish('no', 'a', qos);
    const [taken] = device.publish('yes', 'b', qos);
    world.run(100);
    assert.equal(device.source.reasonOf(refused), 0x87);
    assert.equal(device.source.reasonOf(taken), 0);
    assert.equal(device.wire.all('up', 'pubrel').length, qos === 2 ? 1 : 0);
    world.reset(device);
    world.untilOnline(device);
    world.run(100);
    assert.deepEqual(device.wire.up(), ['connect']);
    assert.deepEqual(world.arrived('no'), []);
    world.assertClean();
  }
});

test('a refused QoS 2 message frees its place in a receive maximum of 1 [5.0 MQTT-3.3.4-7, 4.9.0-2]', () => {
  const world = new FlowWorld({ receiveMaximum: 1 });
  const device = world.online({ version: 5 });
  world.broker.misbehave({ publishReason: (topic) => (topic === 'no' ? 0x97 : 0) });
  device.publish('no', ['a', 'b'], 2);
  device.publish('yes', ['c', 'd'], 1);
  world.run(100);
  assert.equal(device.source.depth, 0);
  assert.deepEqual(world.arrived('yes'), ['c', 'd']);
  world.assertClean();
});
