/**
 * What the device says of itself: status (retained) and diagnostics.
 *
 * `online` is said after CONNACK, `offline` before a DISCONNECT; `lost` is the will, for the broker
 * to say. The status is a state: its slot repeats the newest word until the broker has it. Reports
 * go to a bounded store; one that is refused there gives way to the next.
 */

import { asciiBytes } from '../base/ascii.ts';
import { type Deadlines, Timer } from '../base/deadlines.ts';
import type { StatusSource } from '../link/sources/status.ts';
import type { Mailbox } from '../mqtt/mailbox.ts';
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

/** The status of a device that leaves on purpose. */
export function offlineStatus(): Uint8Array {
  return OFFLINE;
}

const REPORT = Object.freeze({ qos: 0, retain: false } as const);

/** Where reports are written in place, and posted. */
type ReportStore = Pick<Mailbox, 'post' | 'bytes' | 'freeAt'>;

export class Announcer {
  private readonly status: Pick<StatusSource, 'say'>;
  private readonly mailbox: ReportStore;
  private readonly diagnosticsTopic: Uint8Array;
  private readonly writer: DiagnosticsWriter;
  private readonly intervalMs: number;
  private readonly deadlines: Deadlines;

  /**
   * @param diagnosticsTopic encoded
   * @param intervalMs milliseconds between diagnostics
   * @param deadlines `Timer.report`: when they are due
   */
  constructor(
    status: Pick<StatusSource, 'say'>,
    mailbox: ReportStore,
    diagnosticsTopic: Uint8Array,
    intervalMs: number,
    deadlines: Deadlines,
  ) {
    this.status = status;
    this.mailbox = mailbox;
    this.diagnosticsTopic = diagnosticsTopic;
    this.intervalMs = intervalMs;
    this.deadlines = deadlines;
    this.writer = new DiagnosticsWriter(mailbox.bytes);
  }

  /** The broker has accepted the connection: says so, and reports soon. */
  sayOnline(now: number): void {
    if (now < this.deadlines.at[Timer.report]) this.deadlines.set(Timer.report, now);
    this.status.say(ONLINE);
  }

  /** The device is about to leave. */
  sayOffline(): void {
    this.deadlines.set(Timer.report, Number.POSITIVE_INFINITY);
    this.status.say(OFFLINE);
  }

  /** The connection is over: reports wait for the next one, and tell of that moment. */
  pause(): void {
    this.deadlines.set(Timer.report, Number.POSITIVE_INFINITY);
  }

  /** Somebody asks how the device does: the report is due, if there is a connection. */
  reportSoon(now: number): void {
    if (this.deadlines.at[Timer.report] === Number.POSITIVE_INFINITY) return;
    this.deadlines.set(Timer.report, now);
  }

  /** Reports how the device does. */
  report(diagnostics: Diagnostics, sensors: readonly SensorReport[], now: number): void {
    this.deadlines.set(Timer.report, now + this.intervalMs);
    const { bytes, freeAt } = this.mailbox;
    const length = this.writer.write(diagnostics, sensors, freeAt, REPORT_BYTES_MAX);
    this.mailbox.post(this.diagnosticsTopic, bytes, length, REPORT);
  }
}
