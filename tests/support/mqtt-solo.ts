/**
 * A session alone, with the test as its broker: bytes in by any pieces, packets and events out.
 *
 * It drives the session as a connection does: read what fits, take every event, fill, write. So
 * nothing is written after the session has ended the connection.
 */

import type { MessageSource } from '../../firmware/mqtt/message-source.ts';
import type { SessionEvent } from '../../firmware/mqtt/session/event.ts';
import { defaultOptions, type SessionOptions } from '../../firmware/mqtt/session/options.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';
import { hex, packetsIn, toHex } from './mqtt-bytes.ts';
import { type PacketFields, pour, propertyFields, type Version } from './mqtt-fields.ts';

/** The CONNACK that accepts and says no more. */
export const ACCEPTED: Readonly<Record<Version, string>> = Object.freeze({
  4: '20 02 00 00',
  5: '20 03 00 00 00',
});

/** An event as plain values: its type and what that type carries. */
export function toldBy(event: SessionEvent, v5: boolean): PacketFields {
  const { packet, type } = event;
  const codes = toHex(packet.bytes.subarray(packet.payloadStart, packet.payloadEnd));
  switch (type) {
    case 'connected':
      return { type, sessionPresent: event.sessionPresent };
    case 'message': {
      const properties = v5 ? propertyFields(packet.properties) : {};
      const { qos, retain, duplicate } = packet;
      return { type, topic: event.topic(), payload: codes, qos, retain, duplicate, properties };
    }
    case 'skipped':
      return { type, topic: event.topic() };
    case 'subscribed':
    case 'unsubscribed':
      return { type, packetId: packet.packetId, codes };
    case 'ended': {
      const { cause, reason, detail, serverReference } = event;
      return { type, cause, reason, detail, serverReference };
    }
    default:
      return { type };
  }
}

export class Solo {
  readonly session: Session;
  /** Every event so far. */
  readonly told: PacketFields[] = [];
  now = 0;
  private v5 = true;
  private readonly output: number[] = [];

  constructor(options: Partial<SessionOptions> = {}, ...sources: readonly MessageSource[]) {
    this.session = new Session({ clientId: 'm', ...defaultOptions, ...options }, sources);
  }

  /** Opens a connection. @returns CONNECT as hex */
  open(version: Version): string {
    this.v5 = version === 5;
    this.session.open(version, this.now);
    this.pump();
    return this.written().join(' ');
  }

  /** Opens a connection and has it accepted; forgets what was told and written on the way. */
  online(version: Version, connack: string = ACCEPTED[version]): this {
    this.open(version);
    this.feed(connack);
    if (this.session.state !== 'online') throw new Error(JSON.stringify(this.told));
    this.told.length = 0;
    return this;
  }

  /** The network drops the connection. */
  drop(): this {
    this.session.closed();
    this.told.length = 0;
    this.output.length = 0;
    return this;
  }

  /** Bytes arrive: hex, or pieces of which each is read on its own. */
  feed(...pieces: readonly (string | Uint8Array)[]): this {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? hex(piece) : piece;
      for (let at = 0; at < bytes.length; ) {
        const { session } = this;
        const count = pour(session.receiveBuffer, bytes, at);
        if (count === 0 && session.state !== 'online' && session.state !== 'connecting')
          return this;
        if (count === 0) throw new Error('the session neither reads nor ends');
        session.received(count, this.now);
        at += count;
        this.pump();
      }
    }
    return this;
  }

  /** Time passes and the alarm goes off. */
  wake(now: number): this {
    this.now = now;
    this.session.wake(now);
    this.pump();
    return this;
  }

  /** What a connection does after any input. */
  pump(): void {
    const { session } = this;
    for (;;) {
      const event = session.nextEvent(this.now);
      if (event !== undefined) this.told.push(toldBy(event, this.v5));
      else session.fill(this.now);
      if (!this.write() && event === undefined) break;
    }
    const { calmUntil } = session;
    const due = session.deadline(this.now);
    if (calmUntil > due) throw new Error(`calm until ${calmUntil}, and due at ${due}`);
  }

  private write(): boolean {
    const { session } = this;
    const { bytes, start, end } = session.transmitBuffer;
    if (start === end || session.state === 'closed') return false;
    this.output.push(...bytes.subarray(start, end));
    session.sent(end - start, this.now);
    return true;
  }

  /** The packets that were written since the last call, each as hex. */
  written(): string[] {
    this.pump();
    return packetsIn(Uint8Array.from(this.output.splice(0))).map(toHex);
  }

  /** The event that ended the connection. */
  get ending(): PacketFields | undefined {
    return this.told.find((event) => event.type === 'ended');
  }
}
