/** A board that does not know the time yet: no reading is dated 1970, none waits for the time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrivedReading, virtualDevice } from '../../support/virtual-device.ts';

const EPOCH_S = 1_735_689_600;
const UNKNOWN = { quality: 'none' } as const;

function stamped(reading: ArrivedReading): void {
  assert.equal(reading.up, undefined);
  assert.equal(reading.tq, 'sync');
}

test('while the time is unknown a reading carries milliseconds since boot instead', () => {
  const board = virtualDevice({ clock: UNKNOWN, config: { intervalMs: 10_000 } });
  board.runFor(5000).online().runFor(20_500);
  const readings = board.readings();
  assert.deepEqual(
    readings.map(({ up }) => up),
    [5000, 15_000, 25_000],
  );
  for (const reading of readings) {
    assert.equal(reading.ts, undefined);
    assert.equal(reading.tq, 'none');
  }
  assert.equal(board.diagnostics()[0].tq, 'none');
  board.checkBooks();
});

test('once the time is known, readings carry it', () => {
  const board = virtualDevice({ clock: UNKNOWN }).online().runFor(4500);
  board.clock.synchronise();
  board.runFor(2000);
  const readings = board.readings();
  assert.deepEqual(
    readings.map(({ tq }) => tq),
    ['none', 'none', 'none', 'none', 'none', 'sync', 'sync'],
  );
  assert.equal(readings[5].ts, EPOCH_S + 5);
  stamped(readings[5]);
});

test('readings of this boot that waited are stamped on their way out', () => {
  const board = virtualDevice({ clock: UNKNOWN });
  board.broker.stop('vanish');
  board.start().runFor(60_500);
  board.clock.synchronise();
  board.broker.start();
  board.until(() => board.told('connected').length === 1, 600_000).runFor(10_000);
  const readings = [...board.readings()].sort((a, b) => a.seq - b.seq);
  assert.ok(readings.length > 60);
  for (const reading of readings) {
    stamped(reading);
    assert.equal(reading.ts, EPOCH_S + reading.seq - 1, `reading ${reading.seq}`);
  }
  board.checkBooks();
});

test('a time that arrives during a connection stamps what goes out from then on', () => {
  const board = virtualDevice({ clock: UNKNOWN });
  board.wifi.failure = 'not found';
  board.start().runFor(30_000);
  board.wifi.failure = undefined;
  board.until(() => board.device.state === 'handshaking', 600_000);
  board.clock.synchronise();
  board.until(() => board.told('connected').length === 1).runFor(30_000);
  const last = board.readings().at(-1)!;
  stamped(last);
  assert.ok(board.readings().every(({ ts }) => ts === undefined || ts >= EPOCH_S));
});

test('a time that was learnt since the last reading stamps what waited for the connection', () => {
  const board = virtualDevice({ clock: UNKNOWN, config: { intervalMs: 600_000 } });
  board.wifi.joinMs = 5000;
  board.start().runFor(3000);
  board.clock.synchronise();
  board.online();
  assert.equal(board.readings().length, 1);
  stamped(board.readings()[0]);
  assert.equal(board.readings()[0].ts, EPOCH_S);
});

test('a time that is only estimated stamps the readings of this boot as estimated', () => {
  const board = virtualDevice({ clock: UNKNOWN });
  board.broker.stop('vanish');
  board.start().runFor(5500);
  board.clock.setWall(board.clock.trueWall(), 'estimated');
  board.broker.start();
  board.until(() => board.told('connected').length === 1, 600_000).runFor(2000);
  assert.deepEqual(new Set(board.readings().map(({ tq }) => tq)), new Set(['estimated']));
});

test('a reading of an earlier boot without a time keeps its uptime and its boot number', () => {
  const board = virtualDevice({ clock: UNKNOWN });
  board.broker.stop('vanish');
  board.start().runFor(3500);
  board.reboot();
  board.clock.synchronise();
  board.broker.start();
  board.until(() => board.told('connected').length === 1, 600_000).runFor(5000);
  const earlier = board.readings().filter(({ boot }) => boot === 1);
  assert.deepEqual(
    earlier.map(({ seq, up, ts, tq }) => [seq, up, ts, tq]),
    [1, 2, 3, 4].map((seq) => [seq, (seq - 1) * 1000, undefined, 'none']),
  );
  for (const reading of board.readings()) if (reading.boot === 2) stamped(reading);
});

test('a wall clock that jumps moves no reading between boots, and none to 1970', () => {
  const board = virtualDevice().online().runFor(3000);
  board.clock.jumpWall(-3_600_000);
  board.runFor(3000);
  board.clock.jumpWall(7_200_000);
  board.runFor(3000);
  const readings = board.readings();
  assert.deepEqual(
    readings.map(({ seq }) => seq),
    readings.map((_, i) => i + 1),
  );
  assert.ok(readings.every(({ ts }) => ts! > EPOCH_S - 3601));
  board.checkBooks();
});

test('a crystal that drifts keeps its interval within its drift', () => {
  const board = virtualDevice({ clock: { driftPpm: 200, quality: 'sync' } });
  board.online().runFor(1000 * 1000);
  const count = board.readings().length;
  assert.ok(Math.abs(count - 1001) <= 1, `${count} readings in 1000 s`);
});
