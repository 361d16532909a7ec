/**
 * The life of the connection as a pure machine; link-state.ts has its states, and where each input
 * leads.
 *
 * Inputs carry `now`; after each, the shell takes `nextAction()` until it is `none`. `Timer.link` is
 * when `wake` is due. The machine opens nothing, owns no timer and reads no packet; what an end
 * means is for broker-attempts.ts.
 *
 * Invariants:
 * - in every state but `online` and `stopped` its timer is set, and `wake` moves on when that is due:
 *   nothing gets stuck, nothing spins. `online` is watched by the session's keep-alive.
 * - between the end of one attempt and the next lies at least the backoff's floor.
 * - nothing is fatal: a board retries for ever, if slowly.
 * - inputs that do not belong to the state are late, and are ignored.
 * - no input allocates, but for a redirect.
 */
import { type Deadlines, Timer } from '../base/deadlines.ts';
import { Backoff } from './backoff.ts';
import { BrokerAttempts } from './broker-attempts.ts';
import { type EndCause, FAILURES, failureOfWiFi, type WiFiCause } from './failures.ts';
import type { KindTrial } from './kind-trial.ts';
import type { AfterLink, LinkAction, LinkState } from './link-state.ts';
import type { RecordTrial } from './record-trial.ts';
import { type LinkFigures, LinkRecord } from './statistics.ts';
import { limitsFrom, type SupervisorLimits, type SupervisorOptions } from './supervisor-options.ts';
import type { ProtocolVersion } from './version-choice.ts';
import { WILL_WHOLE } from './will-choice.ts';

/** Radios report a wrong password on a weak signal too: believed only after this many failures. */
const WIFI_FAILURES_DOUBTED = 2;
/** How often is looked whether the time has come. */
const TIME_LOOK_MS = 500;

// From where the steps below are taken, for the compiler, which compares them with the table.
type Startable = 'stopped' | 'offline';
type Resolvable = 'joining' | 'offline';
type Connectable = 'resolving' | 'awaiting time';
type Attempt = Connectable | 'connecting' | 'handshaking' | 'online';
type Losable = Exclude<LinkState, 'closing'>;
type Stoppable = Exclude<LinkState, 'online'>;

export class Supervisor {
  /** Where the life stands. */
  state: LinkState = 'stopped';
  /** What the lookup gave for `host`; empty before. */
  address = '';

  private readonly limits: SupervisorLimits;
  private readonly record = new LinkRecord();
  private readonly broker: BrokerAttempts;
  private readonly wifiBackoff: Backoff;
  private readonly hasTime: () => boolean;
  private readonly deadlines: Deadlines;

  private pending: LinkAction = 'none';
  private closeDue = false;
  private leaveDue = false;
  private wifiIsJoined = false;
  private wifiNotBefore = 0;
  /** When waiting for the time is given up. */
  private timeBy = 0;

  /** @throws RangeError naming the option that is out of range. */
  constructor(options: SupervisorOptions, deadlines: Deadlines) {
    this.limits = limitsFrom(options);
    this.broker = new BrokerAttempts(options, this.limits, this.record, deadlines);
    this.deadlines = deadlines;
    this.hasTime = options.hasTime ?? always;
    this.wifiBackoff = new Backoff(options.random, { capMs: 60_000, ...options.wifiBackoff });
  }

  /** The server of the present or next attempt. */
  get host(): string {
    return this.broker.destination.host;
  }

  get port(): number {
    return this.broker.destination.port;
  }

  /** Whether a broker sent us there, and for how long. */
  get redirected(): 'no' | 'temporary' | 'permanent' {
    return this.broker.destination.redirected;
  }

  /** The version of the present or next attempt. */
  get version(): ProtocolVersion {
    return this.broker.versions.current;
  }

  /** What the broker last accepted, 0 for nothing yet; to be kept, and given back as an option. */
  get preferredVersion(): ProtocolVersion | 0 {
    return this.broker.versions.remembered;
  }

  /** What the present or next attempt leaves off its will; for `willAt`. 3.1.1 has all of it. */
  get willLevel(): number {
    return this.broker.versions.current === 5 ? this.broker.will.level : WILL_WHOLE;
  }

  /** What may be sent beside readings: whoever sends asks and tells it. */
  get kinds(): KindTrial {
    return this.broker.kinds;
  }

  /** Which reading the broker does not take: whoever sends them tells it. */
  get records(): RecordTrial {
    return this.broker.records;
  }

