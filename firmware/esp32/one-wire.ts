/**
 * A one-wire bus over the platform's `onewire`, which takes single bytes and turns ROM codes round
 * (SDK 8.2.3: the family comes last).
 */

import Digital from 'embedded:io/digital';
import OneWire from 'onewire';
import type { OneWireBus } from '../sensors/sensor.ts';

/** Bytes that every board's receiver can take at once: it has room for 48 bits. */
const CHUNK = 4;

export class BoardOneWireBus implements OneWireBus {
  private readonly pin: Digital;
  private readonly io: OneWire;

  /** @throws Error when there is no such pin, it is in use, or it is an input only */
  constructor(pin: number) {
    // The native part trusts its pin, and crashes on one that it cannot use.
    this.pin = new Digital({ pin, mode: Digital.OutputOpenDrain, initialValue: 1 });
    try {
      this.io = new OneWire({ pin });
    } catch (error) {
      this.pin.close();
      throw error;
    }
  }

  reset(): boolean {
    return this.io.reset();
  }

  write(from: Uint8Array): void {
    for (let i = 0; i < from.length; i += 1) this.io.write(from[i]);
  }

  read(into: Uint8Array): void {
    for (let at = 0; at < into.length; at += CHUNK) {
      const bytes = this.io.read(Math.min(CHUNK, into.length - at)) as Uint8Array;
      into.set(new Uint8Array(bytes), at);
    }
  }

  search(): Uint8Array[] {
    return this.io.search().map((rom) => new Uint8Array(rom).reverse());
  }

  close(): void {
    this.io.close();
    this.pin.close();
  }
}
