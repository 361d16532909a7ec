/**
 * From the start of a board to its first reading: the log on flash is mounted, with readings in it
 * that an earlier boot could not send, the board is made as `Mote`, and reads a sensor on a pin.
 */

import { deviceOfBoard } from '../../xs/board-world.ts';
import { DeviceWorld } from '../../xs/device-world.ts';

const INTERVAL_MS = 10_000;
/** They fill a third of the ring, and the youngest block in part: a mount walks that one. */
const WAITING = 1000;

function nothing(): void {}

function boot(): DeviceWorld {
  return new DeviceWorld({
    config: { version: 5, intervalMs: INTERVAL_MS },
    sensor: () => ({ quantities: [], trigger: () => 0, collect: () => false, close: nothing }),
    device: deviceOfBoard,
  });
}

const earlier = boot();
earlier.isUnreachable = true;
earlier.runUntil(WAITING * INTERVAL_MS - 1);
const { waiting } = earlier.device.counters;
if (waiting !== WAITING) throw new Error(`${waiting} readings wait`);
const before = engine.meter();
const world = boot();
while (world.device.counters.accepted === WAITING) world.step(INTERVAL_MS);
print(JSON.stringify({ meter: engine.meter() - before }));
