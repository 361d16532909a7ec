/**
 * The settings in flash, in two slots: the newer one counts, the older one is written next.
 *
 * A power cut at any moment, also inside a write that is torn, leaves the settings from before or
 * those from after, whole. Slots that hold anything else count as damaged and are never a crash.
 */

import type { KeyValue } from '../ports.ts';
import { blobSequence, decodeBlob, encodeBlob, hasSameFields } from './blob.ts';
import type { Settings } from './fields.ts';

const SLOTS = Object.freeze(['cfg-a', 'cfg-b'] as const);

export class ConfigStore {
  /** Slots that held something else than settings as last looked at, 0 to 2. */
  damaged = 0;
  private readonly values: KeyValue;

  constructor(values: KeyValue) {
    this.values = values;
  }

  /** The settings that were saved last; undefined on a board without any. */
  load(): Settings | undefined {
    const blob = this.blobAt(this.newest());
    return blob && decodeBlob(blob);
  }

  /**
   * Saves them, if they differ from what is there.
   * @returns whether anything was written
   * @throws Error when what was written does not read back; the settings from before still count
   */
  save(settings: Settings): boolean {
    const newest = this.newest();
    const saved = this.blobAt(newest);
    const sequence = saved === undefined ? 0 : (blobSequence(saved) as number) + 1;
    const blob = encodeBlob(settings, sequence >>> 0);
    if (saved !== undefined && hasSameFields(saved, blob)) return false;
    const slot = SLOTS[newest === 0 ? 1 : 0];
    // Flash that writes beside what it replaces needs the room for two slots, not for three.
    this.values.remove(slot);
    this.values.set(slot, blob);
    const stored = this.values.get(slot);
    if (stored === undefined || blobSequence(stored) !== blobSequence(blob)) {
      throw new Error('the settings could not be stored');
    }
    return true;
  }

  /** Factory reset. The older slot goes first: a power cut between must not bring it back. */
  erase(): void {
    const newest = this.newest();
    this.values.remove(SLOTS[newest === 0 ? 1 : 0]);
    this.values.remove(SLOTS[newest === 0 ? 0 : 1]);
  }

  /** Which slot has the newest settings, 0 or 1; -1 when none has any. */
  private newest(): number {
    this.damaged = 0;
    const [a, b] = SLOTS.map((slot) => {
      const blob = this.values.get(slot);
      const sequence = blob && blobSequence(blob);
      if (blob && sequence === undefined) this.damaged += 1;
      return sequence;
    });
    if (a === undefined || b === undefined) return a === undefined ? (b === undefined ? -1 : 1) : 0;
    // The difference holds also where the number starts again from 0.
    return ((a - b) | 0) > 0 ? 0 : 1;
  }

  private blobAt(slot: number): Uint8Array | undefined {
    return slot < 0 ? undefined : this.values.get(SLOTS[slot]);
  }
}
