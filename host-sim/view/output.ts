/**
 * Standard output as lines, for readers that are slow or go away.
 *
 * Where writing does not block, at most 4 MiB wait for the reader; what comes then is left out and
 * counted. When the reader is gone, everything is left out and the owner is told once.
 */
import type { Writable } from 'node:stream';
import type { Lines } from './plain-view.ts';

const WAITING_BYTES_MAX = 4 * 1024 * 1024;

export class Output implements Lines {
  readonly #stream: Writable;
  #gone = false;

  /** Lines that were not written because the reader was slow. */
  leftOut = 0;

  /** @param onGone called once when nobody reads any more. */
  constructor(stream: Writable, onGone: () => void) {
    this.#stream = stream;
    stream.on('error', () => {
      if (this.#gone) return;
      this.#gone = true;
      onGone();
    });
  }

  write(line: string): void {
    if (this.#gone) return;
    if (this.#stream.writableLength > WAITING_BYTES_MAX) this.leftOut += 1;
    else this.#stream.write(`${line}\n`);
  }

  /** Resolves when all was handed to the reader, or nobody reads. */
  async drained(): Promise<void> {
    if (this.#gone || this.#stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve()).write('', () => resolve());
    });
  }
}
