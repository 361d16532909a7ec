/**
 * What each end of an attempt or connection means: which failure it is, what it says about the
 * version, the server and our client id, and how long to wait before the next attempt.
 *
 * It knows nothing of states and actions; the supervisor calls it once per end, and asks it for
 * `notBefore`. It never gives up, and never lets an attempt follow another without a delay.
 *
 * Invariant: between two failures that count there are at most one version fall-back and
 * `redirectsMax` redirects that retry soon, and a lesser will four times ever, so no answer of a
 * broker can make the board spin.
 */
import type { Deadlines } from '../base/deadlines.ts';
import { Backoff, type Penalty } from './backoff.ts';
import { Destination } from './destination.ts';
import {
  type EndCause,
  FAILURES,
  type Failure,
  failureOfCause,
  failureOfCode,
  failureOfKind,
  isCharge,
  isClose,
  isSignInCause,
  isSilence,
  isTlsCause,
  refusesVersion,
} from './failures.ts';
import { KindTrial } from './kind-trial.ts';
import { RecordTrial } from './record-trial.ts';
import type { FailureKind, LinkRecord, Outlook } from './statistics.ts';
import type { SupervisorLimits, SupervisorOptions } from './supervisor-options.ts';
import { type ProtocolVersion, VersionChoice } from './version-choice.ts';
import { WillChoice } from './will-choice.ts';

const CODE_TAKEN_OVER = 0x8e;
const CODE_USE_ANOTHER = 0x9c;
const CODE_MOVED = 0x9d;
/** A row of this many closes right after CONNACK is read as a take-over. */
const YOUNG_CLOSES_MAX = 2;

export class BrokerAttempts {
  readonly backoff: Backoff;
  readonly versions: VersionChoice;
  readonly will: WillChoice;
  readonly destination: Destination;
  readonly kinds: KindTrial;
  readonly records = new RecordTrial();
  /** No attempt starts before this time. */
  notBefore = 0;

  private readonly limits: SupervisorLimits;
  private readonly record: LinkRecord;
  private readonly isRedirectable: boolean;
  private silentAttempts = 0;
  private youngCloses = 0;
  /** The version fall-back of this row of failures has had its quick retry. */
  private hasFallenBack = false;

  constructor(
    options: SupervisorOptions,
    limits: SupervisorLimits,
    record: LinkRecord,
    deadlines: Deadlines,
  ) {
    this.kinds = new KindTrial(deadlines);
    this.limits = limits;
    this.record = record;
    this.backoff = new Backoff(options.random, options.backoff);
    this.versions = new VersionChoice(options.versions ?? 'auto', options.rememberedVersion ?? 0);
    this.will = new WillChoice(options.rememberedWill ?? 0);
    const { host, port, redirects = 'none' } = options;
    this.isRedirectable = redirects !== 'none';
    this.destination = new Destination(host, port, redirects, limits.redirectsMax);
  }

  /** Whether so many attempts went unanswered that Wi-Fi itself is doubted. */
  get isWiFiDoubted(): boolean {
    return this.silentAttempts >= this.limits.rejoinAfter;
  }

  /** Wi-Fi is being joined anew: the doubt starts from nothing. */
  rejoin(): void {
    this.silentAttempts = 0;
  }

  /** The transport is open: something answered. */
  open(): void {
    this.silentAttempts = 0;
  }

  /** CONNACK accepted us. */
  accept(now: number, sessionPresent: boolean): void {
    this.record.connect(now, sessionPresent);
    this.backoff.open(now);
    this.kinds.connected(now);
    this.records.connected();
    this.versions.accept();
    this.destination.accept();
  }

  /** We said goodbye ourselves. */
  finish(now: number): void {
    this.kinds.ended(false, now);
    this.settle(now);
    this.youngCloses = 0;
    this.backoff.finish();
    this.notBefore = now + this.backoff.floorMs;
  }

  /** Given up half-way by us: spaced like a failure, but not one of the broker. */
  abandon(now: number): void {
    this.breakRows();
    this.notBefore = now + this.backoff.fail('normal', now);
  }

  /** Wi-Fi went away under the attempt or the connection. */
  loseWiFi(now: number): void {
    this.kinds.ended(false, now);
    this.settle(now);
    this.abandon(now);
  }

