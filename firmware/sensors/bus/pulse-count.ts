/**
 * Counts how often a contact to ground closes, from edges that are told a little late and several
 * at once: any edge after the contact was open and quiet is a closing, even if it is open again by
 * now. A contact bounces: what follows within 5 ms belongs to the edge before.
 */

const BOUNCE_MS = 5;

export class PulseCount {
  /** Pulses since it was made. */
  count = 0;
  private wasOpen: boolean;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** @param level of the pin at the start: 0 is closed */
  constructor(level: number) {
    this.wasOpen = level !== 0;
  }

  /** One edge or more. @param level of the pin now @param now in ms */
  edge(level: number, now: number): void {
    if (this.wasOpen && now - this.lastMs >= BOUNCE_MS) this.count += 1;
    this.wasOpen = level !== 0;
    this.lastMs = now;
  }
}
