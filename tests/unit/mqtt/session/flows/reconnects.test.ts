import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndHow } from '../../../../../host-sim/virtual/broker/settings.ts';
import type { FlowDevice } from '../../../../support/flow-device.ts';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const RECONNECTS = 1_000;

/** Every typed array, array and map that an object holds, by its path, with its size. */
function storesOf(root: object): Map<string, { store: object; size: number }> {
  const stores = new Map<string, { store: object; size: number }>();
  const visited = new Set<object>();
  const visit = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null || visited.has(value)) return;
    visited.add(value);
    if (ArrayBuffer.isView(value)) {
      stores.set(path, { store: value, size: value.byteLength });
      return;
    }
    if (Array.isArray(value)) stores.set(path, { store: value, size: value.length });
    else if (value instanceof Map || value instanceof Set) {
      stores.set(path, { store: value, size: value.size });
    }
    for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`);
  };
  visit(root, '');
  return stores;
}

/** What the link and the session hold; the test's own sources and handlers are no part of it. */
function held(device: FlowDevice) {
  const { session, supervisor } = device;
  return [...storesOf({ session, supervisor })].filter(([path]) => !path.includes('.sources.'));
}

for (const version of VERSIONS) {
  test(`version ${version}: after a thousand reconnects every buffer is the one from the start, nothing has grown and no handler is left [3.1.1 MQTT-4.1.0-2] [5.0 MQTT-4.1.0-1]`, () => {
    const world = new FlowWorld({ topicAliasMaximum: 4 });
    world.broker.books.keepsPublished = false;
    const device = world.online({
      version,
      session: { aliasesIn: 2 },
      supervisor: { backoff: { baseMs: 300, capMs: 1_000 } },
      subscriptions: [{ filter: 'cmd', qos: 2 }],
    });
    device.keepsTold = false;
    device.wire.keeps = false;
    const payload = (round: number) => `${1_000_000 + round}`;
    const exchange = (round: number) => {
      device.publish('t', payload(round), 2, { repeats: true });
      device.publish('t', payload(round), 1, { repeats: true });
      world.broker.publish({ topic: 'cmd', payload: payload(round), qos: 2 });
    };
    exchange(0);
    world.run(100);
    const before = held(device);
    const waitingBefore = world.queue.waiting;
    const ways: EndHow[] = ['close', 'reset', 'vanish'];
    for (let round = 1; round <= RECONNECTS; round++) {
      // In the midst of an exchange, and every fifth time with the session gone.
      exchange(round);
      world.run(round % 4);
      if (round % 3 === 2) device.network.resetAll();
      else world.broker.drop('mote', ways[round % 2]);
      world.until(() => !device.isOnline);
      if (round % 5 === 0) world.broker.forgetSessions();
      world.untilOnline(device);
      world.run(20);
    }
    world.run(100);
    assert.equal(device.wire.connections, RECONNECTS + 1);
    const after = held(device);
    const sizes = (list: typeof before) => list.map(([path, { size }]) => `${path} ${size}`);
    // A topic alias of the broker is the one thing that is made anew.
    const stable = (words: string) => !words.includes('.inbound.aliases');
    assert.deepEqual(sizes(after).filter(stable), sizes(before).filter(stable));
    const stores = new Map(after);
    for (const [path, { store }] of before) {
      if (stable(path)) assert.equal(stores.get(path)?.store, store, `${path} is another one`);
    }
    assert.ok(before.length >= 10, `${before.length} stores were looked at`);
    assert.ok(world.queue.waiting <= waitingBefore + 2, `${world.queue.waiting} events wait`);
    assert.equal(device.source.depth, 0);
    assert.equal(device.figures.reconnects, RECONNECTS);
    world.assertClean();
  });
}

test('a session present after a connection that ended before CONNACK is taken up all the same', () => {
  for (const version of VERSIONS) {
    const world = new FlowWorld();
    const device = world.online({ version });
    world.before('puback', () => device.network.change({ losesDown: true }));
    device.publish('t', 'a', 1);
    world.run(100);
    world.broker.misbehave({ connect: 'close' });
    world.reset(device);
    world.until(() => device.wire.connections === 3);
    world.broker.behave();
    world.untilOnline(device);
    world.run(100);
    assert.equal(device.wire.up()[1], 'publish 32768 t=a qos1 dup');
    assert.equal(device.source.depth, 0);
    world.assertClean();
  }
});
