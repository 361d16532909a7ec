/**
 * Named values whose writes are not atomic: the power goes at the n-th write or removal, which is
 * then not begun, done in part, or done.
 */

import type { KeyValue } from '../../../firmware/ports.ts';

/** The power is gone. */
export class PowerCut extends Error {}

/** How a write is left: its first `bytes` are new, what follows is missing, old, or erased. */
export interface Tear {
  readonly bytes: number;
  readonly rest: 'missing' | 'old' | 'erased';
}

export class TornKeyValue implements KeyValue {
  readonly values = new Map<string, Uint8Array>();
  /** Writes and removals so far. */
  changes = 0;
  private cutAt = Number.POSITIVE_INFINITY;
  private tear: Tear | undefined;

  /** The power goes at the `after`-th change from now, from 0. Without a tear it is not begun. */
  cut(after: number, tear?: Tear): void {
    this.cutAt = this.changes + after;
    this.tear = tear;
  }

  /** The same flash after a reboot. */
  reboot(): TornKeyValue {
    const next = new TornKeyValue();
    for (const [key, value] of this.values) next.values.set(key, value.slice());
    return next;
  }

  get(key: string): Uint8Array | undefined {
    return this.values.get(key)?.slice();
  }

  set(key: string, value: Uint8Array): void {
    const old = this.values.get(key) ?? new Uint8Array(0);
    if (this.isCut()) {
      if (this.tear) this.values.set(key, torn(old, value, this.tear));
      throw new PowerCut();
    }
    this.values.set(key, value.slice());
  }

  remove(key: string): void {
    const old = this.values.get(key);
    if (this.isCut()) {
      // A removal that is torn leaves a part of the value.
      if (this.tear && old) this.values.set(key, old.slice(0, this.tear.bytes));
      throw new PowerCut();
    }
    this.values.delete(key);
  }

  private isCut(): boolean {
    this.changes += 1;
    return this.changes > this.cutAt;
  }
}

function torn(old: Uint8Array, value: Uint8Array, { bytes, rest }: Tear): Uint8Array {
  const length = rest === 'missing' ? Math.min(bytes, value.length) : value.length;
  const result = new Uint8Array(length).fill(0xff);
  if (rest === 'old') result.set(old.subarray(0, length));
  result.set(value.subarray(0, Math.min(bytes, length)));
  return result;
}