  /** Counters and the last failure. */
  get figures(): LinkFigures {
    return this.record;
  }

  /** Failures of the broker in a row; the end of a stable connection clears it. */
  get failuresInARow(): number {
    return this.broker.backoff.failures;
  }

  /** Whether Wi-Fi is joined, as far as was told. */
  get hasWiFi(): boolean {
    return this.wifiIsJoined;
  }

  /** Takes the next thing to do; `none` when there is nothing. */
  nextAction(): LinkAction {
    if (this.closeDue) {
      this.closeDue = false;
      return 'close';
    }
    if (this.leaveDue) {
      this.leaveDue = false;
      return 'leave';
    }
    const action = this.pending;
    this.pending = 'none';
    return action;
  }

  /** Begins, or begins again once `stopped`; ignored in every other state. */
  start(now: number): void {
    if (this.state !== 'stopped') return;
    if (now < this.wifiNotBefore) {
      this.enter<typeof this.state>('offline', 'none', this.wifiNotBefore);
    } else this.join<typeof this.state>(now);
  }

  /** Ends it: with a goodbye when online, else at once. Wi-Fi is left too. */
  stop(now: number): void {
    if (this.state === 'online') {
      this.broker.finish(now);
      this.enter<typeof this.state>('closing', 'say goodbye', now + this.limits.goodbyeMs);
    } else if (this.state !== 'stopped' && this.state !== 'closing') {
      if (this.state === 'joining') this.wifiNotBefore = now + this.wifiBackoff.fail('normal', now);
      if (this.isTrying()) this.broker.abandon(now);
      this.halt<typeof this.state>(now);
    }
  }

  /** Wi-Fi is associated and addressed. */
  wifiJoined(now: number): void {
    if (this.state !== 'joining') return;
    this.wifiIsJoined = true;
    this.wifiBackoff.open(now);
    if (now < this.broker.notBefore) {
      this.enter<typeof this.state>('offline', 'none', this.broker.notBefore);
    } else this.resolve<typeof this.state>(now);
  }

  /** Joining failed, or the network was lost after it had been joined. */
  wifiFailed(cause: WiFiCause, now: number): void {
    if (this.state === 'closing') this.halt<typeof this.state>(now);
    else if (this.state === 'joining' || this.wifiIsJoined) {
      this.failWiFi<typeof this.state>(cause, now);
    }
  }

  /** The lookup's answer; an empty address means that there is none. */
  resolved(address: string, now: number): void {
    if (this.state !== 'resolving') return;
    if (address === '') {
      this.broker.failName(FAILURES.nameUnknown, now);
      this.retry<typeof this.state>();
    } else {
      this.address = address;
      this.timeBy = now + this.limits.timeMs;
      this.connectOnTime<typeof this.state>(now);
    }
  }

  /** The transport is open, with TLS and WebSocket done. */
  opened(now: number): void {
    if (this.state !== 'connecting') return;
    this.broker.open();
    this.enter<typeof this.state>('handshaking', 'open session', now + this.limits.handshakeMs);
  }

  /** CONNACK accepted us. */
  connected(now: number, sessionPresent: boolean): void {
    if (this.state !== 'handshaking') return;
    this.broker.accept(now, sessionPresent);
    // On a careful connection the session waits until then, and has no deadline of its own.
    this.enter<typeof this.state>('online', 'none', this.broker.records.quietUntil(now));
  }

  /**
   * CONNACK refused us.
   * @param version 4 when it came in 3.1.1 form, whatever we had asked for.
   * @param reference the Server Reference with 0x9C and 0x9D, else empty.
   */
  refused(code: number, version: ProtocolVersion, now: number, reference = ''): void {
    if (this.state !== 'handshaking') return;
    this.broker.refuse(code, version, reference, now);
    this.retry<typeof this.state>();
  }

  /** The server sent DISCONNECT (5.0 only), with its Server Reference or an empty string. */
  disconnected(code: number, now: number, reference = ''): void {
    if (this.state === 'closing') this.halt<typeof this.state>(now);
    else if (this.state === 'handshaking' || this.state === 'online') {
      this.broker.disconnect(code, reference, now);
      this.retry<typeof this.state>();
    }
  }

