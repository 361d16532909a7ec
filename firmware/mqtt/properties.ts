/**
 * The MQTT 5 properties of a received packet (section 2.2.2).
 *
 * A property section is validated whole (known, allowed in its packet, not repeated, of the right
 * shape and range) and then read by identifier; nothing is copied until it is asked for.
 */

import { readUint16, readUint32 } from '../base/bytes.ts';
import { PeerError } from '../base/errors.ts';
import { decodeUtf8, hasNul, isValidUtf8 } from '../base/text.ts';
import { Property, Reason } from './constants.ts';
import { BINARY, BYTE, PAIR, RULES, UINT16, UINT32, VARINT } from './property-rules.ts';
import { decodeVarint, varintLength } from './varint.ts';

/** The properties of one received packet. Positions refer to the receive buffer. */
export class Properties {
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  /** By identifier: where the (first) value starts, 0 = absent. */
  private readonly offsets = new Uint32Array(RULES.length);
  private used = false;

  /** Forgets everything: the packet has no property section. */
  clear(): void {
    this.end = this.start = 0;
    if (!this.used) return;
    this.offsets.fill(0);
    this.used = false;
  }

  /**
   * Validates the property section that starts with its length at `at`.
   * @param packetType the packet it stands in
   * @param limit the packet's end
   * @returns the position after the section
   * @throws PeerError as 5.0 section 4.13.1 asks
   */
  parse(packetType: number, bytes: Uint8Array, at: number, limit: number): number {
    this.clear();
    const length = decodeVarint(bytes, at, limit);
    const start = at + varintLength(length);
    const end = start + length;
    if (end > limit) throw new PeerError(Reason.malformed, 'properties longer than their packet');
    if (length === 0) return end;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.used = true;
    for (let position = start; position < end; ) {
      position = this.accept(packetType, bytes[position], position + 1);
    }
    return end;
  }

  private accept(packetType: number, id: number, at: number): number {
    const rule = id < RULES.length ? RULES[id] : 0;
    if (rule === 0) throw new PeerError(Reason.malformed, `unknown property 0x${id.toString(16)}`);
    if (((rule >> packetType) & 1) === 0) {
      throw new PeerError(Reason.protocolError, `property 0x${id.toString(16)} in a wrong packet`);
    }
    const repeatable = id === Property.userProperty || id === Property.subscriptionId;
    if (this.offsets[id] === 0) this.offsets[id] = at;
    else if (!repeatable) {
      throw new PeerError(Reason.protocolError, `property 0x${id.toString(16)} twice`);
    }
    const after = this.skip(rule >> 16, at);
    if (after > this.end) throw new PeerError(Reason.malformed, 'property beyond its section');
    this.checkRange(id, rule >> 16, at);
    return after;
  }

  private skip(shape: number, at: number): number {
    if (shape === BYTE) return at + 1;
    if (shape === UINT16) return at + 2;
    if (shape === UINT32) return at + 4;
    if (shape === VARINT) return at + varintLength(decodeVarint(this.bytes, at, this.end));
    const after = this.skipRun(at, shape !== BINARY);
    return shape === PAIR ? this.skipRun(after, true) : after;
  }

  private skipRun(at: number, text: boolean): number {
    if (at + 2 > this.end) return at + 2;
    const start = at + 2;
    const after = start + readUint16(this.bytes, at);
    if (!text || after > this.end) return after;
    if (!isValidUtf8(this.bytes, start, after)) {
      throw new PeerError(Reason.malformed, 'a property is not UTF-8 [5.0 MQTT-1.5.4-1]');
    }
    if (hasNul(this.bytes, start, after)) {
      throw new PeerError(Reason.malformed, 'a property has U+0000 [5.0 MQTT-1.5.4-2]');
    }
    return after;
  }

  /** Zero where it means nothing, and bytes that are booleans. */
  private checkRange(id: number, shape: number, at: number): void {
    if (shape === BYTE) {
      if (this.bytes[at] > 1) {
        throw new PeerError(Reason.protocolError, `property 0x${id.toString(16)} out of range`);
      }
      return;
    }
    const zeroForbidden =
      id === Property.receiveMaximum ||
      id === Property.maximumPacketSize ||
      id === Property.subscriptionId ||
      id === Property.topicAlias;
    if (zeroForbidden && this.number(id, 1, at) === 0) {
      const reason = id === Property.topicAlias ? Reason.topicAliasInvalid : Reason.protocolError;
      throw new PeerError(reason, `property 0x${id.toString(16)} is zero`);
    }
  }

  has(id: number): boolean {
    return this.offsets[id] !== 0;
  }

  /** A numeric property, or `absent`. `at`: its position, where another than the first is meant. */
  number(id: number, absent: number, at: number = this.offsets[id]): number {
    if (at === 0) return absent;
    const shape = RULES[id] >> 16;
    if (shape === BYTE) return this.bytes[at];
    if (shape === UINT16) return readUint16(this.bytes, at);
    if (shape === UINT32) return readUint32(this.bytes, at);
    return decodeVarint(this.bytes, at, this.end);
  }

  /** A text property, or undefined. Allocates the string. */
  text(id: number): string | undefined {
    const at = this.offsets[id];
    return at === 0 ? undefined : this.runText(at);
  }

  /** What `judge` finds wrong with a text property's bytes; '' when it is absent. */
  textFault(id: number, judge: (bytes: Uint8Array, start: number, end: number) => string): string {
    const at = this.offsets[id];
    if (at === 0) return '';
    return judge(this.bytes, at + 2, at + 2 + readUint16(this.bytes, at));
  }

  /** A copy of a binary (or text) property's bytes, or undefined. */
  data(id: number): Uint8Array | undefined {
    const at = this.offsets[id];
    if (at === 0) return undefined;
    return this.bytes.slice(at + 2, at + 2 + readUint16(this.bytes, at));
  }

  /** The user properties, in order, as name and value. Allocates. */
  users(): [string, string][] {
    const found: [string, string][] = [];
    this.each(Property.userProperty, (at) => {
      const value = at + 2 + readUint16(this.bytes, at);
      found.push([this.runText(at), this.runText(value)]);
    });
    return found;
  }

  /** The subscription identifiers of a PUBLISH, in order. Allocates. */
  subscriptionIds(): number[] {
    const found: number[] = [];
    this.each(Property.subscriptionId, (at) => {
      found.push(this.number(Property.subscriptionId, 0, at));
    });
    return found;
  }

  private each(id: number, visit: (at: number) => void): void {
    for (let at = this.start; at < this.end; ) {
      const found = this.bytes[at];
      if (found === id) visit(at + 1);
      at = this.skip(RULES[found] >> 16, at + 1);
    }
  }

  private runText(at: number): string {
    return decodeUtf8(this.bytes, at + 2, at + 2 + readUint16(this.bytes, at));
  }
}
