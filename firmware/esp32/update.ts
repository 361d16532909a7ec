/**
 * A new image into the other slot of the flash, and the word that this one works: until
 * `confirm`, a restart goes back to the image from before.
 */

import flash from 'embedded:storage/flash';
import update, { type Update } from 'embedded:update';
import type Native from 'mc/ffi';

export class BoardUpdater {
  private readonly native: Native;
  private image: Update | undefined;

  constructor(native: Native) {
    this.native = native;
  }

  /** Starts over. @throws Error when there is no second slot */
  begin(): void {
    this.abort();
    this.image = update.open({ partition: flash.open({ path: 'nextota' }) });
  }

  /** Adds the next bytes. @throws Error when the flash does not take them */
  write(from: Uint8Array, start: number, end: number): void {
    this.image?.write(from.subarray(start, end));
  }

  /** The image is whole: it is checked, and starts at the next restart. @throws Error when not */
  complete(): void {
    this.image?.complete();
    this.abort();
  }

  /** Gives up; idempotent. */
  abort(): void {
    this.image?.close();
    this.image = undefined;
  }

  /** The running image works. Idempotent. */
  confirm(): void {
    this.native.esp_ota_mark_app_valid_cancel_rollback();
  }
}
