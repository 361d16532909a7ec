/** Small values in the NVS partition, whose sets are atomic (ESP-IDF, NVS). Keys: 15 characters. */

import storage, { type Domain } from 'embedded:storage/key-value';
import type { KeyValue } from '../ports.ts';

export class BoardKeyValue implements KeyValue {
  private readonly domain: Domain = storage.open({ path: 'mote' });

  get(key: string): Uint8Array | undefined {
    const value = this.domain.read(key);
    return value && new Uint8Array(value);
  }

  set(key: string, value: Uint8Array): void {
    this.domain.write(key, value);
  }

  remove(key: string): void {
    this.domain.delete(key);
  }
}
