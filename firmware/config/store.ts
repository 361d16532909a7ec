/**
 * The settings in flash, in two slots: the newer one counts, the older one is written next.
 *
 * A power cut at any moment, also inside a write that is torn, leaves the settings from before or
 * those from after, whole. A slot that holds anything else counts as damaged, and never causes a
 * crash.
 *
 * Settings that are to be tried first lie in the older slot, under another mark: they count for
 * nothing, and a firmware that does not know the mark passes them over.
 */

import { sameBytes } from '../base/bytes.ts';
import type { KeyValue } from '../ports.ts';
import { blobSequence, decodeBlob, encodeBlob } from './blob.ts';
import type { Settings } from './fields.ts';

const SLOTS = Object.freeze(['cfg-a', 'cfg-b'] as const);

export class ConfigStore {
  /** Slots that were damaged when they were last read, 0 to 2. */
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
    const sequence = saved ? (blobSequence(saved) as number) : -1;
    if (saved && sameBytes(saved, encodeBlob(settings, sequence))) return false;
    this.write(older(newest), encodeBlob(settings, (sequence + 1) >>> 0));
    return true;
  }

  /**
   * Keeps settings that are to be tried; those that were saved still count.
   * @throws Error as `save`
   */
  stage(settings: Settings): void {
    this.write(older(this.newest()), encodeBlob(settings, 0, true));
  }

  /** The settings that are to be tried; undefined for none. */
  staged(): Settings | undefined {
    const blob = this.values.get(older(this.newest()));
    return blob && blobSequence(blob, true) !== undefined ? decodeBlob(blob) : undefined;
  }

  /** The settings from before the last `save`; undefined for none. */
  before(): Settings | undefined {
    const blob = this.values.get(older(this.newest()));
    return blob && blobSequence(blob) !== undefined ? decodeBlob(blob) : undefined;
  }

  /**
   * Changes what was saved in its place: those from before stay what `goBack` goes back to.
   * @throws Error where the storage fails; what was saved still counts
   */
  amend(settings: Settings): void {
    const newest = this.newest();
    const saved = this.blobAt(newest);
    if (saved === undefined) return;
    this.values.set(SLOTS[newest], encodeBlob(settings, blobSequence(saved) as number));
  }

  /**
   * Goes back to the settings from before the last `save`.
   * @returns whether there were any: else those that were saved last still count
   */
  goBack(): boolean {
    const newest = this.newest();
    const before = this.values.get(older(newest));
    if (newest < 0 || before === undefined || blobSequence(before) === undefined) return false;
    this.values.remove(SLOTS[newest]);
    return true;
  }

  /** Flash that writes beside what it replaces needs the room for two slots, not for three. */
  private write(slot: string, blob: Uint8Array): void {
    this.values.remove(slot);
    this.values.set(slot, blob);
    const stored = this.values.get(slot);
    if (!stored || !sameBytes(stored, blob)) throw new Error('the settings could not be stored');
  }

  /** Factory reset. The older slot goes first: a power cut between must not bring it back. */
  erase(): void {
    const first = older(this.newest());
    this.values.remove(first);
    this.values.remove(first === SLOTS[0] ? SLOTS[1] : SLOTS[0]);
  }

  /** Which slot has the newest settings, 0 or 1; -1 when none has any. */
  private newest(): number {
    let newest = -1;
    let latest = 0;
    this.damaged = 0;
    SLOTS.forEach((slot, i) => {
      const blob = this.values.get(slot);
      const sequence = blob && blobSequence(blob);
      if (sequence === undefined) {
        if (blob && blobSequence(blob, true) === undefined) this.damaged += 1;
        // The difference holds also where the number starts again from 0.
      } else if (newest < 0 || ((sequence - latest) | 0) > 0) {
        newest = i;
        latest = sequence;
      }
    });
    return newest;
  }

  private blobAt(slot: number): Uint8Array | undefined {
    return slot < 0 ? undefined : this.values.get(SLOTS[slot]);
  }
}

/** The slot to be written next. */
function older(newest: number): string {
  return newest === 0 ? SLOTS[1] : SLOTS[0];
}