  /** No address for the name; `failure` says how. */
  failName(failure: Failure, now: number): void {
    this.silentAttempts += 1;
    this.fail('name', failure, 0, failure.penalty, now);
  }

  /** The transport could not be opened. */
  failConnect(cause: EndCause, now: number): void {
    if (isSilence(cause)) this.silentAttempts += 1;
    else if (cause !== 'clock not set') this.silentAttempts = 0;
    const failure = failureOfCause(cause);
    this.fail(isTlsCause(cause) ? 'tls' : 'connect', failure, 0, failure.penalty, now);
  }

  /** The transport ended, or was given up, between CONNECT and CONNACK. */
  failHandshake(cause: EndCause, now: number): void {
    const isProtocol = cause === 'protocol error';
    if (!isClose(cause) && !isProtocol) {
      const failure = cause === 'timed out' ? FAILURES.connackTimedOut : failureOfCause(cause);
      const kind = isSignInCause(cause) ? 'refused' : isTlsCause(cause) ? 'tls' : 'no connack';
      this.fail(kind, failure, 0, failure.penalty, now);
      return;
    }
    // Some 3.1.1 brokers answer a 5.0 CONNECT in their own form, which 5.0 cannot read: that is
    // evidence about the version as much as a close.
    const isQuick = this.mayFallBack(this.versions.closeUnanswered());
    const failure = isProtocol ? failureOfCause(cause) : FAILURES.noConnack;
    const kind = isProtocol ? 'protocol' : 'no connack';
    this.youngCloses = 0;
    if (isQuick) this.turn(kind, failure, 0, now);
    else this.failServer(kind, failure, 0, 'normal', now);
  }

  /** CONNACK refused us, in the form of `version`; `reference` is empty when there was none. */
  refuse(code: number, version: ProtocolVersion, reference: string, now: number): void {
    if (version === 5 && WillChoice.isAbout(code) && this.askForLess(code, now)) return;
    if (!refusesVersion(code, version)) {
      this.failInWords('refused', code, version, reference, now);
      return;
    }
    const failure = failureOfCode(code, version);
    const hasTurned = this.versions.refuse();
    this.youngCloses = 0;
    if (this.mayFallBack(hasTurned)) this.turn('version', failure, code, now);
    else {
      const penalty = hasTurned ? 'normal' : failure.penalty;
      this.failServer('version', failure, code, penalty, now, 'no way left');
    }
  }

  /** The server sent DISCONNECT; `reference` is empty when there was none. */
  disconnect(code: number, reference: string, now: number): void {
    this.settle(now);
    const failure = failureOfCode(code, 5);
    if (this.isAboutKinds(isCharge(code), failure, code, now)) return;
    if (this.isAboutRecords(false, isCharge(code), failure, code, now)) return;
    this.failInWords('closed by broker', code, 5, reference, now);
  }

  /** The connection ended, or was given up, after CONNACK. */
  lose(cause: EndCause, now: number): void {
    this.settle(now);
    const failure = failureOfCause(cause);
    if (this.isAboutKinds(isClose(cause), failure, 0, now)) return;
    const isTimeout = cause === 'acknowledgement timed out';
    if (this.isAboutRecords(isTimeout, isClose(cause), failure, 0, now)) return;
    const age = now - this.record.lastConnectedAt;
    const isYoungClose = isClose(cause) && age <= this.limits.takeoverWindowMs;
    // In 5.0 too: Mosquitto 2.0.11 closes without the DISCONNECT that would say so.
    if (isYoungClose) {
      this.youngCloses += 1;
      const isTakeover = this.youngCloses >= YOUNG_CLOSES_MAX;
      const told = isTakeover ? FAILURES.takenOverProbably : failure;
      const kind = isTakeover ? 'taken over' : 'lost';
      this.failServer(kind, told, 0, told.penalty, now);
      return;
    }
    this.fail(kindOfLoss(cause), failure, 0, failure.penalty, now);
  }

  /**
   * Whether a connection seems to have ended at a message beside the readings. The next one goes
   * without it, so it need not wait long. The kind is told once it is known.
   */
  private isAboutKinds(isCharge: boolean, failure: Failure, code: number, now: number): boolean {
    const verdict = this.kinds.ended(isCharge, now);
    if (verdict === 'nothing') return false;
    if (verdict === 'suspects') this.fail('lost', failure, code, 'normal', now);
    else this.fail('forbidden', failureOfKind(this.kinds.found), code, 'normal', now);
    return true;
  }

