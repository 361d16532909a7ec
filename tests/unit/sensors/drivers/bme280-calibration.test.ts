import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Bme280Calibration } from '../../../../firmware/sensors/drivers/bme280-calibration.ts';
import {
  type Bme280Coefficients,
  coefficientBytes,
  countHumidity,
  countPressure,
  countTemperature,
  fineOf,
  TYPICAL,
} from '../../../../host-sim/chips/bme280-physics.ts';

function calibrationOf(coefficients: Bme280Coefficients): Bme280Calibration {
  const calibration = new Bme280Calibration();
  const { one, two } = coefficientBytes(coefficients);
  assert.ok(calibration.load(one, two));
  return calibration;
}

/** The data sheet's steps one by one in plain doubles: °C, hPa and %, and the fine temperature. */
function stepByStep(c: Bme280Coefficients, rawT: number, rawP: number, rawH: number) {
  const linear = (rawT / 16384 - c.t[0] / 1024) * c.t[1];
  const square = (rawT / 131072 - c.t[0] / 8192) ** 2 * c.t[2];
  const fine = linear + square;
  const half = fine / 2 - 64000;
  const offset = ((half * half * c.p[5]) / 32768 + half * c.p[4] * 2) / 4 + c.p[3] * 65536;
  const slope = ((c.p[2] * half * half) / 524288 + c.p[1] * half) / 524288;
  const gain = (1 + slope / 32768) * c.p[0];
  const pascal = ((1048576 - rawP - offset / 4096) * 6250) / gain;
  const last = (c.p[8] * pascal * pascal) / 2147483648 + (pascal * c.p[7]) / 32768 + c.p[6];
  const warm = fine - 76800;
  const bent = 1 + (c.h[5] / 67108864) * warm * (1 + (c.h[2] / 67108864) * warm);
  const wet = (rawH - (c.h[3] * 64 + (c.h[4] / 16384) * warm)) * ((c.h[1] / 65536) * bent);
  const percent = wet * (1 - (c.h[0] * wet) / 524288);
  return {
    fine,
    celsius: fine / 5120,
    hectopascals: (pascal + last / 16) / 100,
    percent: Math.min(100, Math.max(0, percent)),
  };
}

/** The data sheet's other way: whole numbers only, with its shifts. */
function inWholeNumbers(c: Bme280Coefficients, rawT: number, rawP: number, rawH: number) {
  const [t1, t2, t3] = c.t.map(BigInt);
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = c.p.map(BigInt);
  const [h1, h2, h3, h4, h5, h6] = c.h.map(BigInt);
  const [at, ap, ah] = [rawT, rawP, rawH].map(BigInt);
  const centre = (at >> 4n) - t1;
  const fine = ((((at >> 3n) - 2n * t1) * t2) >> 11n) + ((((centre * centre) >> 12n) * t3) >> 14n);
  const d = fine - 128000n;
  const offset = d * d * p6 + ((d * p5) << 17n) + (p4 << 35n);
  const gain = (((1n << 47n) + ((d * d * p3) >> 8n) + ((d * p2) << 12n)) * p1) >> 33n;
  const first = ((((1048576n - ap) << 31n) - offset) * 3125n) / gain;
  const bend = ((p9 * (first >> 13n) * (first >> 13n)) >> 25n) + ((p8 * first) >> 19n);
  const pressure = ((first + bend) >> 8n) + (p7 << 4n);
  const w = fine - 76800n;
  const scale = ((((w * h6) >> 10n) * (((w * h3) >> 11n) + 32768n)) >> 10n) + 2097152n;
  const wet =
    (((ah << 14n) - (h4 << 20n) - h5 * w + 16384n) >> 15n) * ((scale * h2 + 8192n) >> 14n);
  const humid = wet - (((((wet >> 15n) * (wet >> 15n)) >> 7n) * h1) >> 4n);
  return {
    celsius: Number((fine * 5n + 128n) >> 8n) / 100,
    hectopascals: Number(pressure) / 25600,
    percent: Math.min(100, Math.max(0, Number(humid >> 12n) / 1024)),
  };
}

function near(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);
}

