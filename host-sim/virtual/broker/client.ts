/**
 * One connection as the virtual broker sees it: bytes in and out, the order of packets, keep-alive,
 * and the end. What packets mean is decided in `handshake.ts`, `inbound.ts` and `outbound.ts`.
 *
 * Invariants: nothing is handled after the end; the session learns of the end exactly once.
 */

import type { Packet } from 'mqtt-packet';
import type { TransportHandler } from '../../../firmware/ports.ts';
import { ByteRing } from '../byte-ring.ts';
import type { Scheduled } from '../event-queue.ts';
import type { ServerEnd } from '../network.ts';
import type { ConnectionRecord } from './books.ts';
import { type Frame, Framer, type Version } from './codec.ts';
import type { Core, OnlineClient } from './core.ts';
import { Handshake } from './handshake.ts';
import { Inbound } from './inbound.ts';
import { Outbound } from './outbound.ts';
import type { Outgoing, Session } from './session.ts';
import type { Answer, BrokerSettings, EndHow } from './settings.ts';
import { askedVersion, inspect } from './strict.ts';
import type { Fault } from './strict-fields.ts';

/** How long bytes may wait for a peer that does not take them, once the connection is to close. */
const LINGER_MS = 10_000;

export class Client implements OnlineClient, TransportHandler {
  readonly core: Core;
  readonly record: ConnectionRecord;
  /** What CONNACK promised: a change of the settings holds from the next connection on. */
  readonly limits: Readonly<BrokerSettings>;
  version: Version = 4;
  session!: Session;
  receiveMaximum = 65535;
  packetBytesMax = Number.POSITIVE_INFINITY;
  topicAliasMaximum = 0;
  wantsProblemInformation = true;
  /** Raw bytes were sent, which may happen to be packets that the client has to answer. */
  isGarbled = false;
  readonly outbound: Outbound;
  readonly #end: ServerEnd;
  readonly #ended: (client: Client) => void;
  readonly #framer = new Framer();
  readonly #unsent = new ByteRing();
  readonly #handshake: Handshake;
  readonly #inbound: Inbound;
  #phase: 'waiting' | 'connecting' | 'online' | 'closed' = 'waiting';
  #isClosing = false;
  #heardAt: number;
  /** Since when a silence counts that was the broker's doing before. */
  #excusedAt = 0;
  #keepAliveMs: number;
  #keepAliveEvent: Scheduled | undefined;
  readonly #onDue = () => {
    if (this.core.queue.now < this.#keepAliveDue) this.#watchKeepAlive();
    else this.#keepAliveOverrun();
  };

  /** @param ended called once when the connection is over. */
  constructor(core: Core, end: ServerEnd, ended: (client: Client) => void) {
    this.core = core;
    this.limits = core.settings;
    this.record = core.books.openConnection(core.queue.now);
    this.outbound = new Outbound(this);
    this.#end = end;
    this.#ended = ended;
    this.#handshake = new Handshake(this);
    this.#inbound = new Inbound(this);
    this.#heardAt = core.queue.now;
    this.#keepAliveMs = this.limits.connectWaitMs;
    this.#watchKeepAlive();
    end.handler = this;
  }

  get isOnline(): boolean {
    return this.#phase === 'online';
  }

  /** When the last whole packet came, in world milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  get clientId(): string {
    return this.record.clientId;
  }

  opened(): void {}

  readable(): void {
    const { chunk } = this.core;
    while (this.#phase !== 'closed' && !this.core.faults.readsNothing) {
      const count = this.#end.read(chunk, 0, chunk.length);
      if (count === 0) return;
      this.record.bytesIn += count;
      this.#framer.push(chunk, count);
      this.#handleFrames();
    }
  }

  writable(): void {
    this.#flush();
  }

  closed(reason: string): void {
    this.#isOver(`client: ${reason}`);
  }

  /** The client may send: goes online under `session`. Called by the handshake. */
  goOnline(session: Session, keepAliveS: number): void {
    this.session = session;
    this.#phase = 'online';
    this.core.online.set(session.clientId, this);
    this.#keepAliveMs = keepAliveS * 1500;
    this.#watchKeepAlive();
    const { diesAfterMs, diesHow } = this.core.faults;
    if (diesAfterMs !== undefined) {
      this.core.queue.after(diesAfterMs, () => this.finish(diesHow, 'broker: dies young'));
    }
  }

