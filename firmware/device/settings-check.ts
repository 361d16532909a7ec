/**
 * Checks settings by signing in with them: join, address, lookup, connect, sign in, and a clean
 * goodbye, with the device's own link parts and session options. It gives one result, within 45 s.
 *
 * It signs in with the device's identifier and session: another identifier or a clean start would
 * test something else, and would cost the device its session. It leaves the session untouched: the
 * goodbye is queued before a message of the broker is read, so none is acknowledged. Its connection
 * replaces one that the broker may still hold for the device, together with a will that waits. So
 * its own will says what is true meanwhile, `offline`, and is published however the connection
 * ends. The first failure ends the check, except where a radio is known to lie (it joins twice),
 * and where the supervisor has another way: the other MQTT version, a lesser will, a redirect.
 *
 * The same way leads to a broker that the board has left, to have it forget what it retains: with a
 * session of its own, since the device's ends there.
 */

import { type Deadlines, Timer } from '../base/deadlines.ts';
import { Connection, type ConnectionHandler } from '../link/connection.ts';
import type { LinkState } from '../link/link-state.ts';
import { Withdrawal } from '../link/sources/withdrawal.ts';
import { Supervisor } from '../link/supervisor.ts';
import { Reason } from '../mqtt/codec/constants.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';
import type { SessionEvent } from '../mqtt/session/event.ts';
import { Session } from '../mqtt/session/session.ts';
import type { Clock, Network, Random, WiFi } from '../ports.ts';
import type { CheckFailure, CheckStage } from '../provisioning/model.ts';
import type { Check, CheckObserver } from '../provisioning/portal/doors.ts';
import { offlineStatus } from '../telemetry/announcer.ts';
import type { DeviceConfig } from './config.ts';
import { isSecure, sessionOptions, supervisorOptions } from './session.ts';
import type { ScramMaker } from './sign-in.ts';

const CHECK_MS_MAX = 45_000;
/** Patience per stage; the supervisor's other defaults are right. */
const PATIENCE = Object.freeze({ joinMs: 20_000, connectMs: 15_000 });
const JOINS_MAX = 2;
/** Two closes without a CONNACK turn `auto` to the other version, which then has its one try. */
const ATTEMPTS_MAX = 3;
const NEVER = Number.POSITIVE_INFINITY;
const NOTHING: readonly Uint8Array[] = Object.freeze([]);

const STAGES: Readonly<Partial<Record<LinkState, CheckStage>>> = Object.freeze({
  joining: 'join',
  resolving: 'resolve',
  'awaiting time': 'connect',
  connecting: 'connect',
  handshaking: 'sign in',
} as const);

/** By the names in link/failures.ts; a name that is missing here is judged by its kind. */
const BY_NAME: Readonly<Record<string, CheckFailure>> = Object.freeze({
  'wifi password refused': 'wifi password',
  'wifi not found': 'wifi not found',
  'wifi lost': 'wifi lost',
  'wifi no address': 'no address',
  'clock not set': 'clock not set',
  'tls failed': 'tls',
  'certificate expired': 'certificate expired',
  'certificate has no names': 'certificate names',
  'certificate not for servers': 'certificate unusable',
  'certificate not understood': 'certificate unusable',
  'certificate algorithm': 'certificate unusable',
  'certificate malformed': 'certificate unusable',
  'websocket refused': 'not websocket',
  'not websocket': 'not websocket',
  'websocket broken': 'not websocket',
  'connack timed out': 'silent',
  'unsupported version': 'not mqtt',
  'client id refused': 'name refused',
  'taken over': 'name refused',
  'server unavailable': 'timed out',
  'server busy': 'timed out',
  'server shutting down': 'timed out',
  'quota exceeded': 'timed out',
  'connection rate exceeded': 'timed out',
  'broker not proven': 'broker not proven',
  'sign-in not understood': 'broker not proven',
  'bad authentication method': 'broker not proven',
  'redirect not followed': 'nothing answers',
  'use another server': 'nothing answers',
  'server moved': 'nothing answers',
} as const);

const BY_KIND: Readonly<Record<string, CheckFailure>> = Object.freeze({
  wifi: 'timed out',
  name: 'name not found',
  connect: 'nothing answers',
  tls: 'certificate',
  'no connack': 'not mqtt',
  protocol: 'not mqtt',
} as const);

/** The stage of a failure that may be told later, or in another state. */
const STAGE_OF: Readonly<Partial<Record<CheckFailure, CheckStage>>> = Object.freeze({
  'wifi password': 'join',
  'wifi not found': 'join',
  'no address': 'address',
  tls: 'connect',
  certificate: 'connect',
  'certificate expired': 'connect',
  'certificate names': 'connect',
  'certificate unusable': 'connect',
  'clock not set': 'connect',
} as const);

/** What the check works with. */
export interface SettingsCheckParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly scram: ScramMaker | undefined;
  /** The one for the broker's scheme, with the certificates to be checked. */
  readonly network: Network;
  /** The station of the network to be checked. */
  readonly wifi: WiFi;
  readonly config: DeviceConfig;
  readonly observer: CheckObserver;
  /** A device's. */
  readonly deadlines: Deadlines;
  /** Topics whose retained messages the broker is to forget once it has accepted the sign-in. */
  readonly forgotten?: readonly Uint8Array[];
}

