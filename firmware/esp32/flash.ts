/** A partition of the flash, by its name in `sdkconfig/partitions.csv`. */

import flash, { type Partition } from 'embedded:storage/flash';
import type { Flash } from '../ports.ts';

export class BoardFlash implements Flash {
  readonly blocks: number;
  readonly blockBytes: number;
  readonly writeAlignment = 4;
  private readonly partition: Partition;

  /** @throws Error when there is no such partition. */
  constructor(name: string) {
    this.partition = flash.open({ path: name });
    const { blocks, blockLength } = this.partition.status();
    this.blocks = blocks;
    this.blockBytes = blockLength;
  }

  read(offset: number, into: Uint8Array, start: number, end: number): void {
    this.partition.read(into.subarray(start, end), offset);
  }

  write(offset: number, from: Uint8Array, start: number, end: number): void {
    this.partition.write(from.subarray(start, end), offset);
  }

  erase(block: number): void {
    this.partition.eraseBlock(block, block + 1);
  }
}
