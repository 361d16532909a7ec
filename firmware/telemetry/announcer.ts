/**
 * What the device says of itself: status (retained) and diagnostics.
 *
 * `online` is said after CONNACK, `offline` before a DISCONNECT; `lost` is the will, for the broker
 * to say. The status is a state: its slot repeats the newest word until the broker has it. Reports
 * go to a bounded store; one that is refused there gives way to the next.
 */

import { asciiBytes } from '../base/ascii.ts';
import { type Diagnostics, DiagnosticsWriter, type SensorReport } from './diagnostics.ts';

const ONLINE = asciiBytes('online');
const OFFLINE = asciiBytes('offline');
const LOST = asciiBytes('lost');

/** Seconds that a 5.0 broker waits before it publishes the will: a quick reconnect says nothing. */
export const WILL_DELAY_S = 5;

/** The longest diagnostics message; a field that does not fit is left out. */
const REPORT_BYTES_MAX = 640;

/** The will's payload. */
export function lostStatus(): Uint8Array {
  return LOST;
}

/** What is said by whoever leaves on purpose. */
export function offlineStatus(): Uint8Array {
  return OFFLINE;
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
}

/** Where the status goes; `link/sources/status.ts` has this shape. */
export interface StatusSlot {
  /** This word holds from now on. */
  say(word: Uint8Array): void;
}

const REPORT = Object.freeze({ qos: 0, retain: false } as const);

export class Announcer {
  private readonly status: StatusSlot;
  private readonly postbox: Postbox;
  private readonly diagnosticsTopic: Uint8Array;
  private readonly writer: DiagnosticsWriter;
  private readonly intervalMs: number;
  private reportAt = Number.POSITIVE_INFINITY;

  /**
   * @param diagnosticsTopic encoded
   * @param intervalMs milliseconds between diagnostics
   */
  constructor(
    status: StatusSlot,
    postbox: Postbox,
    diagnosticsTopic: Uint8Array,
    intervalMs: number,
  ) {
    this.status = status;
    this.postbox = postbox;
    this.diagnosticsTopic = diagnosticsTopic;
    this.intervalMs = intervalMs;
    this.writer = new DiagnosticsWriter(REPORT_BYTES_MAX);
  }

  /** The broker has accepted the connection: says so, and reports soon. */
  sayOnline(now: number): void {
    this.reportAt = Math.min(this.reportAt, now);
    this.status.say(ONLINE);
  }

  /** The device is about to leave. */
  sayOffline(): void {
    this.reportAt = Number.POSITIVE_INFINITY;
    this.status.say(OFFLINE);
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
}
