/**
 * The shell that joins the supervisor and the session to the ports: it does what the supervisor
 * asks for, carries bytes between transport and session, and reports what happened.
 *
 * It decides nothing. Whoever owns it calls `wake` when `Timer.link` or the session is due, and `pump`
 * after posting a message; `idle` is called after everything else, when the alarm is to be set anew. Handlers
 * of the ports come from the event loop, so nothing here re-enters itself.
 */

import { Reason } from '../mqtt/codec/constants.ts';
import type { Will } from '../mqtt/codec/encode.ts';
import type { SessionEvent } from '../mqtt/session/event.ts';
import type { Session } from '../mqtt/session/session.ts';
import type {
  Cancel,
  Clock,
  CloseReason,
  JoinFailure,
  Network,
  Target,
  Transport,
  TransportHandler,
  WiFi,
  WiFiHandler,
} from '../ports.ts';
import type { EndCause } from './failures.ts';
import type { Supervisor } from './supervisor.ts';
import { willAt } from './will-choice.ts';

/** What the connection tells its owner. */
export interface ConnectionHandler {
  /** A session event other than `ended`; its views are valid during the call. */
  sessionEvent(event: SessionEvent): void;
  /**
   * The connection is over, or could not be made; `supervisor.figures.lastError` says why.
   * @param detail what the session has to add, or ''
   */
  linkEnded(detail: string): void;
  /** Everything that can be done now is done: the alarm may be set. */
  idle(): void;
}

/** What the connection works with. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly network: Network;
  readonly wifi: WiFi;
  readonly supervisor: Supervisor;
  readonly session: Session;
  /** WebSocket's path. */
  readonly path: string;
  readonly handler: ConnectionHandler;
}

/** The session's words for an end, as the supervisor knows them. */
function causeOf(event: SessionEvent): EndCause {
  switch (event.cause) {
    case 'no CONNACK':
      return 'timed out';
    case 'keep-alive timeout':
      return 'keep-alive timed out';
    case 'acknowledgement timeout':
      return 'acknowledgement timed out';
    case 'goodbye':
      return 'goodbye said';
    default:
      if (event.reason === Reason.notAuthorized) return 'broker not proven';
      if (event.reason === Reason.badAuthenticationMethod) return 'sign-in not understood';
      return 'protocol error';
  }
}

export class Connection implements TransportHandler, WiFiHandler {
  private readonly clock: Clock;
  private readonly network: Network;
  private readonly wifi: WiFi;
  private readonly supervisor: Supervisor;
  private readonly session: Session;
  private readonly path: string;
  private readonly handler: ConnectionHandler;
  /** Will and clean start as the session was set up. */
  private readonly will: Will | undefined;
  private readonly isClean: boolean;
  private transport: Transport | undefined;
  private lookup: Cancel | undefined;
  private detail = '';
  private leavesWill = false;
  /** The session's last word, until its bytes are written and the supervisor is told. */
  private ending: SessionEvent | undefined;

  constructor(parts: ConnectionParts) {
    this.clock = parts.clock;
    this.network = parts.network;
    this.wifi = parts.wifi;
    this.supervisor = parts.supervisor;
    this.session = parts.session;
    this.path = parts.path;
    this.handler = parts.handler;
    this.will = parts.session.will;
    this.isClean = parts.session.cleanStart;
  }

  /** Begins to connect, and to stay connected. */
  start(): void {
    this.supervisor.start(this.clock.now());
    this.settle();
  }

  /**
   * Ends with DISCONNECT where there is a session. The supervisor's state becomes `stopped`.
   * @param leavesWill the broker is to publish the will all the same
   */
  stop(leavesWill = false): void {
    this.leavesWill = leavesWill;
    this.supervisor.stop(this.clock.now());
    this.settle();
  }

  /** Does what has become due. */
  wake(): void {
    const now = this.clock.now();
    const session = this.session;
    // What lies unread may be the very answer whose absence is about to be judged.
    this.exchange(now);
    if (now >= session.calmUntil) session.wake(now);
    if (session.state !== 'online' || !session.transmitBuffer.empty) this.exchange(now);
    this.supervisor.wake(now);
    this.settle();
  }

  /** Sends what was posted or appended since. */
  pump(): void {
    this.exchange(this.clock.now());
    this.settle();
  }

  joined(): void {
    this.supervisor.wifiJoined(this.clock.now());
    this.settle();
  }

  failed(reason: JoinFailure): void {
    this.supervisor.wifiFailed(reason, this.clock.now());
    this.settle();
  }

  opened(): void {
    this.supervisor.opened(this.clock.now());
    this.settle();
  }

  readable(): void {
    this.pump();
  }

  writable(): void {
    this.pump();
  }

