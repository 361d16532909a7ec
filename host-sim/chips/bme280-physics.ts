/**
 * What the converters of a BME280 count for given physical values: the data sheet's compensation
 * (BST-BME280-DS002, section 8.1) solved the other way round, each step by its quadratic formula.
 *
 * It shares nothing with the firmware's driver, so that one can't hide a mistake of the other.
 */

/** The trimming coefficients under their data sheet names. */
export interface Bme280Coefficients {
  readonly t: readonly [number, number, number];
  readonly p: readonly [number, number, number, number, number, number, number, number, number];
  readonly h: readonly [number, number, number, number, number, number];
}

/** Coefficients as real chips have them. */
export const TYPICAL: Bme280Coefficients = {
  t: [27504, 26435, -1000],
  p: [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000],
  h: [75, 362, 0, 313, 50, 30],
};

/** The registers 0x88 to 0xA1 and 0xE1 to 0xE7 of a chip (section 4.2.2). */
export function coefficientBytes(c: Bme280Coefficients): { one: Uint8Array; two: Uint8Array } {
  const one = new Uint8Array(26);
  const two = new Uint8Array(7);
  const words = new DataView(one.buffer);
  for (const [i, word] of [...c.t, ...c.p].entries()) words.setUint16(2 * i, word & 0xffff, true);
  one[25] = c.h[0];
  new DataView(two.buffer).setInt16(0, c.h[1], true);
  two[2] = c.h[2];
  two[3] = c.h[3] >> 4;
  two[4] = (c.h[3] & 0x0f) | ((c.h[4] & 0x0f) << 4);
  two[5] = c.h[4] >> 4;
  two[6] = c.h[5];
  return { one, two };
}

/** The fine temperature (5120 per °C) that a count stands for. */
export function fineOf(c: Bme280Coefficients, count: number): number {
  const [t1, t2, t3] = c.t;
  const u = (count - 16 * t1) / 16384;
  return t2 * u + (t3 * u * u) / 64;
}

/** The temperature's count, not yet whole. */
export function countTemperature(c: Bme280Coefficients, celsius: number): number {
  const [t1, t2, t3] = c.t;
  return 16 * t1 + 16384 * rootNear(t3 / 64, t2, -5120 * celsius);
}

/** The pressure's count, not yet whole. */
export function countPressure(c: Bme280Coefficients, hectopascals: number, fine: number): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = c.p;
  const half = fine / 2 - 64000;
  const gain = (1 + (half * p2 + (half * half * p3) / 524288) / 2 ** 34) * p1;
  const offset = 16 * p4 + (half * p5) / 8192 + (half * half * p6) / 2 ** 29;
  const first = rootNear(p9 / 2 ** 35, 1 + p8 / 2 ** 19, p7 / 16 - 100 * hectopascals);
  return 1048576 - offset - (first * gain) / 6250;
}

/** The humidity's count, not yet whole. */
export function countHumidity(c: Bme280Coefficients, percent: number, fine: number): number {
  const [h1, h2, h3, h4, h5, h6] = c.h;
  const warm = fine - 76800;
  const gain = (h2 / 65536) * (1 + (h6 / 67108864) * warm * (1 + (h3 / 67108864) * warm));
  return 64 * h4 + (h5 * warm) / 16384 + rootNear(-h1 / 524288, 1, -percent) / gain;
}

/** The root of a·x² + b·x + c that is continuous through a = 0. */
function rootNear(a: number, b: number, c: number): number {
  return (-2 * c) / (b + Math.sqrt(b * b - 4 * a * c));
}
