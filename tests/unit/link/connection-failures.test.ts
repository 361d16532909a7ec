import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerFaults } from '../../../host-sim/virtual/broker/settings.ts';
import type { LinkConditions } from '../../../host-sim/virtual/link.ts';
import type { FlowDevice } from '../../support/flow-device.ts';
import { FlowWorld, VERSIONS } from '../../support/flow-world.ts';

interface Failure {
  readonly name: string;
  readonly link?: Partial<LinkConditions>;
  readonly faults?: Partial<BrokerFaults>;
  readonly kind: string;
  /** How long an attempt may take before it is given up. */
  readonly patienceMs: number;
}

const FAILURES: readonly Failure[] = [
  { name: 'name not found', link: { dns: 'fail' }, kind: 'name', patienceMs: 1 },
  { name: 'name timed out', link: { dns: 'dead' }, kind: 'name', patienceMs: 10_000 },
  { name: 'timed out', link: { connect: 'silent' }, kind: 'connect', patienceMs: 15_000 },
  { name: 'refused', link: { connect: 'refused' }, kind: 'connect', patienceMs: 10 },
  { name: 'unreachable', link: { connect: 'unreachable' }, kind: 'connect', patienceMs: 10 },
  { name: 'local error', link: { connect: 'local error' }, kind: 'connect', patienceMs: 10 },
  {
    name: 'certificate not trusted',
    link: { connect: 'certificate not trusted' },
    kind: 'tls',
    patienceMs: 10,
  },
  {
    name: 'connack timed out',
    faults: { connect: 'mute' },
    kind: 'no connack',
    patienceMs: 10_010,
  },
  { name: 'no connack', faults: { connect: 'close' }, kind: 'no connack', patienceMs: 10 },
  { name: 'no connack', faults: { connect: 'reset' }, kind: 'no connack', patienceMs: 10 },
  { name: 'protocol error', faults: { connect: 'garbage' }, kind: 'protocol', patienceMs: 10 },
  {
    name: 'server busy',
    faults: { connect: { refuse: 0x89 } },
    kind: 'refused',
    patienceMs: 10,
  },
  {
    name: 'bad credentials',
    faults: { connect: { refuse: 0x86 } },
    kind: 'refused',
    patienceMs: 10,
  },
];

/** The world times of the connection attempts, or lookups, until `count` have been made. */
function attemptTimes(world: FlowWorld, device: FlowDevice, count: number): number[] {
  const times: number[] = [];
  while (times.length < count) {
    const { attempts } = device.figures;
    world.until(() => device.figures.attempts > attempts, 3_600_000);
    times.push(world.queue.now);
  }
  return times;
}

for (const { name, link, faults, kind, patienceMs } of FAILURES) {
  test(`'${name}' (${kind}) is named, retried with growing delays, and over once the cause is`, () => {
    const world = new FlowWorld();
    world.broker.misbehave(faults ?? {});
    const device = world.device({ version: 5, link });
    device.connection.start();
    const times = attemptTimes(world, device, 8);
    const { figures } = device;
    assert.deepEqual([figures.lastError.name, figures.lastErrorKind], [name, kind]);
    assert.equal(figures.failuresOf(kind as 'name'), 7);
    assert.equal(device.told.filter((words) => words === `ended: ${name}`).length, 7);
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    for (const gap of gaps) {
      assert.ok(gap >= 200, `${gap} ms is too soon`);
      assert.ok(gap <= 120_000 + patienceMs + 60_000, `${gap} ms`);
    }
    // Full jitter: single delays say little, all of them have room to grow.
    const last = Math.max(...gaps.slice(3));
    assert.ok(last > 2_000 + patienceMs, `${gaps} do not grow`);
    device.network.change({ dns: 'answer', connect: 'accept' });
    world.broker.behave();
    world.untilOnline(device);
    device.publish('t', 'a', 1);
    world.run(100);
    assert.deepEqual(world.arrived('t'), ['a']);
    world.assertClean();
  });
}

