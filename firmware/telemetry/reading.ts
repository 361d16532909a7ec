/**
 * One reading as JSON bytes: the fragment with its values, and the telemetry message around it.
 *
 * The fragment (`"temperature":21.4,"humidity":44.1`) is what the outbox keeps; number, boot and
 * time are put around it when it is sent, so that a reading taken before the time was known still
 * gets its time. Nothing here is parsed, and nothing allocates after construction. Values that are
 * not numbers within +-2^53 are left out: JSON has no word for them.
 */

import { asciiBytes, writeRange } from '../base/ascii.ts';
import { copyBytes } from '../base/bytes.ts';
import { NUMBER_MAX, numberBytesMax, writeRounded } from '../base/decimal.ts';
import type { Quantity } from '../sensors/sensor.ts';
import { type ReadingStamp, STAMP_BYTES_MAX, Stamp } from './stamp.ts';

const COMMA = 0x2c;
const CLOSING_BRACE = 0x7d;
/** The most that one value takes in a fragment, with its key and a comma, in bytes. */
export function quantityBytesMax({ name, decimals }: Quantity): number {
  return name.length + '"":,'.length + numberBytesMax(decimals);
}

/** Writes the values of readings that all have the same quantities. */
export class FragmentWriter {
  /** The longest fragment. */
  readonly bytesMax: number;
  private readonly keys: readonly Uint8Array[];
  private readonly decimals: readonly number[];

  /** @throws RangeError naming the quantity whose name or decimals cannot be published. */
  constructor(quantities: readonly Quantity[]) {
    const keys: Uint8Array[] = [];
    const decimals: number[] = [];
    let bytesMax = 0;
    for (const quantity of quantities) {
      checkQuantity(quantity);
      const key = asciiBytes(`"${quantity.name}":`);
      keys.push(key);
      decimals.push(quantity.decimals);
      bytesMax += quantityBytesMax(quantity);
    }
    this.keys = keys;
    this.decimals = decimals;
    this.bytesMax = bytesMax;
  }

  /** Whether a fragment of these values has any. */
  hasValue(values: Float64Array): boolean {
    for (let i = 0; i < this.keys.length; i += 1) {
      if (values[i] <= NUMBER_MAX && values[i] >= -NUMBER_MAX) return true;
    }
    return false;
  }

  /**
   * Writes the fragment; `bytesMax` bytes of room always suffice, and what finds none is left out.
   * @param values one per quantity, in their order; NaN for an absent one.
   * @returns the offset after it, as if there had been room: `at` when every value is absent.
   */
  write(into: Uint8Array, at: number, values: Float64Array): number {
    const keys = this.keys;
    const decimals = this.decimals;
    const start = at;
    for (let i = 0; i < keys.length; i += 1) {
      const value = values[i];
      if (!(value <= NUMBER_MAX && value >= -NUMBER_MAX)) continue;
      if (at > start) into[at++] = COMMA;
      const key = keys[i];
      const after = at + key.length;
      if (after <= into.length) into.set(key, at);
      at = writeRounded(into, after, value, decimals[i]);
    }
    return at;
  }
}

/** Writes whole telemetry messages: a stamp, and a fragment as `FragmentWriter` wrote it. */
export class TelemetryWriter {
  private readonly stamp = new Stamp();

  /** The room that a message with a fragment of `fragmentBytes` needs at most. */
  bytesMax(fragmentBytes: number): number {
    return STAMP_BYTES_MAX + 1 + fragmentBytes + 1;
  }

  /**
   * Writes one message: `{"seq":1042,"boot":17,"ts":1795204800,"tq":"sync",…}`. Bytes behind it may
   * be written to, too.
   * @param view on the memory of `into`, from the same byte on
   * @param fragment its bytes `[start..end)`; none is allowed.
   * @returns the offset after it, the same where it did not fit: then beyond `into.length`.
   * @throws RangeError when a number of the stamp is not finite.
   */
  write(
    into: Uint8Array,
    at: number,
    view: DataView,
    stamp: ReadingStamp,
    fragment: DataView,
    start: number,
    end: number,
  ): number {
    const kept = this.stamp;
    kept.set(stamp);
    const after = at + kept.end + end - start + (end > start ? 2 : 1);
    if (after > into.length) return after;
    // All of its bytes, though fewer count: a part of them would have to be an array of its own.
    if (at + STAMP_BYTES_MAX <= into.length) into.set(kept.bytes, at);
    else writeRange(into, at, kept.bytes, 0, kept.end);
    at += kept.end;
    if (end > start) {
      into[at] = COMMA;
      copyBytes(view, at + 1, fragment, start, end);
    }
    into[after - 1] = CLOSING_BRACE;
    return after;
  }
}

function checkQuantity(quantity: Quantity): void {
  const { name, decimals } = quantity;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new RangeError(`quantity "${name}": a name has a to z, 0 to 9 and _, a letter first`);
  }
  if (!(decimals >= 0 && decimals <= 6 && Math.floor(decimals) === decimals)) {
    throw new RangeError(`quantity "${name}": decimals must be 0 to 6`);
  }
}