  deliver(delivery: Outgoing): void {
    this.outbound.deliver(delivery);
  }

  takeOver(): void {
    this.disconnect(0x8e, 'broker: session taken over');
  }

  /** Sends a packet; optional properties are left out where the client's limits ask for it. */
  send(packet: Packet): void {
    const { encoder } = this.core;
    let bytes = encoder.encode(packet, this.version);
    if (bytes.length > this.packetBytesMax && 'properties' in packet) {
      bytes = encoder.encode({ ...packet, properties: undefined } as Packet, this.version);
    }
    this.sendBytes(bytes, packet.cmd);
  }

  sendBytes(bytes: Uint8Array, kind: string): void {
    if (this.#phase === 'closed' || this.#isClosing) return;
    const { faults } = this.core;
    const isCut = faults.cutsNext === kind || faults.cutsNext === 'any';
    const count = isCut ? Math.ceil(bytes.length / 2) : bytes.length;
    this.record.packetsOut += 1;
    this.record.bytesOut += count;
    const isNext = this.#unsent.length === 0;
    this.#unsent.push(bytes, isNext ? this.#end.write(bytes, 0, count) : 0, count);
    if (!isNext) this.#flush();
    if (isCut) {
      this.core.faults = { ...faults, cutsNext: undefined };
      this.finish('close', `broker: closed inside ${kind}`);
    }
  }

  /** Sends bytes that need not be a packet. */
  sendRaw(bytes: Uint8Array): void {
    this.isGarbled = true;
    this.sendBytes(bytes, 'raw');
  }

  /** Sends an acknowledgement or answer as the faults decide. */
  answer(kind: Answer['kind'], packetId: number, topic: string, send: () => void): void {
    const fate = this.core.faults.answer({ kind, clientId: this.clientId, packetId, topic });
    if (fate === 'send') send();
    else if (fate !== 'drop') {
      this.core.queue.after(fate.delayMs, () => {
        if (this.isOnline) send();
      });
    }
  }

  /** Ends the connection: in 5.0 with DISCONNECT and `reason` if online. */
  disconnect(reasonCode: number, why: string, serverReference?: string): void {
    if (this.#phase === 'closed') return;
    if (this.version === 5 && this.isOnline) {
      const properties: { reasonString?: string; serverReference?: string } = {};
      const { reasonString } = this.limits;
      if (reasonString !== undefined) properties.reasonString = reasonString;
      if (serverReference !== undefined) properties.serverReference = serverReference;
      this.send({ cmd: 'disconnect', reasonCode, properties });
    }
    this.finish('close', why);
  }

  /** The client broke the standard: recorded, answered, closed (4.13). */
  violate(fault: Fault): void {
    this.note('violation', fault.rule, fault.text);
    if (this.#phase === 'connecting' && this.version === 5) {
      this.record.reason = fault.reason;
      this.send({ cmd: 'connack', sessionPresent: false, reasonCode: fault.reason });
    }
    this.disconnect(fault.reason, `broker: ${fault.text}`);
  }

  note(level: 'violation' | 'info', rule: string, text: string): void {
    this.core.find({ level, rule, text, clientId: this.clientId, connection: this.record.number });
  }

  /** Ends the connection without any packet, after what was written unless it resets. */
  finish(how: EndHow, why: string): void {
    if (this.#phase === 'closed') return;
    this.#isOver(why);
    if (how === 'reset') this.#end.abort();
    else if (how === 'vanish') this.#end.vanish();
    else if (this.#unsent.length === 0) this.#end.close();
    else {
      this.#isClosing = true;
      this.core.queue.after(LINGER_MS, () => this.#end.abort());
    }
  }

  #handleFrames(): void {
    while (this.#phase !== 'closed') {
      // A limit that nobody was told of is none: 3.1.1 has no way to tell it.
      const bytesMax =
        this.version === 5 ? this.limits.maximumPacketSize : Number.POSITIVE_INFINITY;
      const frame = this.#framer.next(bytesMax);
      if (frame === undefined) return;
      if (frame === 'length') {
        this.violate({ rule: 'MQTT-1.5.5-1', text: 'malformed remaining length', reason: 0x81 });
      } else if (frame === 'size') {
        const text = `a packet larger than ${this.limits.maximumPacketSize} bytes`;
        this.violate({ rule: 'MQTT-3.2.2-15', text, reason: 0x95 });
      } else this.#handleFrame(frame);
    }
  }

  #handleFrame(frame: Frame): void {
    this.record.packetsIn += 1;
    this.#heardAt = this.core.queue.now;
    if (this.#phase === 'waiting' && !this.#meet(frame)) return;
    const fault = inspect(frame, this.version);
    if (fault !== undefined) {
      this.violate(fault);
      return;
    }
    const packet = this.core.decoderOf(this.version).decode(frame);
    if (typeof packet === 'string') {
      this.violate({ rule: 'mqtt-packet', text: packet, reason: 0x81 });
    } else if (this.#phase === 'online') {
      this.#inbound.handle(packet);
      if (packet.cmd === 'disconnect') this.#leave();
    } else this.#handshake.handle(packet);
  }

  /** The first packet: must be CONNECT [MQTT-3.1.0-1], and decides the version. */
  #meet(frame: Frame): boolean {
    if (frame[0] >> 4 !== 1) {
      const text = `packet type ${frame[0] >> 4} before CONNECT`;
      this.violate({ rule: 'MQTT-3.1.0-1', text, reason: 0x82 });
      return false;
    }
    const asked = askedVersion(frame);
    this.record.connectAt = this.core.queue.now;
    if (asked !== undefined && !this.limits.versions.includes(asked as Version)) {
      this.record.version = asked === 4 || asked === 5 ? asked : undefined;
      this.#handshake.refuseVersion(asked);
      return false;
    }
    this.version = this.record.version = asked === 5 ? 5 : 4;
    this.#phase = 'connecting';
    return true;
  }

  #leave(): void {
    if (this.#framer.length > 0) {
      this.note('violation', 'MQTT-3.14.4-2', 'more bytes after DISCONNECT');
    }
    this.finish('close', 'client: DISCONNECT');
  }

  #flush(): void {
    const { chunk } = this.core;
    while (this.#unsent.length > 0) {
      const count = Math.min(this.#unsent.length, chunk.length);
      this.#unsent.peek(chunk, 0, count);
      const taken = this.#end.write(chunk, 0, count);
      this.#unsent.drop(taken);
      if (taken < count) return;
    }
    if (this.#isClosing) this.#end.close();
  }

  get #keepAliveDue(): number {
    return Math.max(this.#heardAt, this.#excusedAt) + this.#keepAliveMs;
  }

  #watchKeepAlive(): void {
    this.#keepAliveEvent?.cancel();
    if (this.#keepAliveMs === 0) return;
    this.#keepAliveEvent = this.core.queue.at(this.#keepAliveDue, this.#onDue);
  }

  /** [MQTT-3.1.2-22] in 5.0: one and a half times the keep-alive without a packet. */
  #keepAliveOverrun(): void {
    const { connect, readsNothing } = this.core.faults;
    if (readsNothing || (this.#phase === 'connecting' && connect !== 'answer')) {
      // Packets may wait unread: its time begins anew, and nothing was heard.
      this.#excusedAt = this.core.queue.now;
      this.#watchKeepAlive();
      return;
    }
    const isExcused = this.#end.inboundIsFaulty || !this.isOnline;
    const text = `silent for ${this.#keepAliveMs} ms`;
    this.note(isExcused ? 'info' : 'violation', 'keep-alive', text);
    this.disconnect(0x8d, `broker: ${text}`);
  }

  #isOver(why: string): void {
    if (this.#phase === 'closed') return;
    const wasOnline = this.isOnline;
    this.#phase = 'closed';
    this.#keepAliveEvent?.cancel();
    this.record.endedAt = this.core.queue.now;
    this.record.end = why;
    if (wasOnline) {
      this.core.online.delete(this.session.clientId);
      this.core.connectionLost(this.session);
    }
    this.#ended(this);
  }
}