for (const version of VERSIONS) {
  test(`version ${version}: garbage in the middle of a connection ends it by name, nothing of it is delivered, and the session goes on [3.1.1 MQTT-2.2.2-2, 4.8.0-1] [5.0 MQTT-4.13.1-1]`, () => {
    const garbage = [
      [0xff, 0xff, 0xff, 0xff, 0xff],
      [0x00, 0x00],
      [0x36, 3, 0, 1, 0x74],
      [0x30, 3, 0, 9, 0x74],
      [0x30, 0xff, 0xff, 0xff, 0xff, 1],
      [0x20, 2, 0, 0],
    ];
    for (const bytes of garbage) {
      const world = new FlowWorld();
      const subscriptions = [{ filter: 't', qos: 2 }] as const;
      const device = world.online({ version, subscriptions });
      world.before('puback', () => world.broker.send('mote', Uint8Array.from(bytes)));
      device.publish('t', 'a', 1);
      world.run(100);
      assert.equal(device.figures.lastError.name, 'protocol error', `${bytes}`);
      assert.equal(device.figures.failuresOf('protocol'), 1);
      assert.notEqual(device.details.at(-1), '');
      world.untilOnline(device);
      world.run(100);
      assert.equal(device.source.depth, 0);
      assert.ok(device.messages.length > 0);
      assert.ok(device.messages.every((words) => words === 't=a qos1'));
      world.assertClean();
    }
  });

  test(`version ${version}: a packet cut off in the middle by a close is not taken for anything [3.1.1 MQTT-4.8.0-2]`, () => {
    for (const kind of ['connack', 'puback', 'publish', 'pubcomp', 'suback']) {
      const world = new FlowWorld();
      world.broker.misbehave({ cutsNext: kind });
      const device = world.device({ version, subscriptions: [{ filter: 'cmd', qos: 2 }] });
      device.connection.start();
      device.publish('t', 'a', 1);
      device.publish('t', 'b', 2);
      world.run(200);
      world.broker.publish({ topic: 'cmd', payload: 'go', qos: 2 });
      world.until(() => world.broker.faults.cutsNext === undefined, 5_000);
      world.run(10);
      world.untilOnline(device);
      world.run(200);
      assert.equal(device.source.depth, 0, kind);
      assert.deepEqual([...new Set(world.arrived('t'))].sort(), ['a', 'b'], kind);
      if (kind === 'puback') assert.deepEqual(world.arrived('t'), ['a', 'a', 'b']);
      world.assertClean();
    }
  });

  test(`version ${version}: Wi-Fi that is lost is named, joined again with backoff, and the session goes on`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    world.before('puback', () => device.wifi.change(false));
    device.publish('t', 'a', 1);
    world.run(0);
    world.until(() => !device.isOnline, 1_000);
    assert.equal(device.figures.lastError.name, 'wifi lost');
    assert.equal(device.supervisor.hasWiFi, false);
    world.run(300_000);
    assert.equal(device.figures.lastError.name, 'wifi not found');
    const { joins } = device.figures;
    assert.ok(joins > 6 && joins < 40, `${joins} joins in five minutes`);
    assert.equal(device.wire.connections, 1);
    device.wifi.change(true);
    world.untilOnline(device, 70_000);
    world.run(100);
    assert.equal(device.told.at(-1), 'connected present');
    assert.equal(device.source.depth, 0);
    world.assertClean();
  });
}

test('a silent network is doubted after five attempts: Wi-Fi is joined anew', () => {
  const world = new FlowWorld();
  const device = world.online();
  device.network.change({ connect: 'silent' });
  world.reset(device);
  world.until(() => device.figures.joins === 2);
  assert.equal(device.figures.failuresOf('connect'), 5);
  device.network.change({ connect: 'accept' });
  world.untilOnline(device);
});

test('what an attempt that was given up still hears does not touch the next one', () => {
  const world = new FlowWorld();
  // The answer of DNS, or of TCP, comes after the deadline, when the next attempt is under way.
  for (const link of [
    { dnsMsMin: 12_500, dnsMsMax: 12_500 },
    { latencyMsMin: 7_501, latencyMsMax: 7_501 },
  ]) {
    const device = world.device({ version: 5, link });
    device.connection.start();
    world.run(60_000);
    assert.equal(device.figures.connects, 0);
    assert.ok(device.figures.attempts > 1);
    device.network.change({ dnsMsMin: 1, dnsMsMax: 1, latencyMsMin: 1, latencyMsMax: 1 });
    world.untilOnline(device);
    world.run(100_000);
    assert.equal(device.isOnline, true);
    device.connection.stop();
    world.run(1_000);
  }
  world.assertClean();
});