export class SettingsCheck implements Check, ConnectionHandler {
  private readonly clock: Clock;
  private readonly config: DeviceConfig;
  private readonly observer: CheckObserver;
  private readonly supervisor: Supervisor;
  private readonly session: Session;
  private readonly connection: Connection;
  private readonly deadlines: Deadlines;
  private stage: CheckStage = 'join';
  private state: LinkState = 'stopped';
  private signedIn = false;
  private readonly hasErrand: boolean;
  /** When the errand was done; Infinity: it is not, or the goodbye has been said. */
  private doneAt = NEVER;

  /** @throws ConfigError when the settings cannot be sent at all. */
  constructor(parts: SettingsCheckParts) {
    const { clock, random, scram, network, wifi, config } = parts;
    this.clock = clock;
    this.config = config;
    this.observer = parts.observer;
    this.deadlines = parts.deadlines;
    const status = encodeTopic(`${config.baseTopic}/status`);
    const will = { topic: status, payload: offlineStatus(), qos: 1, retain: true } as const;
    const { forgotten = NOTHING } = parts;
    this.hasErrand = forgotten.length > 0;
    const done = () => {
      this.doneAt = this.clock.now();
    };
    const sources = this.hasErrand ? [new Withdrawal(forgotten, done)] : [];
    const hasSession = !this.hasErrand;
    const options = sessionOptions(config, status, 0, hasSession, scram);
    const session = new Session({ ...options, will }, sources);
    const supervisor = new Supervisor(
      { ...supervisorOptions(config, random, clock), ...PATIENCE },
      this.deadlines,
    );
    this.session = session;
    this.supervisor = supervisor;
    const { path } = config.broker;
    this.connection = new Connection({
      clock,
      network,
      wifi,
      supervisor,
      session,
      path,
      handler: this,
    });
  }

  start(): void {
    this.deadlines.set(Timer.limit, this.clock.now() + CHECK_MS_MAX);
    this.connection.start();
  }

  cancel(): void {
    this.deadlines.set(Timer.limit, NEVER);
    this.connection.stop();
    // A goodbye that is not written yet: the loss of the radio ends it at once.
    if (this.supervisor.state !== 'stopped') this.connection.failed('lost');
  }

  deadline(): number {
    const now = this.clock.now();
    return Math.min(this.deadlines.next(now), this.session.deadline(now), this.doneAt);
  }

  wake(): void {
    if (!this.isRunning) return;
    if (this.doneAt < NEVER) this.leave(Reason.success);
    if (this.clock.now() < this.deadlines.at[Timer.limit]) this.connection.wake();
    else this.end(this.signedIn ? undefined : 'timed out');
  }

  private get isRunning(): boolean {
    return this.deadlines.at[Timer.limit] < NEVER;
  }

  sessionEvent(event: SessionEvent): void {
    if (event.type !== 'connected') return;
    this.signedIn = true;
    if (!this.hasErrand) this.leave(Reason.disconnectWithWill);
  }

  private leave(reason: number): void {
    this.doneAt = NEVER;
    this.session.disconnect(reason, this.clock.now());
  }

  linkEnded(): void {}

  idle(): void {
    if (!this.isRunning) return;
    const { state } = this.supervisor;
    if (state !== this.state) {
      this.state = state;
      const stage = STAGES[state];
      if (state === 'offline' && (this.signedIn || !this.mayGoOn())) {
        this.end(this.signedIn ? undefined : this.failure());
        return;
      }
      if (stage !== undefined) {
        this.stage = stage;
        this.observer.stage(stage);
      }
    }
    this.observer.changed();
  }

  /** Whether the attempt that has just failed is worth another. */
  private mayGoOn(): boolean {
    const { figures, redirected } = this.supervisor;
    const { lastErrorKind, lastError, joins, attempts, redirects, outlook } = figures;
    // The supervisor's other ways are few, and each is tried once.
    if (outlook === 'another way' && lastErrorKind !== 'redirected') return true;
    switch (lastErrorKind) {
      case 'wifi':
        return joins < JOINS_MAX && /password|found|lost/.test(lastError.name);
      case 'redirected':
        return redirected !== 'no' && attempts <= ATTEMPTS_MAX;
      case 'no connack':
        if (lastError.name === 'connack timed out') return false;
        break;
      case 'version':
      case 'protocol':
        break;
      default:
        return false;
    }
    return this.config.version === 'auto' && attempts < ATTEMPTS_MAX + redirects;
  }

  /** What the last failure means. */
  private failure(): CheckFailure {
    const { lastErrorKind, lastError } = this.supervisor.figures;
    const isEncrypted = isSecure(this.config);
    // A broker that misses the client's certificate may say so by a close, early or late.
    if (isEncrypted && /^(reset|closed by peer|no connack)$/.test(lastError.name)) return 'tls';
    // Over TLS, a connection that could not even be opened means an unreadable certificate or key.
    if (isEncrypted && lastError.name === 'local error') return 'certificate';
    // Names of mDNS (RFC 6762) fail for reasons of their own.
    if (lastErrorKind === 'name' && /\.local\.?$/i.test(this.config.broker.host)) {
      return 'local name not found';
    }
    return BY_NAME[lastError.name] ?? BY_KIND[lastErrorKind] ?? 'sign-in refused';
  }

  private end(failure: CheckFailure | undefined): void {
    this.cancel();
    this.observer.ended(failure, (failure && STAGE_OF[failure]) ?? this.stage);
  }
}
