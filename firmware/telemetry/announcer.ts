/**
 * What the device says of itself: status (retained) and diagnostics.
 *
 * `online` is said after CONNACK, `offline` before a DISCONNECT; `lost` is the will, for the broker
 * to say. Messages go to a bounded store; one that is refused there is said at the next occasion.
 */

import { asciiBytes } from '../base/text.ts';
import { type Diagnostics, DiagnosticsWriter, type SensorReport } from './diagnostics.ts';

/** Seconds that a 5.0 broker waits before it publishes the will: a quick reconnect says nothing. */
export const WILL_DELAY_S = 5;

/** The longest diagnostics message; a field that does not fit is left out. */
const REPORT_BYTES_MAX = 640;

/** The will's payload. */
export function lostStatus(): Uint8Array {
  return asciiBytes('lost');
}

/** Where messages go; `mqtt/mailbox.ts` has this shape. */
export interface Postbox {
  /** @returns a token of 1 or more, 0 when there is no room */
  post(
    topic: Uint8Array,
    payload: Uint8Array,
    length: number,
    options: { readonly qos: 0 | 1 | 2; readonly retain: boolean },
  ): number;
  /** Whether a message is still there, unsent or unacknowledged. */
  holds(token: number): boolean;
}

const STATUS = Object.freeze({ qos: 1, retain: true } as const);
const REPORT = Object.freeze({ qos: 0, retain: false } as const);

export class Announcer {
  private readonly postbox: Postbox;
  private readonly statusTopic: Uint8Array;
  private readonly diagnosticsTopic: Uint8Array;
  private readonly onlineWord = asciiBytes('online');
  private readonly offlineWord = asciiBytes('offline');
  private readonly writer: DiagnosticsWriter;
  private readonly intervalMs: number;
  private reportAt = Number.POSITIVE_INFINITY;
  /** The token of the last status, where that is `online`. */
  private onlineToken = 0;

  /**
   * @param statusTopic encoded, as is the other one
   * @param intervalMs milliseconds between diagnostics
   */
  constructor(
    postbox: Postbox,
    statusTopic: Uint8Array,
    diagnosticsTopic: Uint8Array,
    intervalMs: number,
  ) {
    this.postbox = postbox;
    this.statusTopic = statusTopic;
    this.diagnosticsTopic = diagnosticsTopic;
    this.intervalMs = intervalMs;
    this.writer = new DiagnosticsWriter(REPORT_BYTES_MAX);
  }

  /**
   * The broker has accepted the connection: says so, and reports soon. An `online` that no broker
   * has acknowledged yet goes out with this connection, and is not said twice.
   * @returns a token or 0
   */
  sayOnline(now: number): number {
    this.reportAt = Math.min(this.reportAt, now);
    if (this.onlineToken === 0 || !this.postbox.holds(this.onlineToken)) {
      this.onlineToken = this.say(this.onlineWord);
    }
    return this.onlineToken;
  }

  /** The device is about to leave. @returns a token or 0 */
  sayOffline(): number {
    this.reportAt = Number.POSITIVE_INFINITY;
    this.onlineToken = 0;
    return this.say(this.offlineWord);
  }

  /** The connection is over: reports wait for the next one, and tell of that moment. */
  pause(): void {
    this.reportAt = Number.POSITIVE_INFINITY;
  }

  /** When diagnostics are next due; Infinity while there is no connection. */
  deadline(): number {
    return this.reportAt;
  }

  /** Somebody asks how the device does: the report is due, if there is a connection. */
  reportSoon(now: number): void {
    if (this.reportAt < Number.POSITIVE_INFINITY) this.reportAt = now;
  }

  /** Reports how the device does. */
  report(diagnostics: Diagnostics, sensors: readonly SensorReport[], now: number): void {
    this.reportAt = now + this.intervalMs;
    const length = this.writer.write(diagnostics, sensors);
    this.postbox.post(this.diagnosticsTopic, this.writer.bytes, length, REPORT);
  }

  private say(word: Uint8Array): number {
    return this.postbox.post(this.statusTopic, word, word.length, STATUS);
  }
}
