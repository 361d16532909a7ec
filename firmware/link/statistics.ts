/**
 * What the link has been through: counters, and the last failure, for logs and diagnostics.
 *
 * It decides nothing and allocates nothing after its constructor. Counters only grow; they start
 * at 0 with the board. Times are in `Clock.now()` milliseconds, -1 for never.
 */
import { FAILURES, type Failure } from './failures.ts';

/** The classes that failures are counted by, in the order of a connection's life. */
export const FAILURE_KINDS = Object.freeze([
  'wifi',
  'name',
  'connect',
  'tls',
  'no connack',
  'version',
  'refused',
  'redirected',
  'closed by broker',
  'taken over',
  'forbidden',
  'protocol',
  'silence',
  'lost',
] as const);

export type FailureKind = (typeof FAILURE_KINDS)[number];

/**
 * What a failure leaves to be done.
 * - `again`: the same once more, later.
 * - `another way`: the next attempt differs in what this one failed for (the MQTT version, another
 *   server): where that works there was no failure.
 * - `no way left`: nothing differs that could help. It is tried again, as rarely as may be.
 */
export type Outlook = 'again' | 'another way' | 'no way left';

/** The figures as their readers see them. */
export interface LinkFigures {
  /** Attempts to join Wi-Fi. */
  readonly joins: number;
  /** Attempts to reach a broker, each from the name lookup on. */
  readonly attempts: number;
  /** Times that a broker accepted us. */
  readonly connects: number;
  /** Connects after the first. */
  readonly reconnects: number;
  /** Reconnects for which the broker had kept the session. */
  readonly sessionsResumed: number;
  readonly takeovers: number;
  /** Redirects that were followed. */
  readonly redirects: number;
  readonly lastConnectedAt: number;
  /** Name and words of the last failure; its name is `none` before the first. */
  readonly lastError: Failure;
  readonly lastErrorKind: FailureKind | 'none';
  /** The broker's code with it, 0 when there was none. */
  readonly lastErrorCode: number;
  readonly lastErrorAt: number;
  /** Of the last failure. */
  readonly outlook: Outlook;
  /** Failures of one kind. */
  failuresOf(kind: FailureKind): number;
}

export class LinkRecord implements LinkFigures {
  joins = 0;
  attempts = 0;
  connects = 0;
  reconnects = 0;
  sessionsResumed = 0;
  takeovers = 0;
  redirects = 0;
  lastConnectedAt = -1;
  lastError: Failure = FAILURES.none;
  lastErrorKind: FailureKind | 'none' = 'none';
  lastErrorCode = 0;
  lastErrorAt = -1;
  outlook: Outlook = 'again';

  private readonly failures = new Uint32Array(FAILURE_KINDS.length);

  failuresOf(kind: FailureKind): number {
    return this.failures[FAILURE_KINDS.indexOf(kind)];
  }

  /** A broker accepted us: if that took another way than the last attempt's, it is no error. */
  connect(now: number, sessionPresent: boolean): void {
    if (this.outlook === 'another way' && this.lastErrorKind !== 'redirected') this.forgive();
    this.connects += 1;
    if (this.connects > 1) {
      this.reconnects += 1;
      if (sessionPresent) this.sessionsResumed += 1;
    }
    this.lastConnectedAt = now;
  }

  fail(kind: FailureKind, failure: Failure, code: number, now: number, outlook: Outlook): void {
    this.failures[FAILURE_KINDS.indexOf(kind)] += 1;
    if (kind === 'taken over') this.takeovers += 1;
    this.lastError = failure;
    this.lastErrorKind = kind;
    this.lastErrorCode = code;
    this.lastErrorAt = now;
    this.outlook = outlook;
  }

  private forgive(): void {
    this.lastError = FAILURES.none;
    this.lastErrorKind = 'none';
    this.lastErrorCode = 0;
    this.lastErrorAt = -1;
  }
}