const between = (least: number, most: number) => fc.integer({ min: least, max: most });
/** Coefficients spread around those of real chips, with every sign of the small ones. */
const coefficients: fc.Arbitrary<Bme280Coefficients> = fc.record({
  t: fc.tuple(between(26000, 29500), between(25000, 27500), between(-1200, 100)),
  p: fc.tuple(
    between(34000, 39500),
    between(-11200, -10000),
    between(2800, 3200),
    between(1500, 9000),
    between(-300, 300),
    fc.constant(-7),
    between(9900, 15500),
    between(-14600, -10000),
    between(4200, 6000),
  ),
  h: fc.tuple(
    between(60, 90),
    between(330, 390),
    between(0, 8),
    between(-400, 400),
    between(-80, 80),
    between(10, 40),
  ),
});
const celsius = fc.double({ min: -40, max: 85, noNaN: true });
const hectopascals = fc.double({ min: 300, max: 1100, noNaN: true });
const percent = fc.double({ min: 0, max: 100, noNaN: true });

describe('the compensation of a BME280', () => {
  test('gives the worked example that Bosch prints for these coefficients', () => {
    const calibration = calibrationOf(TYPICAL);
    const fine = calibration.fine(519888);
    near(fine, 128422.287, 0.001);
    near(calibration.celsius(fine), 25.08, 0.005);
    near(calibration.hectopascals(415148, fine), 1006.5327, 0.0001);
  });

  test('agrees with the data sheet step by step over the whole range', () => {
    fc.assert(
      fc.property(coefficients, celsius, hectopascals, percent, (c, t, p, h) => {
        const rawT = Math.round(countTemperature(c, t));
        const rawP = Math.round(countPressure(c, p, fineOf(c, rawT)));
        const rawH = Math.round(countHumidity(c, h, fineOf(c, rawT)));
        const expected = stepByStep(c, rawT, rawP, rawH);
        const calibration = calibrationOf(c);
        const fine = calibration.fine(rawT);
        near(fine, expected.fine, 1e-6);
        near(calibration.celsius(fine), expected.celsius, 1e-9);
        near(calibration.hectopascals(rawP, fine), expected.hectopascals, 1e-8);
        near(calibration.percent(rawH, fine), expected.percent, 1e-9);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  test('agrees with the data sheet in whole numbers within their rounding', () => {
    fc.assert(
      fc.property(coefficients, celsius, hectopascals, percent, (c, t, p, h) => {
        const rawT = Math.round(countTemperature(c, t));
        const rawP = Math.round(countPressure(c, p, fineOf(c, rawT)));
        const rawH = Math.round(countHumidity(c, h, fineOf(c, rawT)));
        const expected = inWholeNumbers(c, rawT, rawP, rawH);
        const calibration = calibrationOf(c);
        const fine = calibration.fine(rawT);
        near(calibration.celsius(fine), expected.celsius, 0.006);
        near(calibration.hectopascals(rawP, fine), expected.hectopascals, 0.02);
        near(calibration.percent(rawH, fine), expected.percent, 0.02);
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  test('turns the counts of the simulated converters back into what they measured', () => {
    fc.assert(
      fc.property(coefficients, celsius, hectopascals, percent, (c, t, p, h) => {
        const calibration = calibrationOf(c);
        const fine = calibration.fine(countTemperature(c, t));
        near(calibration.celsius(fine), t, 1e-9);
        near(calibration.hectopascals(countPressure(c, p, fine), fine), p, 1e-7);
        near(calibration.percent(countHumidity(c, h, fine), fine), h, 1e-7);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  test('keeps humidity within 0 and 100 % for every count', () => {
    const calibration = calibrationOf(TYPICAL);
    const fine = calibration.fine(519888);
    for (let raw = 0; raw <= 0xffff; raw += 101) {
      const value = calibration.percent(raw, fine);
      assert.ok(value >= 0 && value <= 100);
    }
    assert.equal(calibration.percent(0, fine), 0);
    assert.equal(calibration.percent(0xffff, fine), 100);
  });

  test('reads the two 12-bit coefficients with their signs from the byte that they share', () => {
    for (const [h4, h5] of [
      [-1, 0],
      [0, -1],
      [-2048, 2047],
      [2047, -2048],
      [313, 50],
    ]) {
      const c: Bme280Coefficients = { ...TYPICAL, h: [75, 362, 0, h4, h5, 30] };
      const calibration = calibrationOf(c);
      const rawT = Math.round(countTemperature(c, 60));
      const fine = calibration.fine(rawT);
      const raw = Math.round(countHumidity(c, 50, fine));
      near(calibration.percent(raw, fine), stepByStep(c, rawT, 0, raw).percent, 1e-9);
      near(calibration.percent(raw, fine), 50, 0.01);
    }
  });

  test('refuses blank coefficients', () => {
    const calibration = new Bme280Calibration();
    for (const blank of [0, 0xff]) {
      const one = new Uint8Array(26).fill(blank);
      assert.equal(calibration.load(one, new Uint8Array(7).fill(blank)), false);
    }
  });
});
