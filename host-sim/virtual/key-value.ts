/** Small named values that outlive a power cut. A `set` is whole or not done at all. */

import type { KeyValue } from '../../firmware/ports.ts';

export class VirtualKeyValue implements KeyValue {
  readonly #values = new Map<string, Uint8Array>();

  get(key: string): Uint8Array | undefined {
    const value = this.#values.get(key);
    return value && Uint8Array.from(value);
  }

  set(key: string, value: Uint8Array): void {
    this.#values.set(key, Uint8Array.from(value));
  }

  remove(key: string): void {
    this.#values.delete(key);
  }
}
