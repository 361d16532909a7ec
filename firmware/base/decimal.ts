/**
 * Numbers as decimal digits, without `toString`, a locale, or an allocation.
 *
 * A writer takes the buffer and the offset to write at, and returns the offset after what it wrote.
 * None throws for want of room: a typed array ignores what lies past its end while the offset goes
 * on counting, so `end > into.length` says that the text did not fit and how long it is.
 */

const POWERS_OF_TEN = Object.freeze([1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7]);
const DECIMALS_MAX = 6;
/** Scaled numbers below are small integers, whose doubles leave room for a fraction. */
const SCALED_MAX = 1e9;
/** A product of doubles is closer than this to the exact one there. */
const DOUBT = 1e-6;

/** The greatest magnitude that the number writers take: 2^53. */
export const NUMBER_MAX = 2 ** 53;
/** The longest text of `writeNumber`: sign, 16 digits, point and 6 decimals. */
export const NUMBER_BYTES_MAX = 24;

/** The longest text of `writeNumber` with so many decimals. @param decimals 0 to 6 */
export function numberBytesMax(decimals: number): number {
  return decimals === 0 ? 17 : 18 + decimals;
}

/**
 * Writes a whole number in decimal digits.
 * @param value -2^53 to 2^53.
 * @throws RangeError when it is not whole or lies outside.
 */
export function writeInteger(into: Uint8Array, at: number, value: number): number {
  if (Math.floor(value) !== value) throw new RangeError('not a whole number');
  return writeNumber(into, at, value, 0);
}

/**
 * Writes `value` rounded to at most `decimals` places, as a JSON number: the nearest decimal to the
 * exact binary value, halves away from zero, zeros at the end of the decimals left out, and no
 * minus sign on zero.
 * @param value finite, -2^53 to 2^53.
 * @param decimals 0 to 6.
 * @throws RangeError for anything else.
 */
export function writeNumber(into: Uint8Array, at: number, value: number, decimals: number): number {
  if (POWERS_OF_TEN[decimals] === undefined || decimals > DECIMALS_MAX) {
    throw new RangeError('decimals must be 0 to 6');
  }
  if (!(Math.abs(value) <= NUMBER_MAX)) throw new RangeError('not a number up to 2^53');
  return writeRounded(into, at, value, decimals);
}

/** Like `writeNumber`, for a caller that has checked the value and the decimals. */
export function writeRounded(
  into: Uint8Array,
  at: number,
  value: number,
  decimals: number,
): number {
  const scale = POWERS_OF_TEN[decimals];
  const scaled = (value < 0 ? -value : value) * scale + 0.5;
  if (scaled < SCALED_MAX) {
    const rounded = scaled | 0;
    const fraction = scaled - rounded;
    // Close to a half, only the exact product tells whether to round up.
    if (fraction > DOUBT && fraction < 1 - DOUBT) {
      if (value < 0 && rounded > 0) into[at++] = 0x2d;
      return writeScaled(into, at, rounded, decimals);
    }
  }
  return writeExactly(into, at, value, scale, decimals);
}

/** Writes a small integer with a point before its last `places` digits, and no zeros behind it. */
function writeScaled(into: Uint8Array, at: number, scaled: number, places: number): number {
  while (places > 0 && scaled % 10 === 0) {
    scaled = (scaled / 10) | 0;
    places -= 1;
  }
  if (places === 0) return writeDigits(into, at, scaled);
  let end = at + places + 2;
  for (let power = POWERS_OF_TEN[places + 1]; power <= scaled; power *= 10) end += 1;
  const point = end - 1 - places;
  let i = end;
  while (i > at) {
    i -= 1;
    if (i === point) {
      into[i] = 0x2e;
      i -= 1;
    }
    into[i] = 0x30 + (scaled % 10);
    scaled = (scaled / 10) | 0;
  }
  return end;
}

/** Writes `value` as `writeRounded` does, whatever its size and wherever it lies. */
function writeExactly(
  into: Uint8Array,
  at: number,
  value: number,
  scale: number,
  decimals: number,
): number {
  const magnitude = Math.abs(value);
  let whole = Math.floor(magnitude);
  let part = roundedPart(magnitude - whole, scale);
  if (part === scale) {
    whole += 1;
    part = 0;
  }
  if (value < 0 && (whole > 0 || part > 0)) into[at++] = 0x2d;
  at = writeDigits(into, at, whole);
  if (part === 0) return at;
  let places = decimals;
  while (part % 10 === 0) {
    part /= 10;
    places -= 1;
  }
  into[at++] = 0x2e;
  return writePadded(into, at, part, places);
}

/**
 * `fraction * scale`, rounded with halves up, decided on the exact product. The product of doubles
 * would be rounded before it is looked at, so the fraction is cut at 2^-39: the upper piece times
 * 10^6 has 53 bits at most, and wherever a half is near the lower piece has 34, times 5^6 48.
 */
function roundedPart(fraction: number, scale: number): number {
  const upper = Math.floor(fraction * 2 ** 39) / 2 ** 39;
  const scaled = upper * scale;
  const whole = Math.floor(scaled);
  return (fraction - upper) * scale >= 0.5 - (scaled - whole) ? whole + 1 : whole;
}

/** Digits in two pieces: up to nine of them are small integers, which XS divides fast. */
function writeDigits(into: Uint8Array, at: number, value: number): number {
  if (value >= 1e9) {
    const upper = Math.floor(value / 1e9);
    return writePadded(into, writeDigits(into, at, upper), value - upper * 1e9, 9);
  }
  let width = 1;
  for (let power = 10; power <= value; power *= 10) width += 1;
  return writePadded(into, at, value, width);
}

function writePadded(into: Uint8Array, at: number, value: number, width: number): number {
  const end = at + width;
  let i = end;
  while (i > at) {
    i -= 1;
    into[i] = 0x30 + (value % 10);
    value = (value / 10) | 0;
  }
  return end;
}