  /**
   * Whether a connection seems to have ended at a record. That neither lengthens nor breaks a row
   * of young closes: until it is known, it may be a take-over.
   */
  private isAboutRecords(
    isTimeout: boolean,
    isClose: boolean,
    failure: Failure,
    code: number,
    now: number,
  ): boolean {
    const verdict = this.records.ended(isTimeout, isClose, this.record.lastConnectedAt, now);
    if (verdict === 'nothing') return false;
    const { records } = this;
    const isFound = records.untold !== 0;
    if (isFound) {
      this.breakRows();
      if (!isTimeout && !records.isKnown) this.kinds.acquit();
    }
    const told = isFound ? FAILURES.readingSetAside : failure;
    this.failServer(isTimeout ? 'silence' : 'lost', told, code, 'normal', now);
    return true;
  }

  /** The broker gave a reason code that is not about the version. */
  private failInWords(
    kind: FailureKind,
    code: number,
    version: ProtocolVersion,
    reference: string,
    now: number,
  ): void {
    const failure = failureOfCode(code, version);
    this.breakRows();
    if (version === 5 && (code === CODE_USE_ANOTHER || code === CODE_MOVED)) {
      const told = this.isRedirectable ? failure : FAILURES.redirectNotFollowed;
      this.redirect(code === CODE_MOVED, told, code, reference, now);
      return;
    }
    const isTakeover = version === 5 && code === CODE_TAKEN_OVER;
    this.failServer(isTakeover ? 'taken over' : kind, failure, code, failure.penalty, now);
  }

  private redirect(
    isPermanent: boolean,
    failure: Failure,
    code: number,
    reference: string,
    now: number,
  ): void {
    const isFollowed = this.destination.redirect(reference, isPermanent);
    if (isFollowed) this.record.redirects += 1;
    const outlook = isFollowed ? 'another way' : 'again';
    this.record.fail('redirected', failure, code, now, outlook);
    this.notBefore = now + this.backoff.fail(isFollowed ? 'soon' : failure.penalty, now);
  }

  /** A failure that says nothing about the version and the client id. */
  private fail(
    kind: FailureKind,
    failure: Failure,
    code: number,
    penalty: Penalty,
    now: number,
  ): void {
    this.breakRows();
    this.failServer(kind, failure, code, penalty, now);
  }

  private failServer(
    kind: FailureKind,
    failure: Failure,
    code: number,
    penalty: Penalty,
    now: number,
    outlook: Outlook = penalty === 'final' ? 'no way left' : 'again',
  ): void {
    this.record.fail(kind, failure, code, now, outlook);
    if (penalty !== 'soon' && penalty !== 'local') this.destination.fail();
    this.notBefore = now + this.backoff.fail(penalty, now);
  }

  /** The will was refused: a lesser one, then none, then 3.1.1. @returns false: nothing is left */
  private askForLess(code: number, now: number): boolean {
    if (!this.will.lessen(code) && !this.mayFallBack(this.versions.refuse())) return false;
    this.youngCloses = 0;
    this.turn('refused', failureOfCode(code, 5), code, now);
    return true;
  }

  /** What the broker refused is left out of the next attempt, which comes soon. */
  private turn(kind: FailureKind, failure: Failure, code: number, now: number): void {
    this.record.fail(kind, failure, code, now, 'another way');
    this.notBefore = now + this.backoff.fail('soon', now);
  }

  /** A fall-back is retried soon once per row of failures; after that it waits like any other. */
  private mayFallBack(hasTurned: boolean): boolean {
    const isFirst = hasTurned && !this.hasFallenBack;
    if (isFirst) this.hasFallenBack = true;
    return isFirst;
  }

  private breakRows(): void {
    this.versions.breakRow();
    this.youngCloses = 0;
  }

  /** A connection that proved stable clears what was held against the broker. */
  private settle(now: number): void {
    if (!this.backoff.isStable(now)) return;
    this.hasFallenBack = false;
    this.destination.settle();
  }
}

function kindOfLoss(cause: EndCause): FailureKind {
  if (cause === 'protocol error') return 'protocol';
  if (cause === 'keep-alive timed out' || cause === 'acknowledgement timed out') return 'silence';
  return 'lost';
}