  closed(reason: CloseReason): void {
    const now = this.clock.now();
    this.transport = undefined;
    if (this.ending === undefined) {
      this.session.closed();
      this.supervisor.ended(reason, now);
    } else this.report(this.ending, now);
    this.settle();
  }

  /** Carries bytes both ways until neither side moves. */
  private exchange(now: number): void {
    const session = this.session;
    let mayGoOn = true;
    while (this.transport !== undefined) {
      const read = this.read(this.transport, now);
      // Nothing new is there to be decoded or sent, and nothing is left to be written.
      if (!read && !mayGoOn && session.transmitBuffer.empty) break;
      let event = session.nextEvent(now);
      while (event !== undefined) {
        this.take(event, now);
        event = session.nextEvent(now);
      }
      const wasCut = !session.fill(now);
      const written = this.write(this.transport, now);
      // What was written made room for what had none: messages, and packets that want an answer.
      mayGoOn = written && (wasCut || session.receiveBuffer.start !== session.receiveBuffer.end);
      if (!read && !mayGoOn) break;
    }
    if (this.ending !== undefined && session.finished) this.report(this.ending, now);
  }

  private read(transport: Transport, now: number): boolean {
    const session = this.session;
    if (!session.readable) return false;
    const receiveBuffer = session.receiveBuffer;
    if (receiveBuffer.start > 0) receiveBuffer.compact();
    const bytes = receiveBuffer.bytes;
    const count = transport.read(bytes, receiveBuffer.end, bytes.length);
    if (count > 0) session.received(count, now);
    return count > 0;
  }

  private write(transport: Transport, now: number): boolean {
    const transmitBuffer = this.session.transmitBuffer;
    if (transmitBuffer.start === transmitBuffer.end) return false;
    const count = transport.write(transmitBuffer.bytes, transmitBuffer.start, transmitBuffer.end);
    if (count > 0) this.session.sent(count, now);
    return count > 0;
  }

  private take(event: SessionEvent, now: number): void {
    if (event.type === 'ended') {
      this.ending = event;
      return;
    }
    if (event.type === 'connected') {
      this.supervisor.connected(now, event.sessionPresent);
      this.takeCare(now);
    }
    this.handler.sessionEvent(event);
  }

  private report(event: SessionEvent, now: number): void {
    const { supervisor, session } = this;
    this.ending = undefined;
    const isPeers = event.cause === 'protocol error' || event.cause === 'refused';
    this.detail = isPeers || event.cause === 'disconnected by server' ? event.detail : '';
    if (event.cause === 'refused') {
      supervisor.refused(event.reason, session.version, now, event.serverReference);
    } else if (event.cause === 'disconnected by server') {
      supervisor.disconnected(event.reason, now, event.serverReference);
    } else supervisor.ended(causeOf(event), now);
  }

  /** A broker that ends connections at a record is sent nothing for a while, then one by one. */
  private takeCare(now: number): void {
    const { session } = this;
    const { records } = this.supervisor;
    if (!records.isCareful) return;
    records.receiveMaximum = session.limits.receiveMaximum;
    session.limit(1, records.quietUntil(now));
  }

  /** Does what the supervisor asks for, until it asks for nothing. */
  private settle(): void {
    for (;;) {
      const action = this.supervisor.nextAction();
      if (action === 'none') break;
      const now = this.clock.now();
      if (action === 'close') this.close();
      else if (action === 'leave') this.wifi.leave();
      else if (action === 'join') this.wifi.join(this);
      else if (action === 'resolve') this.resolve();
      else if (action === 'connect') this.connect();
      else if (action === 'open session') this.openSession(now);
      else this.sayGoodbye(now);
    }
    this.handler.idle();
  }

  private close(): void {
    const { detail } = this;
    this.detail = '';
    this.ending = undefined;
    this.lookup?.cancel();
    this.lookup = undefined;
    this.transport?.close();
    this.transport = undefined;
    this.session.closed();
    this.handler.linkEnded(detail);
  }

  private resolve(): void {
    this.lookup = this.network.resolve(this.supervisor.host, (address) => {
      this.lookup = undefined;
      this.supervisor.resolved(address, this.clock.now());
      this.settle();
    });
  }

  private connect(): void {
    const { host, address, port } = this.supervisor;
    const target: Target = { host, address, port, path: this.path };
    this.transport = this.network.connect(target, this);
  }

  private openSession(now: number): void {
    const { session, supervisor } = this;
    // What is under suspicion would be redelivered into a session that is present.
    const { kinds, records } = supervisor;
    session.cleanStart = this.isClean || kinds.needsCleanStart || records.needsCleanStart;
    session.will = willAt(supervisor.willLevel, this.will);
    session.open(supervisor.version, now);
    this.exchange(now);
  }

  private sayGoodbye(now: number): void {
    this.session.disconnect(this.leavesWill ? Reason.disconnectWithWill : Reason.success, now);
    this.exchange(now);
  }
}
