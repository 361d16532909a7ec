/**
 * Calibration and unit: the only place that changes what a sensor measured.
 *
 * An offset is added, humidity is held within 0 and 100 %, and then temperatures become °F where
 * people want that. Offsets are of the sensor's own units: °C, %, hPa.
 */
import type { Quantity, Sensor } from './sensor.ts';

/** What to add; 0 changes nothing. */
export interface Offsets {
  /** °C. */
  readonly temperature: number;
  /** Points of %. */
  readonly humidity: number;
  /** hPa. */
  readonly pressure: number;
}

const NO_OFFSETS: Offsets = Object.freeze({ temperature: 0, humidity: 0, pressure: 0 });

class Adjusted implements Sensor {
  readonly quantities: readonly Quantity[];
  private readonly sensor: Sensor;
  private readonly offsets: readonly number[];

  constructor(sensor: Sensor, offsets: Offsets, unit: 'C' | 'F') {
    const { quantities } = sensor;
    const isFahrenheit = unit === 'F';
    this.sensor = sensor;
    this.offsets = quantities.map(({ name }) => offsets[name as keyof Offsets] ?? 0);
    this.quantities = quantities.map((quantity) =>
      isFahrenheit && quantity.unit === '°C' ? { ...quantity, unit: '°F' } : quantity,
    );
  }

  trigger(): number {
    return this.sensor.trigger();
  }

  collect(into: Float64Array): boolean {
    if (!this.sensor.collect(into)) return false;
    const { offsets, quantities } = this;
    for (let i = 0; i < quantities.length; i += 1) {
      let value = into[i] + offsets[i];
      if (quantities[i].name === 'humidity') value = Math.min(100, Math.max(0, value));
      if (quantities[i].unit === '°F') value = value * 1.8 + 32;
      into[i] = value;
    }
    return true;
  }

  changeInterval(intervalMs: number): void {
    this.sensor.changeInterval?.(intervalMs);
  }

  close(): void {
    this.sensor.close();
  }
}

/** `sensor` with its offsets and its temperatures in `unit`; itself when nothing changes. */
export function withOffsets(sensor: Sensor, offsets: Offsets, unit: 'C' | 'F'): Sensor {
  const changes = offsets.temperature !== 0 || offsets.humidity !== 0 || offsets.pressure !== 0;
  return changes || unit === 'F' ? new Adjusted(sensor, offsets, unit) : sensor;
}

/**
 * All sensors of a board in `unit`. An offset goes to the first sensor that has the quantity: the
 * one that is published under the plain name.
 */
export function calibrated<Named extends { readonly sensor: Sensor }>(
  sensors: readonly Named[],
  offsets: Offsets,
  unit: 'C' | 'F',
): Named[] {
  let left: Offsets = offsets;
  return sensors.map((named) => {
    const own: { -readonly [name in keyof Offsets]: number } = { ...NO_OFFSETS };
    const rest = { ...left };
    for (const { name } of named.sensor.quantities) {
      if (!(name in rest)) continue;
      own[name as keyof Offsets] = rest[name as keyof Offsets];
      rest[name as keyof Offsets] = 0;
    }
    left = rest;
    return { ...named, sensor: withOffsets(named.sensor, own, unit) };
  });
}
