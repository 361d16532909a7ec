import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KNOWN_SENSORS } from '../../../../firmware/sensors/known-sensors.ts';
import { create, probe } from '../../../../firmware/sensors/probe.ts';
import type {
  I2CBus,
  I2CDevice,
  KnownSensor,
  Sensor,
} from '../../../../firmware/sensors/sensor.ts';
import { checksum } from '../../../../host-sim/chips/checksum.ts';
import { busWith } from '../bench.ts';

const ROUNDS = 400;
const TRANSFERS_PER_CALL_MAX = 16 * 27;

/** Numbers that are the same each time. */
class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** 0 to `sides` - 1. */
  roll(sides: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * sides);
  }
}

/**
 * Anything may come from this bus, and sometimes nothing: half of the answers are those of a real
 * chip, so that there is something to go on with; the others are random bytes, some with checksums.
 */
class RandomBus implements I2CBus {
  transfers = 0;
  private readonly dice: Dice;
  private readonly clock: { now: number };
  private readonly chip: I2CDevice;

  constructor(seed: number, known: KnownSensor) {
    const { bus, clock } = busWith([known.name]);
    this.dice = new Dice(seed);
    this.clock = clock;
    this.chip = bus.open(known.addresses[0]);
  }

  open(): I2CDevice {
    return { write: (from) => this.take(from), read: (into) => this.answer(into), close() {} };
  }

  private stumble(): void {
    this.transfers += 1;
    this.clock.now += this.dice.roll(400);
    const fate = this.dice.roll(60);
    if (fate === 0) throw new Error('no acknowledge');
    if (fate === 1) throw 'not even an error';
    if (fate === 2) throw undefined;
  }

  private take(from: Uint8Array): void {
    this.stumble();
    try {
      this.chip.write(from);
    } catch {}
  }

  private answer(into: Uint8Array): void {
    this.stumble();
    const { dice } = this;
    const kind = dice.roll(8);
    if (kind > 3) {
      this.chip.read(into);
      return;
    }
    for (let i = 0; i < into.length; i += 1) {
      into[i] = kind === 0 ? 0 : kind === 1 ? 0xff : dice.roll(256);
    }
    if (kind < 3) return;
    if (into.length === 7) into[6] = checksum([...into.subarray(0, 6)]);
    if (into.length % 3 !== 0) return;
    for (let i = 0; i < into.length; i += 3) into[i + 2] = checksum([into[i], into[i + 1]]);
  }
}

/** What a value may be at all; the drivers' own ranges are narrower or the same. */
const LIMITS: Record<string, readonly [number, number]> = {
  temperature: [-55, 150],
  pressure: [300, 1100],
  co2: [0, 40_000],
  humidity: [0, 100],
  illuminance: [0, 54_612],
  voltage: [0, 32.768],
  current: [-3.2, 3.2],
  power: [-105, 105],
};

/** A call may throw, but only an Error with one plain sentence. @returns whether it did not */
function holds(call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^[A-Za-z][ -~°]{8,150}[^.\s]$/);
    return false;
  }
}

function checkValues(sensor: Sensor, values: Float64Array): void {
  sensor.quantities.forEach(({ name }, i) => {
    const limits = LIMITS[name];
    assert.ok(Math.abs(values[i]) !== Number.POSITIVE_INFINITY, name);
    if (limits === undefined || Number.isNaN(values[i])) return;
    assert.ok(values[i] >= limits[0] && values[i] <= limits[1], `${name} ${values[i]}`);
  });
}

/** Rounds of a sensor on `bus`. @returns how many gave values */
function rounds(sensor: Sensor, bus: RandomBus): number {
  const values = new Float64Array(sensor.quantities.length);
  let measured = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    let isReady = false;
    const step = (call: () => void) => {
      const before = bus.transfers;
      const isFine = holds(call);
      assert.ok(bus.transfers - before <= TRANSFERS_PER_CALL_MAX, 'a call never ends');
      return isFine;
    };
    const triggered = step(() => {
      const ms = sensor.trigger();
      assert.ok(ms >= 0 && ms <= 60_000);
    });
    for (let asked = 0; triggered && asked < 8 && !isReady; asked += 1) {
      const isFine = step(() => {
        isReady = sensor.collect(values);
      });
      if (!isFine) break;
    }
    if (!isReady) continue;
    measured += 1;
    checkValues(sensor, values);
  }
  return measured;
}

describe('on a bus from which anything may come', () => {
  for (const known of KNOWN_SENSORS) {
    test(`the driver of ${known.name} throws sentences and never hangs`, () => {
      let measured = 0;
      for (const intervalMs of [1000, 60_000, 600_000]) {
        const bus = new RandomBus(intervalMs + known.answerBytes, known);
        measured += rounds(known.make(bus.open(), intervalMs), bus);
      }
      assert.ok(measured > 0, 'no round gave values');
    });

    test(`a ${known.name} that is looked for throws sentences and never hangs`, () => {
      const bus = new RandomBus(7, known);
      const [{ sensor }] = create([known.name], bus, 10_000);
      rounds(sensor, bus);
    });
  }

  test('a probe finds something or nothing, and ends', () => {
    const asked = KNOWN_SENSORS.flatMap(({ addresses }) => addresses).length;
    for (let seed = 0; seed < 50; seed += 1) {
      const bus = new RandomBus(seed, KNOWN_SENSORS[seed % KNOWN_SENSORS.length]);
      assert.ok(probe(bus).length <= asked);
      assert.ok(bus.transfers < asked * 27);
    }
  });
});
