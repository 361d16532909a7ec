/**
 * Two hours of a whole board, as `Mote`, in whatever heap the machine has: it reads a sensor on a
 * pin, loses its connection twice, and no reading is lost. In the bundle's test, `mote.ts` is the
 * bundle that a release build flashes.
 */

import { deviceOfBoard } from './board-world.ts';
import { DeviceWorld } from './device-world.ts';

const HOUR_MS = 3_600_000;

function nothing(): void {}

const world = new DeviceWorld({
  config: { intervalMs: 10_000 },
  sensor: () => ({ quantities: [], trigger: () => 0, collect: () => false, close: nothing }),
  device: deviceOfBoard,
});
world.runUntil(HOUR_MS / 2);
world.drop('reset');
world.runUntil(HOUR_MS);
world.isUnreachable = true;
world.drop('closed by peer');
world.runUntil(HOUR_MS + 60_000);
world.isUnreachable = false;
world.runUntil(2 * HOUR_MS);
const { accepted, acknowledged, dropped, connects } = world.device.counters;
print(`${accepted} ${acknowledged} ${dropped} ${connects}`);
