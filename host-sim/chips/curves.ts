/**
 * Weather for simulated sensors: smooth curves of time, a daily swing on a slow drift.
 *
 * A curve is a pure function: the same seed and the same time give the same value, whatever was
 * asked before. Only additions, multiplications, divisions and integer hashing are used: `Math.sin`
 * may differ in its last bit between engines, and a simulation must not.
 */

/** A physical value as a function of time in milliseconds. */
export type Curve = (ms: number) => number;

/** The air around one board: °C, % relative humidity, hPa. */
export interface Weather {
  readonly temperature: Curve;
  readonly humidity: Curve;
  readonly pressure: Curve;
}

/** All that the simulated sensors can measure. */
export interface Surroundings extends Weather {
  /** Carbon dioxide in ppm. */
  readonly co2: Curve;
  /** Illuminance in lx. */
  readonly illuminance: Curve;
  /** Of a supply, in V. */
  readonly voltage: Curve;
  /** That a load draws from it, in A. */
  readonly current: Curve;
}

/** Where and how: the middle of the daily swing and its size. */
export interface Climate {
  /** °C; 21 unless given. */
  readonly temperatureMean?: number;
  /** °C from the middle to the peak of a day; 3 unless given. */
  readonly temperatureSwing?: number;
  /** %; 48 unless given. */
  readonly humidityMean?: number;
  /** hPa; 1009 unless given. */
  readonly pressureMean?: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The warmest hour of a day that starts at 0 ms. */
const PEAK_MS = 15 * HOUR_MS;
const NOON_MS = 12 * HOUR_MS;
/** Degrees change what the same water in the air means as relative humidity. */
const HUMIDITY_PER_DEGREE = -2.2;

/** The weather of one seed (an integer). */
export function weather(seed: number, climate: Climate = {}): Weather {
  const {
    temperatureMean = 21,
    temperatureSwing = 3,
    humidityMean = 48,
    pressureMean = 1009,
  } = climate;
  const anomaly: Curve = (ms) =>
    temperatureSwing * wave((ms - PEAK_MS) / DAY_MS) +
    1.5 * drift(seed, 1, ms / (60 * HOUR_MS)) +
    0.2 * drift(seed, 2, ms / (0.4 * HOUR_MS));
  return {
    temperature: (ms) => temperatureMean + anomaly(ms),
    humidity: (ms) => {
      const water = 9 * drift(seed, 3, ms / (40 * HOUR_MS)) + drift(seed, 4, ms / HOUR_MS);
      return clamp(humidityMean + HUMIDITY_PER_DEGREE * anomaly(ms) + water, 3, 99);
    },
    pressure: (ms) =>
      pressureMean + 14 * drift(seed, 5, ms / (70 * HOUR_MS)) + 0.8 * wave((2 * ms) / DAY_MS),
  };
}

/** A room with that weather: people come and go, the sun shines in, a battery feeds a load. */
export function surroundings(seed: number, climate: Climate = {}): Surroundings {
  return {
    ...weather(seed, climate),
    co2: (ms) => 750 + 320 * drift(seed, 6, ms / HOUR_MS),
    illuminance: (ms) => {
      const day = wave((ms - NOON_MS) / DAY_MS) + 0.2;
      return Math.max(0, day) * (6000 + 4000 * drift(seed, 7, ms / (0.3 * HOUR_MS)));
    },
    voltage: (ms) => 12.4 + 0.3 * drift(seed, 8, ms / (20 * HOUR_MS)),
    current: (ms) => 0.35 + 0.3 * drift(seed, 9, ms / (0.1 * HOUR_MS)),
  };
}

/** Always the same value. */
export function constant(value: number): Curve {
  return () => value;
}

/** A wave of period 1 and height 1, crest at 0: parabolas bent to within 0.2 % of a cosine. */
function wave(turns: number): number {
  const phase = turns + 0.25;
  const x = 2 * (phase - Math.floor(phase)) - 1;
  const parabola = 4 * x * (Math.abs(x) - 1);
  return parabola * (0.775 + 0.225 * Math.abs(parabola));
}

/** Smooth noise within -1 to 1 that has a new random value at each whole `x`. */
function drift(seed: number, channel: number, x: number): number {
  const cell = Math.floor(x);
  const t = x - cell;
  const blend = t * t * (3 - 2 * t);
  const from = scatter(seed, channel, cell);
  return from + (scatter(seed, channel, cell + 1) - from) * blend;
}

/** A number within -1 to 1 from three integers, evenly scattered. */
function scatter(seed: number, channel: number, cell: number): number {
  let hash = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(channel, 0x85ebca77);
  hash = Math.imul(hash ^ (cell | 0), 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 13), 0x165667b1);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 31 - 1;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
