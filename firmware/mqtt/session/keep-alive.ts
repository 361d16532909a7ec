/**
 * Keep-alive both ways (section 3.1.2.10): says when to ping, and when the peer counts as gone.
 *
 * A PINGREQ is due when either direction has been silent for nine tenths of the interval: silence
 * outwards because the broker demands a packet in time, with a margin for a modem that sleeps;
 * silence inwards because a half-open link is seen in no other way while QoS 0 flows out. The
 * deadline for PINGRESP runs from the moment the PINGREQ was written; any packet counts as life.
 */

import { encodePingreq } from '../codec/encode.ts';
import type { TransmitBuffer } from './transmit-buffer.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class KeepAlive {
  private intervalMs = 0;
  private timeoutMs = 0;
  /** When something was written last, and when something was heard; the session sets both. */
  lastSent = 0;
  lastReceived = 0;
  /** When the PINGREQ that is unanswered was written; Infinity: none is. Hearing answers it. */
  pingSentAt = NEVER;
  /** Whether the next writing has a meaning here: `sent` is to be called. */
  awaitsWriting = false;
  /** Bytes still to be written until the PINGREQ is out; 0: none is queued. */
  private pingLeft = 0;

  /**
   * A connection begins.
   * @param intervalS the keep-alive in seconds, 0 = off
   * @param pingTimeoutMs the most to wait for a PINGRESP; half the interval at most is used
   */
  start(intervalS: number, pingTimeoutMs: number, now: number): void {
    this.intervalMs = intervalS * 1000;
    this.timeoutMs = Math.min(pingTimeoutMs, this.intervalMs / 2);
    this.lastSent = this.lastReceived = now;
    this.pingLeft = 0;
    this.awaitsWriting = false;
    this.pingSentAt = NEVER;
  }

  /** `count` bytes were written. */
  sent(count: number, now: number): void {
    const left = this.pingLeft - count;
    this.awaitsWriting = left > 0;
    if (this.pingLeft > 0 && left <= 0) this.pingSentAt = now;
    this.pingLeft = left > 0 ? left : 0;
  }

  /** Queues a PINGREQ; without room for it, the next try is after something was written. */
  ping(transmitBuffer: TransmitBuffer): void {
    this.awaitsWriting = true;
    if (transmitBuffer.end + 2 > transmitBuffer.bytes.length) return;
    transmitBuffer.end = encodePingreq(transmitBuffer.bytes, transmitBuffer.end);
    this.pingLeft = transmitBuffer.end - transmitBuffer.start;
  }

  /** Whether a PINGREQ should be queued now. */
  pingDue(now: number): boolean {
    if (this.intervalMs === 0 || this.awaitsWriting || this.pingSentAt !== NEVER) return false;
    return now >= Math.min(this.lastSent, this.lastReceived) + this.intervalMs * 0.9;
  }

  /** The peer has not answered in time, or has been silent for one and a half intervals. */
  expired(now: number): boolean {
    if (this.intervalMs === 0) return false;
    return (
      now >= this.pingSentAt + this.timeoutMs || now >= this.lastReceived + this.intervalMs * 1.5
    );
  }

  /** When to look again. */
  deadline(): number {
    if (this.intervalMs === 0) return NEVER;
    if (this.pingSentAt !== NEVER) {
      return Math.min(this.pingSentAt + this.timeoutMs, this.lastReceived + this.intervalMs * 1.5);
    }
    if (this.awaitsWriting) return this.lastReceived + this.intervalMs * 1.5;
    return Math.min(this.lastSent, this.lastReceived) + this.intervalMs * 0.9;
  }
}
