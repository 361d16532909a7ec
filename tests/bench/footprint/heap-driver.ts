/**
 * An hour of a device's life with a BME280 on its chip model, in whatever heap the machine has:
 * the connection is lost three times, once for five minutes, and no reading is lost. Ends by itself
 * when the heap is too small (the host's exit code says so).
 */

import { Bme280 } from '../../../firmware/sensors/drivers/bme280.ts';
import { Bme280Chip } from '../../../host-sim/chips/bme280-chip.ts';
import { weather } from '../../../host-sim/chips/curves.ts';
import { DeviceWorld } from '../../xs/device-world.ts';

const MINUTE_MS = 60_000;

function live(version: 4 | 5): void {
  const world = new DeviceWorld({
    config: { version, intervalMs: 10_000 },
    sensor: (now) => new Bme280(new Bme280Chip(weather(7), now)),
  });
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
  const line = `${accepted} ${acknowledged} ${dropped} ${connects} ${world.broker.publishes}`;
  print(line);
  if (accepted < 355 || acknowledged < accepted - 1 || dropped !== 0 || connects !== 4) exit(1);
}

live(5);
print(`collections ${engine.collections()}, stack peak ${engine.stackPeak()}`);
