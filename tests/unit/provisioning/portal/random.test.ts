/** Whatever phones, checks and radios do in whatever order: the portal keeps its promises. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../../host-sim/virtual/random.ts';
import { form, PortalWorld, type TwoSettings } from '../../../support/portal-world.ts';

const OLD: TwoSettings = Object.freeze({ ssid: 'old', wifiPassword: 'secret 0' });
const STEPS = 60;
/** The alarm rings at most so often per millisecond: nothing spins. */
const RINGS_MAX = 20;

function live(seed: number): void {
  const random = new SeededRandom(seed);
  const saved = random.chance(0.5) ? OLD : undefined;
  const air = [{ ssid: 'old', password: 'secret 0', inRange: random.chance(0.3) }];
  const world = new PortalWorld({ saved, retries: random.chance(0.5), air });
  const { portal, door } = world;
  let rings = 0;
  let rungAt = -1;
  world.onRing = () => {
    rings = rungAt === world.queue.now ? rings + 1 : 0;
    rungAt = world.queue.now;
    assert.ok(rings < RINGS_MAX, 'it spins');
  };
  portal.start();
  /** The last settings that may be saved, because a check signed in or somebody insisted. */
  let proven = saved;
  const names = ['a', 'b', 'x'.repeat(33)];
  const acts: (() => void)[] = [
    () => world.run(random.below(200_000)),
    () => world.run(random.below(2_000)),
    () => world.radio.associate({ thrownOff() {} }, portal.title, portal.password),
    () => {
      portal.handle({ method: 'GET', path: '/' } as never, {} as never, world.queue.now);
    },
    () => {
      const mayInsist = portal.check.state === 'failed';
      const ssid = random.pick(names);
      const isUnchecked = random.chance(0.2);
      const started = portal.submit(form({ ssid, wifiPassword: 'secret 1' }), isUnchecked);
      if (started === 'started' && isUnchecked && mayInsist) {
        proven = { ssid, wifiPassword: 'secret 1' };
      }
    },
    () => {
      if (world.checking === undefined || world.observer === undefined) return;
      const isGood = random.chance(0.3);
      if (isGood) proven = world.checking;
      world.result(isGood ? undefined : 'timed out');
    },
    () => {
      world.radio.air[0].inRange = random.chance(0.5);
    },
    () => {
      if (!random.chance(0.1)) return;
      portal.reset();
      proven = undefined;
    },
    () => portal.done(),
  ];
  for (let step = 0; step < STEPS && world.end === undefined; step += 1) {
    if (portal.state === 'open') random.pick(acts)();
    else world.run(500);
    if (world.end === undefined) world.alarm.set(portal.deadline());
    assert.deepEqual(door.saved, proven);
    assert.ok(portal.check.state !== 'saved' || door.saved !== undefined || world.end === 'reset');
  }
  world.run(2_000);
  if (world.checking !== undefined && world.observer !== undefined) world.result('timed out');
  world.run(4_000_000);
  const ends = door.exists || world.end === 'reset';
  assert.equal(world.end !== undefined, ends, 'with settings it ends, without it waits');
  assert.equal(world.radio.accessPoint === undefined, world.end !== undefined);
}

test('three hundred random lives: saved is what was proven, nothing spins, and every end comes', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    try {
      live(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`);
    }
  }
});
