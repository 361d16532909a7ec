import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WillChoice, willAt } from '../../../firmware/link/will-choice.ts';
import type { BrokerSettings } from '../../../host-sim/virtual/broker/settings.ts';
import type { FlowDevice, FlowOptions } from '../../support/flow-device.ts';
import { FlowWorld } from '../../support/flow-world.ts';
import { virtualDevice } from '../../support/virtual-device.ts';
import { Bench } from './link-bench.ts';

const WILL = {
  topic: Buffer.from('mote/status'),
  payload: Buffer.from('lost'),
  qos: 1,
  retain: true,
} as const;

/** Lets a device with a will meet a broker. */
function meet(settings: Partial<BrokerSettings>, options: FlowOptions = {}) {
  const world = new FlowWorld(settings);
  const device = world.online({ session: { will: WILL }, ...options });
  world.assertClean();
  return { world, device };
}

/** The will that the broker publishes when the device dies; undefined for none. */
function lastWords(world: FlowWorld, device: FlowDevice) {
  const before = world.broker.books.published.length;
  const routed: string[] = [];
  world.broker.subscriber('mote/status', ({ payload, qos, retain }) => {
    routed.push(`${Buffer.from(payload)} qos${qos} ${retain ? 'retained' : 'not retained'}`);
  });
  world.broker.drop('mote', 'reset');
  device.wifi.change(false);
  world.run(10_000);
  assert.equal(world.broker.books.published.length, before);
  return routed[0];
}

test('a broker without retained messages gets a will that is not retained', () => {
  const { world, device } = meet({ retainAvailable: false });
  assert.equal(world.broker.books.connections.length, 2);
  assert.equal(device.session.version, 5);
  assert.ok(world.queue.now < 3_000, `${world.queue.now} ms`);
  assert.equal(device.figures.lastErrorKind, 'none');
  assert.match(lastWords(world, device), /^lost qos1 not retained$/);
});

test('a broker of QoS 0 alone gets a will of QoS 0', () => {
  const { world, device } = meet({ maximumQos: 0 });
  assert.equal(world.broker.books.connections.length, 2);
  assert.match(lastWords(world, device), /^lost qos0/);
});

test('a broker that has neither gets a will with neither, and the choice outlives a restart', () => {
  const settings = { maximumQos: 0, retainAvailable: false } as const;
  const { world, device } = meet(settings);
  assert.equal(world.broker.books.connections.length, 3);
  const { willLevel } = device.supervisor;
  const again = meet(settings, {
    session: { will: WILL },
    supervisor: { rememberedWill: willLevel },
  });
  assert.equal(again.world.broker.books.connections.length, 1);
  assert.equal(lastWords(world, device), 'lost qos0 not retained');
});

for (const code of [0x90, 0x95, 0x99, 0x9a, 0x9b]) {
  test(`a broker that refuses with 0x${code.toString(16)} whatever the will is asked once for each, then in 3.1.1, then rarely`, () => {
    const bench = new Bench();
    const asked: string[] = [];
    const delays: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { version, willLevel } = bench.handshaking().link;
      const will = willAt(willLevel, WILL);
      const words = will === undefined ? 'none' : `qos${will.qos} ${will.retain}`;
      asked.push(`${version} ${words}`);
      if (version === 4) bench.link.refused(3, 4, bench.now);
      else bench.link.refused(code, 5, bench.now);
      delays.push(bench.delay());
    }
    const lesser = code === 0x9a ? ['5 qos1 false'] : code === 0x9b ? ['5 qos0 true'] : [];
    const ladder = ['5 qos1 true', ...lesser, '5 none', '4 qos1 true'];
    assert.deepEqual(asked.slice(0, ladder.length), ladder);
    assert.deepEqual([...new Set(asked.slice(ladder.length))], ['4 qos1 true']);
    for (const delay of delays.slice(0, ladder.length - 1)) assert.ok(delay <= 1_000);
    assert.ok(delays[ladder.length] > 1_000, 'the refusal of all is not retried soon');
  });
}

test('with 5.0 alone in the settings, a broker that takes no will in any form leaves no way', () => {
  const bench = new Bench({ versions: 5 });
  for (const outlook of ['another way', 'another way', 'no way left', 'no way left']) {
    bench.handshaking().link.refused(0x9a, 5, bench.now);
    assert.equal(bench.link.figures.outlook, outlook);
    assert.equal(bench.link.version, 5);
  }
  assert.equal(bench.delay(), 120_000);
});

test('what was kept and makes no sense counts as the whole will', () => {
  for (const level of [-1, 8, 255, Number.NaN]) assert.equal(new WillChoice(level).level, 0);
});

test('a board at a broker without retained messages works, and its diagnostics name no error', () => {
  const board = virtualDevice({ broker: { retainAvailable: false, maximumQos: 0 } });
  board.online().runFor(20_000);
  assert.ok(board.readings().length >= 15, `${board.readings().length}`);
  assert.equal(board.diagnostics()[0].last_error, undefined);
  board.checkBooks();
});
