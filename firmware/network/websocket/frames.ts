/**
 * WebSocket frames of a client (RFC 6455, 5). What binary frames carry is one stream of bytes: MQTT
 * packets are not aligned with frames [MQTT-6.0.0-2].
 *
 * Refused: masked or reserved frames, frames of text [MQTT-6.0.0-1], long or split control frames,
 * messages that begin inside another or go on without a beginning, and lengths of more than 32 bits.
 */

const Opcode = Object.freeze({ more: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const);
const CONTROL_BYTES_MAX = 125;
/** What a frame of a client has in front of at most 65,535 bytes. */
export const OVERHEAD_BYTES = 8;

/** What a header that is whole says. */
export type FrameKind = 'data' | 'control' | 'refused' | undefined;

/** Reads headers byte by byte, and keeps what control frames carry. */
export class FrameReader {
  /** Bytes of the frame's payload that are still to come. */
  remaining = 0;
  /** What the last control frame carried. */
  readonly control: Uint8Array = new Uint8Array(CONTROL_BYTES_MAX);
  controlLength = 0;
  private readonly head: Uint8Array = new Uint8Array(10);
  private headLength = 0;
  /** A message has begun and goes on in the next frame (5.4). */
  private isFragmented = false;

  get isPing(): boolean {
    return (this.head[0] & 0x0f) === Opcode.ping;
  }

  get isClose(): boolean {
    return (this.head[0] & 0x0f) === Opcode.close;
  }

  /** Takes one byte of a header. @returns what frame has begun, once the header is whole */
  take(byte: number): FrameKind {
    const { head } = this;
    head[this.headLength++] = byte;
    if (this.headLength < 2) return undefined;
    const short = head[1];
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (short >= 128) return 'refused';
    if (this.headLength < size) return undefined;
    this.headLength = 0;
    this.remaining = short;
    if (size > 2) {
      this.remaining = 0;
      for (let i = 2; i < size; i++) this.remaining = this.remaining * 256 + head[i];
    }
    return this.kind(short);
  }

  /** Keeps one byte of a control frame. @returns whether the frame is whole */
  keep(byte: number): boolean {
    this.control[this.controlLength++] = byte;
    this.remaining--;
    return this.remaining === 0;
  }

  private kind(short: number): FrameKind {
    const first = this.head[0];
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0 || this.remaining > 0xffff_ffff) return 'refused';
    if (opcode === Opcode.binary || opcode === Opcode.more) {
      if ((opcode === Opcode.more) !== this.isFragmented) return 'refused';
      this.isFragmented = first < 0x80;
      return 'data';
    }
    const isKnown = opcode === Opcode.close || opcode === Opcode.ping || opcode === Opcode.pong;
    if (!isKnown || first < 0x80 || short > CONTROL_BYTES_MAX) return 'refused';
    this.controlLength = 0;
    return 'control';
  }
}

/**
 * Writes one frame, masked (5.3), to `into[at..]`; it takes `length + OVERHEAD_BYTES` at most.
 * @param mask 32 random bits, fresh for each frame. @returns the offset after it
 */
function writeFrame(
  into: Uint8Array,
  at: number,
  opcode: number,
  mask: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  let to = at;
  into[to++] = 0x80 | opcode;
  if (length < 126) into[to++] = 0x80 | length;
  else {
    into[to++] = 0x80 | 126;
    into[to++] = length >> 8;
    into[to++] = length;
  }
  for (let shift = 24; shift >= 0; shift -= 8) into[to++] = mask >>> shift;
  for (let i = 0; i < length; i++) into[to + i] = from[start + i] ^ into[to - 4 + (i & 3)];
  return to + length;
}

/** A frame with bytes of the stream. */
export function writeData(
  into: Uint8Array,
  at: number,
  mask: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  return writeFrame(into, at, Opcode.binary, mask, from, start, end);
}

/** The answer to a ping: what the ping carried. */
export function writePong(
  into: Uint8Array,
  at: number,
  mask: number,
  from: Uint8Array,
  length: number,
): number {
  return writeFrame(into, at, Opcode.pong, mask, from, 0, length);
}

/** A close frame. @param code why, such as 1000 for: done */
export function writeClose(into: Uint8Array, at: number, mask: number, code: number): number {
  return writeFrame(into, at, Opcode.close, mask, Uint8Array.of(code >> 8, code), 0, 2);
}