  /** The transport could not be opened or has ended, or the session gave it up. */
  ended(cause: EndCause, now: number): void {
    if (this.state === 'closing') {
      this.halt<typeof this.state>(now);
      return;
    }
    if (cause === 'network lost' && (this.state === 'online' || this.isTrying())) {
      // The connection hears of it before the radio does, or in its place.
      this.failWiFi<typeof this.state>('lost', now);
      return;
    }
    if (this.state === 'connecting' || this.state === 'awaiting time') {
      this.broker.failConnect(cause, now);
    } else if (this.state === 'handshaking') this.broker.failHandshake(cause, now);
    else if (this.state === 'online') this.broker.lose(cause, now);
    else return;
    this.retry<typeof this.state>();
  }

  /** Time has passed; does nothing before its timer. */
  wake(now: number): void {
    if (now < this.deadlines.at[Timer.link]) return;
    switch (this.state) {
      case 'offline':
        if (this.wifiIsJoined && !this.broker.isWiFiDoubted) this.resolve<typeof this.state>(now);
        else {
          if (this.wifiIsJoined) this.leave(now);
          this.join<typeof this.state>(now);
        }
        break;
      case 'joining':
        this.failWiFi<typeof this.state>('timed out', now);
        break;
      case 'resolving':
        this.broker.failName(FAILURES.nameTimedOut, now);
        this.retry<typeof this.state>();
        break;
      case 'awaiting time':
        this.connectOnTime<typeof this.state>(now);
        break;
      case 'connecting':
      case 'handshaking':
        this.ended('timed out', now);
        break;
      case 'online':
        this.deadlines.set(Timer.link, Number.POSITIVE_INFINITY);
        break;
      default:
        this.halt<typeof this.state>(now);
        break;
    }
  }

  private join<_From extends Startable>(now: number): void {
    this.broker.rejoin();
    this.record.joins += 1;
    this.enter<Startable>('joining', 'join', now + this.limits.joinMs);
  }

  private resolve<_From extends Resolvable>(now: number): void {
    this.record.attempts += 1;
    this.address = '';
    this.enter<Resolvable>('resolving', 'resolve', now + this.limits.resolveMs);
  }

  /** Connects, once certificates can be judged; gives up where the time does not come. */
  private connectOnTime<_From extends Connectable>(now: number): void {
    if (this.hasTime()) {
      this.enter<Connectable>('connecting', 'connect', now + this.limits.connectMs);
    } else if (this.state === 'awaiting time' && now >= this.timeBy) {
      this.ended('clock not set', now);
    } else {
      this.enter<Connectable>('awaiting time', 'none', Math.min(now + TIME_LOOK_MS, this.timeBy));
    }
  }

  private leave(now: number): void {
    this.wifiBackoff.end(now);
    this.leaveDue = true;
    this.wifiIsJoined = false;
  }

  private failWiFi<_From extends Losable>(cause: WiFiCause, now: number): void {
    if (this.state === 'online' || this.isTrying()) {
      this.broker.loseWiFi(now);
      this.closeDue = true;
    }
    const failure = failureOfWiFi(cause);
    this.record.fail('wifi', failure, 0, now, 'again');
    const isDoubted = this.wifiBackoff.failures < WIFI_FAILURES_DOUBTED;
    const penalty = isDoubted ? 'normal' : failure.penalty;
    this.wifiNotBefore = now + this.wifiBackoff.fail(penalty, now);
    this.leave(now);
    this.enter<Losable>('offline', 'none', this.wifiNotBefore);
  }

  /** The attempt or connection has failed: closes what is left of it, and waits. */
  private retry<_From extends Attempt>(): void {
    this.closeDue = true;
    this.enter<Attempt>('offline', 'none', this.broker.notBefore);
  }

  private halt<_From extends Stoppable>(now: number): void {
    this.closeDue = true;
    this.leave(now);
    if (this.wifiNotBefore < now + this.wifiBackoff.floorMs) {
      this.wifiNotBefore = now + this.wifiBackoff.floorMs;
    }
    this.enter<Stoppable>('stopped', 'none', Number.POSITIVE_INFINITY);
  }

  private isTrying(): boolean {
    switch (this.state) {
      case 'resolving':
      case 'awaiting time':
      case 'connecting':
      case 'handshaking':
        return true;
      default:
        return false;
    }
  }

  private enter<From extends LinkState>(
    state: AfterLink<From>,
    action: LinkAction,
    due: number,
  ): void {
    this.state = state;
    this.pending = action;
    this.deadlines.set(Timer.link, due);
  }
}

function always(): boolean {
  return true;
}
