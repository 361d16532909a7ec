/** Flash logs composed by hand from FORMAT.md, with its numbers and nothing of the firmware. */

import { referenceCrc } from './harness.ts';

type Field = readonly [at: number, bytes: 1 | 2 | 4, value: number];

/** What FORMAT.md's block header says; reserved bytes are zero. */
export interface HeaderFields {
  readonly ring: number;
  readonly alignment: number;
  readonly blocks: number;
  readonly generation: number;
  readonly nextSequence: number;
  readonly firstOrdinal: number;
  readonly tail: number;
  readonly dropped?: number;
  readonly refused?: number;
  readonly ranges?: readonly (readonly [from: number, to: number])[];
}

export interface RecordFields {
  readonly type: number;
  readonly quality: number;
  readonly selector: number;
  readonly sequence: number;
  readonly at: number;
  readonly index: number;
  readonly boot: number;
  readonly payload: Uint8Array;
}

/** Both copies of a block header: 192 bytes. */
export function headerImage(of: HeaderFields): Uint8Array {
  const ranges = of.ranges ?? [];
  const copy = composed(96, [
    [0, 4, 0x45544f4d],
    [4, 2, 1],
    [6, 2, 96],
    [8, 1, of.ring],
    [9, 1, of.alignment],
    [10, 2, of.blocks],
    [12, 4, of.generation],
    [16, 4, of.nextSequence],
    [20, 4, of.firstOrdinal],
    [24, 4, of.tail],
    [28, 4, of.dropped ?? 0],
    [32, 4, of.refused ?? 0],
    [36, 4, ranges.length],
    ...ranges.flat().map((bound, i): Field => [40 + 4 * i, 4, bound]),
  ]);
  put(copy, [92, 4, referenceCrc(copy.subarray(0, 92))]);
  return joined(copy, copy);
}

/** A record from its header to its last word. */
export function recordImage(of: RecordFields, alignment: number): Uint8Array {
  const { length } = of.payload;
  const total = Math.ceil((28 + length + 4) / alignment) * alignment;
  const image = composed(total, [
    [0, 2, length],
    [2, 1, of.type + 16 * of.quality],
    [3, 1, of.selector],
    [4, 4, of.sequence],
    [8, 4, of.at % 2 ** 32],
    [12, 2, Math.floor(of.at / 2 ** 32)],
    [14, 2, of.index],
    [16, 4, of.boot],
    [20, 4, referenceCrc(of.payload)],
    [total - 4, 4, of.type === 2 ? 0x45544154 : 0x44524f57],
  ]);
  put(image, [24, 4, referenceCrc(image.subarray(0, 24))]);
  image.set(of.payload, 28);
  return image;
}

/** A state record's payload. */
export function stateImage(
  tail: number,
  dropped: number,
  refused: number,
  ranges: readonly (readonly [from: number, to: number])[] = [],
): Uint8Array {
  const words = [tail, dropped, refused, ...ranges.flat()];
  return composed(
    4 * words.length,
    words.map((word, i): Field => [4 * i, 4, word]),
  );
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function composed(length: number, fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const field of fields) put(bytes, field);
  return bytes;
}

function put(bytes: Uint8Array, [at, size, value]: Field): void {
  for (let i = 0; i < size; i += 1) bytes[at + i] = Math.floor(value / 256 ** i) % 256;
}
