/**
 * The MQTT 5 properties of a received packet (section 2.2.2).
 *
 * A property section is validated whole (known, allowed in its packet, not repeated, of the right
 * shape and range) and then read by identifier; nothing is copied until it is asked for.
 */

import { NO_BYTES, readUint16, readUint32 } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import { decodeUtf8, hasNul, isValidUtf8 } from '../../base/utf8.ts';
import { Property, Reason } from './constants.ts';
import { BINARY, BYTE, mayStand, PAIR, shapeOf, UINT16, UINT32, VARINT } from './property-rules.ts';
import { illegal, malformed } from './protocol-error.ts';
import { decodeVarint, varintLength } from './varint.ts';

/** The properties of one received packet. Positions refer to the receive buffer. */
export class Properties {
  private bytes = NO_BYTES;
  private start = 0;
  private end = 0;

  /** Whether there are any. */
  get any(): boolean {
    return this.end > this.start;
  }

  /** Forgets everything: the packet has no property section. */
  clear(): void {
    this.end = this.start;
  }

  /**
   * Validates the property section that starts with its length at `at`.
   * @param packetType the packet it stands in
   * @param limit the packet's end
   * @returns the position after the section
   * @throws PeerError as 5.0 section 4.13.1 asks
   */
  parse(packetType: number, bytes: Uint8Array, at: number, limit: number): number {
    if (at < limit && bytes[at] === 0) {
      this.end = this.start;
      return at + 1;
    }
    const length = decodeVarint(bytes, at, limit);
    const start = at + varintLength(length);
    const end = start + length;
    if (end > limit) throw malformed('properties longer than their packet');
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    for (let position = start; position < end; ) position = this.accept(packetType, position);
    return end;
  }

  private accept(packetType: number, position: number): number {
    const id = this.bytes[position];
    const at = position + 1;
    const shape = shapeOf(id);
    if (shape === 0) throw malformed(`unknown property ${id}`);
    if (!mayStand(id, packetType)) throw illegal(`property ${id} in a wrong packet`);
    const repeatable = id === Property.userProperty || id === Property.subscriptionId;
    if (!repeatable && this.find(id, this.start) < at) throw illegal(`property ${id} twice`);
    const after = this.skip(shape, at);
    if (after > this.end) throw malformed('property beyond its section');
    if (shape > BINARY) {
      const split = at + 2 + readUint16(this.bytes, at);
      this.checkText(at + 2, split);
      if (shape === PAIR) this.checkText(split + 2, after);
    } else this.checkRange(id, shape, at);
    return after;
  }

  /** The position after a value; beyond the section where it is cut off. */
  private skip(shape: number, at: number): number {
    if (shape === BYTE) return at + 1;
    if (shape === UINT16) return at + 2;
    if (shape === UINT32) return at + 4;
    if (shape === VARINT) return at + varintLength(decodeVarint(this.bytes, at, this.end));
    const after = this.skipRun(at);
    return shape === PAIR ? this.skipRun(after) : after;
  }

  private skipRun(at: number): number {
    return at + 2 > this.end ? at + 2 : at + 2 + readUint16(this.bytes, at);
  }

  private checkText(start: number, end: number): void {
    const bytes = this.bytes;
    // [5.0 MQTT-1.5.4-1, 1.5.4-2]
    if (!isValidUtf8(bytes, start, end)) throw malformed('property: not UTF-8');
    if (hasNul(bytes, start, end)) throw malformed('property: U+0000');
  }

  /** Refuses zero where it means nothing, and bytes that are no booleans. */
  private checkRange(id: number, shape: number, at: number): void {
    if (shape === BYTE) {
      if (this.bytes[at] > 1) throw illegal(`property ${id} out of range`);
      return;
    }
    const isAlias = id === Property.topicAlias;
    const zeroForbidden =
      isAlias ||
      id === Property.receiveMaximum ||
      id === Property.maximumPacketSize ||
      id === Property.subscriptionId;
    if (zeroForbidden && this.numberAt(id, at) === 0) {
      const reason = isAlias ? Reason.topicAliasInvalid : Reason.protocolError;
      throw new PeerError(reason, `property ${id} is zero`);
    }
  }

  /** Where the next value of a property lies, from `at` on; Infinity where there is none. */
  private find(id: number, from: number): number {
    for (let at = from; at < this.end; ) {
      const found = this.bytes[at];
      if (found === id) return at + 1;
      at = this.skip(shapeOf(found), at + 1);
    }
    return Number.POSITIVE_INFINITY;
  }

  has(id: number): boolean {
    return this.find(id, this.start) < this.end;
  }

  /** A numeric property, or `absent`. */
  number(id: number, absent: number): number {
    const at = this.find(id, this.start);
    return at < this.end ? this.numberAt(id, at) : absent;
  }

  private numberAt(id: number, at: number): number {
    const bytes = this.bytes;
    const shape = shapeOf(id);
    if (shape === BYTE) return bytes[at];
    if (shape === UINT16) return readUint16(bytes, at);
    return shape === UINT32 ? readUint32(bytes, at) : decodeVarint(bytes, at, this.end);
  }

  /** A text property, or undefined. Allocates the string. */
  text(id: number): string | undefined {
    const at = this.find(id, this.start);
    return at < this.end ? this.runText(at) : undefined;
  }

  /** What `judge` finds wrong with a text property's bytes; '' when it is absent. */
  textFault(id: number, judge: (bytes: Uint8Array, start: number, end: number) => string): string {
    const at = this.find(id, this.start);
    return at < this.end ? judge(this.bytes, at + 2, this.skipRun(at)) : '';
  }

  /** A copy of a binary (or text) property's bytes, or undefined. */
  data(id: number): Uint8Array | undefined {
    const at = this.find(id, this.start);
    return at < this.end ? this.bytes.slice(at + 2, this.skipRun(at)) : undefined;
  }

  /** The user properties, in order, as name and value. Allocates. */
  users(): [string, string][] {
    return this.each(Property.userProperty, (at) => [
      this.runText(at),
      this.runText(this.skipRun(at)),
    ]);
  }

  /** The subscription identifiers of a PUBLISH, in order. Allocates. */
  subscriptionIds(): number[] {
    return this.each(Property.subscriptionId, (at) => this.numberAt(Property.subscriptionId, at));
  }

  private each<T>(id: number, read: (at: number) => T): T[] {
    const found: T[] = [];
    let at = this.find(id, this.start);
    while (at < this.end) {
      found.push(read(at));
      at = this.find(id, this.skip(shapeOf(id), at));
    }
    return found;
  }

  private runText(at: number): string {
    return decodeUtf8(this.bytes, at + 2, this.skipRun(at));
  }
}
