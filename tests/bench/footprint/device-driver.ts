/**
 * The whole Device on the smallest world: what one reading costs from the sensor to its PUBACK, and
 * what the device holds. The world's own instructions are part of the meter, and few.
 */

import type { Quantity, Sensor } from '../../../firmware/sensors/sensor.ts';
import { DeviceWorld } from '../../xs/device-world.ts';
import { costOf, retainedBytes } from './meter.ts';

const INTERVAL_MS = 10_000;
const TRIGGER_MS = 10;

/** Three quantities that are always ready, as a BME280 has. */
class SteadySensor implements Sensor {
  readonly quantities: readonly Quantity[] = [
    { name: 'temperature', unit: '°C', decimals: 2 },
    { name: 'humidity', unit: '%', decimals: 1 },
    { name: 'pressure', unit: 'hPa', decimals: 1 },
  ];

  trigger(): number {
    return TRIGGER_MS;
  }

  collect(into: Float64Array): boolean {
    into[0] = 21.37;
    into[1] = 48.2;
    into[2] = 1013.4;
    return true;
  }

  close(): void {}
}

function measure(version: 4 | 5) {
  const empty = retainedBytes();
  const world = new DeviceWorld({
    config: { version, intervalMs: INTERVAL_MS, diagnosticsMs: 1e12 },
    sensor: () => new SteadySensor(),
  });
  world.device.start();
  world.runUntil(5000);
  if (world.device.state !== 'online') throw new Error(`${world.device.state}, not online`);
  const before = world.broker.writes;
  const published = world.broker.publishes;
  const reading = costOf(() => {
    world.runUntil(world.now + INTERVAL_MS);
  });
  const { acknowledged, dropped, accepted } = world.device.counters;
  if (dropped !== 0 || accepted - acknowledged > 1 || acknowledged < 200) throw new Error('lost');
  const writesPerReading = (world.broker.writes - before) / (world.broker.publishes - published);
  return { reading, writesPerReading, heapBytes: retainedBytes() - empty };
}

const bytecodeBytes = engine.codeBytes('firmware/');
const preloadedBytes = engine.preloadedBytes();
print(JSON.stringify({ v4: measure(4), v5: measure(5), bytecodeBytes, preloadedBytes }));
