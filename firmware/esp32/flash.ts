/** A partition of the flash, by its name in `sdkconfig/partitions.csv`. */

import flash, { type Partition } from 'embedded:storage/flash';
import { NO_BYTES } from '../base/bytes.ts';
import type { Flash } from '../ports.ts';

/** Views that are kept. The lengths of records differ by a few words. */
const VIEWS = 8;

export class BoardFlash implements Flash {
  readonly blocks: number;
  readonly blockBytes: number;
  readonly writeAlignment = 4;
  private readonly partition: Partition;
  private readonly views: Uint8Array[];

  /** @throws Error when there is no such partition. */
  constructor(name: string) {
    this.partition = flash.open({ path: name });
    const { blocks, blockLength } = this.partition.status();
    this.blocks = blocks;
    this.blockBytes = blockLength;
    this.views = new Array<Uint8Array>(VIEWS).fill(NO_BYTES);
  }

  read(offset: number, into: Uint8Array, start: number, end: number): void {
    this.partition.read(this.part(into, start, end), offset);
  }

  write(offset: number, from: Uint8Array, start: number, end: number): void {
    this.partition.write(this.part(from, start, end), offset);
  }

  erase(block: number): void {
    this.partition.eraseBlock(block, block + 1);
  }

  /** `bytes[start..end)` as the platform takes it: a view, which is kept and not made each time. */
  private part(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (start !== 0) return bytes.subarray(start, end);
    const place = (end >> 2) % VIEWS;
    const kept = this.views[place];
    const isSame = kept.length === end && kept.buffer === bytes.buffer;
    if (isSame && kept.byteOffset === bytes.byteOffset) return kept;
    const view = bytes.subarray(0, end);
    this.views[place] = view;
    return view;
  }
}
