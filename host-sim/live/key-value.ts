/**
 * Small named values, a file each. A `set` writes a new file and renames it over the old one, so
 * that a killed process leaves the old value or the new one.
 */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyValue } from '../../firmware/ports.ts';

export class LiveKeyValue implements KeyValue {
  readonly #folder: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  get(key: string): Uint8Array | undefined {
    try {
      return new Uint8Array(readFileSync(this.#path(key)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  set(key: string, value: Uint8Array): void {
    const path = this.#path(key);
    writeFileSync(`${path}.new`, value);
    renameSync(`${path}.new`, path);
  }

  remove(key: string): void {
    rmSync(this.#path(key), { force: true });
  }

  /** Keys are the firmware's own names; anything else would be a path of somebody's choosing. */
  #path(key: string): string {
    if (!/^[a-z0-9-]{1,15}$/.test(key)) throw new RangeError(`'${key}' is no key`);
    return join(this.#folder, key);
  }
}
