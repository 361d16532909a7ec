/**
 * An hour of a device's life in whatever heap the machine has: the connection is lost three times,
 * once for five minutes, and no reading is lost. Ends by itself when the heap is too small (the
 * host's exit code says so).
 */

import { DeviceWorld, type WorldSetup } from '../../xs/device-world.ts';

const MINUTE_MS = 60_000;

/** Lives it, and says what collecting garbage took. */
export function liveAnHour(setup: WorldSetup): void {
  const world = new DeviceWorld(setup);
  world.device.start();
  world.runUntil(10 * MINUTE_MS);
  world.drop('reset');
  world.runUntil(20 * MINUTE_MS);
  world.isUnreachable = true;
  world.drop('closed by peer');
  world.runUntil(25 * MINUTE_MS);
  world.isUnreachable = false;
  world.runUntil(50 * MINUTE_MS);
  world.drop('reset');
  world.runUntil(60 * MINUTE_MS);
  const { accepted, acknowledged, dropped, connects } = world.device.counters;
  print(`${accepted} ${acknowledged} ${dropped} ${connects} ${world.broker.publishes}`);
  if (accepted < 355 || acknowledged < accepted - 1 || dropped !== 0 || connects !== 4) exit(1);
  print(`collections ${engine.collections()}, stack peak ${engine.stackPeak()}`);
}
