/**
 * The tables of states are what the machines do: random inputs see every row of them and no other.
 * A move that a table does not have throws here as it does in every other test and in the worlds.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleAlarm } from '../../firmware/alarms/rule-alarm.ts';
import { readRules } from '../../firmware/alarms/rule-reader.ts';
import type { Authenticator } from '../../firmware/mqtt/session/options.ts';
import { MACHINES } from '../../host-sim/virtual/machines.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { isWatched, rowsOf, watchMoves } from '../../host-sim/virtual/watched-moves.ts';
import { ACCEPTED, Solo } from '../support/mqtt-solo.ts';
import { PortalWorld } from '../support/portal-world.ts';
import { virtualDevice } from '../support/virtual-device.ts';
import { seeded } from '../unit/link/dice.ts';
import { Bench } from '../unit/link/link-bench.ts';

const STEPS = 20_000;

function assertSeen(title: string): void {
  const found = MACHINES.find((each) => each.title === title)!;
  const seen = watchMoves(found.machine, found.field, found.moves);
  assert.deepEqual([...seen].sort(), rowsOf(found.moves).sort());
}

test('the machines of every compiled test are watched, so that an unknown move fails it', () => {
  assert.deepEqual(
    MACHINES.filter(({ machine }) => !isWatched(machine)),
    [],
  );
});

/** What can happen to a link; each is an input in any state. */
const LINK_INPUTS: readonly ((bench: Bench, random: SeededRandom) => void)[] = [
  ({ link, now }) => link.start(now),
  ({ link, now }) => link.wifiJoined(now),
  ({ link, now }, random) => {
    link.wifiFailed(random.pick(['password refused', 'not found', 'lost', 'timed out']), now);
  },
  ({ link, now }, random) => link.resolved(random.pick(['', 'a', 'a']), now),
  ({ link, now }) => link.opened(now),
  ({ link, now }, random) => link.connected(now, random.chance(0.5)),
  ({ link, now }, random) => link.refused(random.pick([1, 5, 0x84, 0x8e, 0x9c]), 5, now, 'other'),
  ({ link, now }, random) => link.disconnected(random.pick([0, 0x8b, 0x8e, 0x9d]), now, 'other'),
  ({ link, now }, random) => {
    link.ended(random.pick(['closed by peer', 'timed out', 'network lost', 'tls failed']), now);
  },
  (bench) => bench.link.wake(bench.after(20_000)),
  (bench) => {
    if (Number.isFinite(bench.link.deadline())) bench.wake();
  },
];

/** What the state waits for. */
function goOn({ link, now }: Bench): void {
  link.start(now);
  if (link.state === 'joining') link.wifiJoined(now);
  else if (link.state === 'resolving') link.resolved('a', now);
  else if (link.state === 'connecting') link.opened(now);
  else if (link.state === 'handshaking') link.connected(now, true);
}

test('random inputs move a link by every row of its table and by no other', () => {
  const random = new SeededRandom(1);
  let isTimeKnown = true;
  const bench = new Bench({ random: seeded(1), hasTime: () => isTimeKnown });
  for (let step = 0; step < STEPS; step += 1) {
    if (step % 10 === 0) isTimeKnown = random.chance(0.5);
    if (random.chance(0.5)) goOn(bench);
    else if (random.chance(0.1)) bench.link.stop(bench.now);
    else random.pick(LINK_INPUTS)(bench, random);
    bench.actions();
  }
  assertSeen('The link');
});

/** Proves itself with nothing, and now and then fails before it has begun. */
function authenticator(random: SeededRandom): Authenticator {
  return {
    method: 'none',
    start() {
      if (random.chance(0.2)) throw new Error('no secret');
      return new Uint8Array(0);
    },
    challenge: () => new Uint8Array(0),
    finish: () => true,
  };
}

/** CONNACK accepted and refused, PUBACK, PINGRESP, DISCONNECT, and what nobody may send. */
const PACKETS = [
  '20 03 00 00 00',
  '20 03 00 87 00',
  '40 02 00 01',
  'd0 00',
  'e0 00',
  'f0 00',
  'c0 00',
];

/** One input of a session, as its shell may give it. */
function stepSession(solo: Solo, random: SeededRandom): void {
  const { session } = solo;
  const isUp = session.state !== 'idle' && session.state !== 'closed';
  if (!isUp && random.chance(0.8)) {
    session.open(random.pick([4, 5]), solo.now);
    return;
  }
  switch (random.below(5)) {
    case 0:
      session.closed();
      break;
    case 1:
      session.disconnect(0, solo.now);
      break;
    case 2:
      solo.now += random.pick([100, 1000, 60_000]);
      session.wake(solo.now);
      break;
    default:
      if (isUp) solo.feed(random.chance(0.5) ? ACCEPTED[session.version] : random.pick(PACKETS));
  }
}

test('random inputs move a session by every row of its table and by no other', () => {
  const random = new SeededRandom(2);
  for (let life = 0; life < STEPS / 20; life += 1) {
    const isProving = random.chance(0.3);
    const solo = new Solo(isProving ? { authenticator: authenticator(random) } : {});
    for (let step = 0; step < 20; step += 1) stepSession(solo, random);
  }
  assertSeen('The session');
});

test('a device that starts and says goodbye goes through every row of its table', () => {
  const board = virtualDevice().online();
  board.device.stop();
  board.until(() => board.device.state === 'stopped');
  assertSeen('The device');
});

test('a portal that scans, opens and ends in each way goes through every row of its table', () => {
  const home = { ssid: 'home', wifiPassword: 'secret 1' };
  new PortalWorld().open().portal.stop();
  const stopped = new PortalWorld();
  stopped.portal.start();
  stopped.portal.stop();
  const deaf = new PortalWorld();
  deaf.radio.scan = () => ({ cancel() {} });
  deaf.open();
  const idle = new PortalWorld({ saved: home }).open();
  idle.until(() => idle.end !== undefined);
  assertSeen('The portal');
});

test('random inputs move an alarm by every row of its table and by no other', () => {
  const random = new SeededRandom(3);
  const quantity = { name: 't', unit: '', decimals: 1 };
  for (let life = 0; life < STEPS / 20; life += 1) {
    const { rules } = readRules(random.pick(['t > 1', 't > 1 latched']));
    const alarm = new RuleAlarm(rules[0], quantity, undefined, 0);
    const kept = { isOn: random.chance(0.5), sinceS: 0, untilS: 0, shelfS: 60, sequence: 1 };
    const states = ['normal', 'active', 'acknowledged', 'cleared', 'shelved'] as const;
    if (random.chance(0.5)) {
      alarm.restore({ name: 't_high', state: random.pick(states), ...kept }, 0);
    }
    for (let step = 1; step <= 20; step += 1) {
      const at = step * 20_000;
      if (random.chance(0.6)) alarm.judge(random.pick([0, 2, Number.NaN]), at, 0);
      else if (random.chance(0.5)) alarm.acknowledge();
      else alarm.shelve(60, at, 0);
    }
  }
  assertSeen('An alarm');
});
