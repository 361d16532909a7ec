/** How a connection ends: the one `ended` event, and the DISCONNECT that goes with it. */

import { NO_BYTES } from '../../base/bytes.ts';
import { DISCONNECT, Property, Reason } from '../codec/constants.ts';
import { encodeReasoned } from '../codec/encode.ts';
import type { SessionEnd, SessionEvent } from './event.ts';
import type { TransmitBuffer } from './transmit-buffer.ts';

export class Ending {
  private readonly event: SessionEvent;
  private readonly transmitBuffer: TransmitBuffer;
  /** The event waits to be taken. */
  unread = false;

  constructor(event: SessionEvent, transmitBuffer: TransmitBuffer) {
    this.event = event;
    this.transmitBuffer = transmitBuffer;
  }

  /** Takes the event that waits. */
  take(): SessionEvent {
    this.unread = false;
    return this.event;
  }

  /**
   * The broker ended it, with the packet just decoded: nothing more is to be sent.
   * @returns false: the event waits, it is not yet told
   */
  byServer(cause: SessionEnd): false {
    const event = this.event;
    const properties = event.packet.properties;
    event.end(cause, event.packet.reason, properties.text(Property.reasonString) ?? '');
    event.serverReference = properties.text(Property.serverReference) ?? '';
    this.unread = true;
    this.transmitBuffer.clear();
    return false;
  }

  /**
   * We end it.
   * @param code the reason that DISCONNECT carries (3.1.1: 0), or -1 to send none
   */
  byUs(cause: SessionEnd, reason: number, detail: string, code: number): void {
    this.event.end(cause, reason, detail);
    this.unread = true;
    if (code < 0) return;
    const out = this.transmitBuffer;
    const end = encodeReasoned(out.bytes, out.end, DISCONNECT, sayable(code), NO_BYTES);
    if (end <= out.bytes.length) out.end = end;
  }
}

/** The code as a client may say it: two of our reasons are for servers alone [5.0 MQTT-3.14.2-1]. */
function sayable(code: number): number {
  const isServers = code === Reason.keepAliveTimeout || code === Reason.notAuthorized;
  return isServers ? Reason.unspecified : code;
}
