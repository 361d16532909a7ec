/**
 * The gate that the ports of one boot share: whoever closes a socket reports it here, and whatever
 * takes a network away waits here until the closed sockets are released. The alarm is the gate's
 * own: the platform releases sockets while the board sleeps as well.
 */

import type { Alarm, Clock } from '../ports.ts';
import { Releases } from './releases.ts';

export class SocketGate {
  private readonly clock: Clock;
  private readonly releases = new Releases();
  private readonly alarm: Alarm;

  /** @param alarmOf makes the gate's alarm */
  constructor(clock: Clock, alarmOf: (ring: () => void) => Alarm) {
    this.clock = clock;
    this.alarm = alarmOf(() => this.ring());
  }

  /** A socket was closed. */
  closing(): void {
    this.releases.closing();
  }

  /** The platform has let sockets go. What waits is done from the event loop. */
  released(count = 1): void {
    this.releases.released(count);
    this.rearm();
  }

  /** Does this once every closed socket is released, within two seconds; at once if none is held. */
  whenReleased(work: () => void): void {
    this.releases.whenReleased(work, this.clock.now());
    this.rearm();
  }

  private ring(): void {
    this.releases.wake(this.clock.now());
    this.rearm();
  }

  private rearm(): void {
    const at = this.releases.deadline();
    if (at < Number.POSITIVE_INFINITY) this.alarm.set(at);
  }
}
