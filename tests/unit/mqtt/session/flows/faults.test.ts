import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EndHow } from '../../../../../host-sim/virtual/broker/settings.ts';
import type { LinkConditions } from '../../../../../host-sim/virtual/link.ts';
import { HEALTHY_LINK } from '../../../../../host-sim/virtual/link.ts';
import type { FlowDevice } from '../../../../support/flow-device.ts';
import { FlowWorld, type Version } from '../../../../support/flow-world.ts';

/** How long faults go on. */
const STORM_MS = 90_000;
const LINK: Partial<LinkConditions> = { latencyMsMax: 40 };

type Fault =
  | { kind: 'link'; at: number; lastsMs: number; change: Partial<LinkConditions> }
  | { kind: 'reset' | 'wifi' | 'takeOver'; at: number }
  | { kind: 'restart'; at: number; how: EndHow; downMs: number; keepsState: boolean }
  | { kind: 'stall' | 'silence'; at: number; lastsMs: number }
  | { kind: 'drop'; at: number; how: EndHow; forgets: boolean };

interface Plan {
  version: Version;
  seed: number;
  windowMax: number;
  receiveMaximum: number;
  aliases: number;
  /** Of each message: when it is posted, its topic, its QoS. */
  messages: { at: number; topic: number; qos: 1 | 2 }[];
  /** When messages for the device are published. */
  commands: number[];
  faults: Fault[];
}

const time = fc.integer({ min: 0, max: STORM_MS });
const how = fc.constantFrom<EndHow[]>('close', 'reset', 'vanish');
const change = fc.constantFrom<Partial<LinkConditions>[]>(
  { losesUp: true },
  { losesDown: true },
  { losesUp: true, losesDown: true },
  { paused: true },
  { latencyMsMin: 200, latencyMsMax: 3_000 },
  { fragmentBytesMin: 1, fragmentBytesMax: 1 },
  { sendBufferBytes: 7, bytesPerSecond: 200 },
  { connect: 'refused' },
  { connect: 'silent' },
  { dns: 'fail' },
);
const lastsMs = fc.integer({ min: 1, max: 40_000 });
const soon = fc.integer({ min: 0, max: 30 });
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('link' as const), at: time, lastsMs, change }),
  fc.record({ kind: fc.constantFrom('reset' as const, 'wifi' as const), at: time }),
  fc.record({ kind: fc.constant('takeOver' as const), at: time }),
  fc.record({
    kind: fc.constant('restart' as const),
    at: time,
    how,
    downMs: lastsMs,
    keepsState: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('stall' as const, 'silence' as const), at: time, lastsMs }),
  fc.record({ kind: fc.constant('drop' as const), at: time, how, forgets: fc.boolean() }),
);
const plan: fc.Arbitrary<Plan> = fc
  .record({
    version: fc.constantFrom<Version[]>(4, 5),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    windowMax: fc.integer({ min: 1, max: 9 }),
    receiveMaximum: fc.integer({ min: 1, max: 9 }),
    aliases: fc.integer({ min: 0, max: 3 }),
    messages: fc.array(
      fc.record({
        at: time,
        topic: fc.integer({ min: 0, max: 2 }),
        qos: fc.constantFrom<(1 | 2)[]>(1, 2),
      }),
      { minLength: 10, maxLength: 80 },
    ),
    commands: fc.array(time, { maxLength: 20 }),
    faults: fc.array(fault, { minLength: 1, maxLength: 10 }),
    // Faults right behind messages hit exchanges under way.
    aimed: fc.array(fc.tuple(fc.nat(), soon, fault), { maxLength: 6 }),
  })
  .map(({ aimed, ...rest }) => {
    const more = aimed.map(([pick, delay, one]) => {
      const { at } = rest.messages[pick % rest.messages.length];
      return { ...one, at: at + delay };
    });
    return { ...rest, faults: [...rest.faults, ...more] };
  });

