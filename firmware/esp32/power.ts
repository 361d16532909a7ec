/** Restart, deep sleep, and why the board started. */

import type Native from 'mc/ffi';
import { resetReason } from '../mote/reset-reason.ts';
import type { Power, ResetReason } from '../ports.ts';

export class BoardPower implements Power {
  readonly resetReason: ResetReason;
  private readonly native: Native;

  constructor(native: Native) {
    this.native = native;
    this.resetReason = resetReason(native.esp_reset_reason());
  }

  restart(): void {
    this.native.esp_restart();
  }

  /** Switches everything off for so long; the board starts anew then. */
  sleep(forMs: number): void {
    this.native.esp_deep_sleep(BigInt(Math.round(forMs)) * 1000n);
  }
}
