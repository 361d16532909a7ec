/**
 * One reading as JSON bytes: the fragment with its values, and the telemetry message around it.
 *
 * The fragment (`"temperature":21.4,"humidity":44.1`) is what the outbox keeps; number, boot and
 * time are put around it when it is sent, so that a reading taken before the time was known still
 * gets its time. Nothing here is parsed, and nothing allocates after construction. Values that are
 * not numbers within +-2^53 are left out: JSON has no word for them.
 */
import { writeBytes } from '../base/bytes.ts';
import {
  asciiBytes,
  NUMBER_BYTES_MAX,
  NUMBER_MAX,
  numberBytesMax,
  writeInteger,
  writeNumber,
  writeRange,
} from '../base/text.ts';

/** A published value; the shape of the sensors' `Quantity`, which this folder must not import. */
export interface PublishedQuantity {
  /** The JSON name: a to z, 0 to 9 and _, starting with a letter. */
  readonly name: string;
  /** What it is: a `QuantityKind` of the sensors; what has no kind is just a number. */
  readonly kind?: string;
  readonly unit: string;
  /** Decimal places, 0 to 6. */
  readonly decimals: number;
}

/** How far the time of a reading can be trusted, as `tq` says it. */
export type ReadingTimeQuality = 'none' | 'estimated' | 'sync';

/** What stands before the values. One object may be filled again for each message. */
export interface ReadingStamp {
  /** The reading's number, which never repeats. */
  sequence: number;
  /** The number of the boot in which it was taken. */
  boot: number;
  quality: ReadingTimeQuality;
  /** Unix time in ms; not looked at while `quality` is `none`. */
  unixMs: number;
  /** Milliseconds since that boot; published only while `quality` is `none`. */
  upMs: number;
}

const COMMA = 0x2c;
const CLOSING_BRACE = 0x7d;
/** The longest `{…` before the fragment: three numbers and 38 bytes of keys. */
const STAMP_BYTES_MAX = 38 + 3 * NUMBER_BYTES_MAX;

/** The most that one value takes in a fragment, with its key and a comma, in bytes. */
export function quantityBytesMax({ name, decimals }: PublishedQuantity): number {
  return name.length + '"":,'.length + numberBytesMax(decimals);
}

/** Writes the values of readings that all have the same quantities. */
export class FragmentWriter {
  /** The longest fragment. */
  readonly bytesMax: number;
  private readonly keys: readonly Uint8Array[];
  private readonly decimals: readonly number[];

  /** @throws RangeError naming the quantity whose name or decimals cannot be published. */
  constructor(quantities: readonly PublishedQuantity[]) {
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

  /**
   * Writes the fragment; `bytesMax` bytes of room always suffice.
   * @param values one per quantity, in their order; NaN for an absent one.
   * @returns the offset after it: `at` when every value is absent.
   */
  write(into: Uint8Array, at: number, values: Float64Array): number {
    const start = at;
    for (let i = 0; i < this.keys.length; i += 1) {
      const value = values[i];
      if (!(Math.abs(value) <= NUMBER_MAX)) continue;
      if (at > start) into[at++] = COMMA;
      at = writeBytes(into, at, this.keys[i]);
      at = writeNumber(into, at, value, this.decimals[i]);
    }
    return at;
  }
}

// On the board they lie in flash, which a field of each writer would not.
const SEQUENCE_KEY = asciiBytes('{"seq":');
const BOOT_KEY = asciiBytes(',"boot":');
const TIME_KEY = asciiBytes(',"ts":');
const UP_KEY = asciiBytes(',"up":');
const SYNCHRONISED = asciiBytes(',"tq":"sync"');
const ESTIMATED = asciiBytes(',"tq":"estimated"');
const UNKNOWN = asciiBytes(',"tq":"none"');

/** Writes whole telemetry messages: a stamp, and a fragment as `FragmentWriter` wrote it. */
export class TelemetryWriter {
  /** The room that a message with a fragment of `fragmentBytes` needs at most. */
  bytesMax(fragmentBytes: number): number {
    return STAMP_BYTES_MAX + 1 + fragmentBytes + 1;
  }

  /**
   * Writes one message: `{"seq":1042,"boot":17,"ts":1795204800,"tq":"sync",…}`, with the time in
   * whole seconds; without a known time `"up"` stands for `"ts"`.
   * @param fragment its bytes `[start..end)`; none is allowed.
   * @returns the offset after it, the same where it did not fit: then beyond `into.length`.
   * @throws RangeError when a number of the stamp is not finite.
   */
  write(
    into: Uint8Array,
    at: number,
    stamp: ReadingStamp,
    fragment: Uint8Array,
    start: number,
    end: number,
  ): number {
    at = writeInteger(into, writeBytes(into, at, SEQUENCE_KEY), stamp.sequence);
    at = writeInteger(into, writeBytes(into, at, BOOT_KEY), stamp.boot);
    if (stamp.quality === 'none') {
      at = writeInteger(into, writeBytes(into, at, UP_KEY), Math.floor(stamp.upMs));
      at = writeBytes(into, at, UNKNOWN);
    } else {
      const seconds = Math.floor(stamp.unixMs / 1000);
      at = writeInteger(into, writeBytes(into, at, TIME_KEY), seconds);
      at = writeBytes(into, at, stamp.quality === 'sync' ? SYNCHRONISED : ESTIMATED);
    }
    if (end > start) {
      into[at++] = COMMA;
      at = writeRange(into, at, fragment, start, end);
    }
    into[at++] = CLOSING_BRACE;
    return at;
  }
}

function checkQuantity(quantity: PublishedQuantity): void {
  const { name, decimals } = quantity;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new RangeError(`quantity "${name}": a name has a to z, 0 to 9 and _, a letter first`);
  }
  if (!(decimals >= 0 && decimals <= 6 && Math.floor(decimals) === decimals)) {
    throw new RangeError(`quantity "${name}": decimals must be 0 to 6`);
  }
}