function inflict(world: FlowWorld, device: FlowDevice, fault: Fault): void {
  const { broker } = world;
  const { network, wifi } = device;
  switch (fault.kind) {
    case 'link':
      network.change(fault.change);
      world.queue.after(fault.lastsMs, () => network.change({ ...HEALTHY_LINK, ...LINK }));
      break;
    case 'reset':
      network.resetAll();
      break;
    case 'wifi':
      network.dropAll('unreachable');
      wifi.change(false);
      world.queue.after(2_000, () => wifi.change(true));
      break;
    case 'takeOver':
      broker.takeOver('mote');
      break;
    case 'restart':
      broker.restart(fault);
      break;
    case 'stall':
      broker.misbehave({ readsNothing: true });
      world.queue.after(fault.lastsMs, () => broker.misbehave({ readsNothing: false }));
      break;
    case 'silence':
      broker.misbehave({ answer: () => 'drop' });
      world.queue.after(fault.lastsMs, () => broker.misbehave({ answer: () => 'send' }));
      break;
    case 'drop':
      broker.drop('mote', fault.how);
      if (fault.forgets) broker.forgetSessions();
      break;
  }
}

function keepsState(plan: Plan): boolean {
  return plan.faults.every((fault) => {
    return (
      !(fault.kind === 'restart' && !fault.keepsState) && !('forgets' in fault && fault.forgets)
    );
  });
}

/** Posts the messages, publishes the commands and inflicts the faults, each at its time. */
function play(plan: Plan): { world: FlowWorld; device: FlowDevice; posted: string[] } {
  const { version, seed, windowMax, receiveMaximum, aliases } = plan;
  const world = new FlowWorld({ receiveMaximum, topicAliasMaximum: aliases }, seed);
  const device = world.online({
    version,
    link: LINK,
    session: { windowMax, keepAliveS: 15 },
    subscriptions: [{ filter: 'cmd', qos: 2 }],
  });
  world.run(500);
  const start = world.queue.now;
  const posted: string[] = [];
  for (const { at, topic, qos } of plan.messages) {
    world.queue.at(start + at, () => {
      const payload = `${posted.length}`;
      posted.push(`t${topic}=${payload} qos${qos}`);
      device.publish(`t${topic}`, payload, qos, { repeats: true });
    });
  }
  for (const [i, at] of plan.commands.entries()) {
    world.queue.at(start + at, () => {
      world.broker.publish({ topic: 'cmd', payload: `${i}`, qos: 2 });
    });
  }
  for (const one of plan.faults) {
    world.queue.at(start + one.at, () => inflict(world, device, one));
  }
  world.run(STORM_MS + 40_100);
  // Whatever was switched on last is over; at the slowest the board comes back in five minutes.
  world.until(() => device.source.depth === 0, 900_000);
  world.untilOnline(device, 900_000);
  // An answer that the broker itself swallowed is repeated on the next connection only.
  world.reset(device);
  world.untilOnline(device, 900_000);
  world.run(120_000);
  return { world, device, posted };
}

function check(plan: Plan): void {
  const { world, device, posted } = play(plan);
  world.assertClean();
  const passedOn = world.broker.books.published
    .filter(({ forwarded }) => forwarded)
    .map(({ topic, payload, qos }) => `${topic}=${Buffer.from(payload)} qos${qos}`);
  assert.deepEqual([...new Set(passedOn)].sort(), [...posted].sort(), 'none is lost');
  for (const topic of ['t0', 't1', 't2']) {
    const ofTopic = (words: string) => words.startsWith(topic);
    const firsts = [...new Set(passedOn)].filter(ofTopic);
    assert.deepEqual(firsts, posted.filter(ofTopic), `the order on ${topic}`);
  }
  assert.equal(new Set(device.messages).size, device.messages.length, 'commands come once');
  assert.equal(world.broker.session('mote')?.inFlight.size, 0);
  if (!keepsState(plan)) return;
  const exact = (words: string) => words.endsWith(' qos2');
  assert.deepEqual(passedOn.filter(exact).sort(), posted.filter(exact).sort(), 'QoS 2 once');
  assert.equal(device.messages.length, plan.commands.length);
}

test('whatever happens to link and broker: in the end every message has arrived, QoS 2 once while the broker kept its session, in order, by the rules [3.1.1 MQTT-4.1.0-1, 4.4.0-1, 4.6.0-1] [5.0 MQTT-4.4.0-1, 4.6.0-1]', () => {
  fc.assert(fc.property(plan, check), { numRuns: 150, seed: 20_250_101 });
});
