/**
 * An SNTP server in virtual time (RFC 4330, 5905), written from the standard's figure of a packet and
 * not from the firmware's code: right, silent, late, off by years, or wrong in each field.
 *
 *   const server = new VirtualTimeServer(queue, air, '10.0.0.123', () => clock.trueWall());
 *   server.treat('10.0.1.1', { ...FAIR, says: 'kiss' });
 *
 * It keeps the book of who asks how often: more than once in 15 seconds is against the standard.
 */

import type { DatagramSocket } from '../../firmware/ports.ts';
import type { Air } from './datagrams.ts';
import type { EventQueue } from './event-queue.ts';

export const NTP_PORT = 123;
/** RFC 4330, 10; less what the crystal of a client may run fast. */
const PAUSE_MS_MIN = 15_000 * 0.999;
const BYTES = 48;
const TOLD_KEPT = 8;
const LURE_MS = 3_600_000;
const SECONDS_1900_TO_1970 = 2_208_988_800n;

/** What an answer is. */
export type Saying =
  | 'time'
  /** A kiss-o'-death: leave me alone. */
  | 'kiss'
  /** A kiss that repeats nothing of what was asked, as an attacker would send. */
  | 'forged kiss'
  | 'unsynchronised'
  | 'stratum 16'
  /** The time, for a question that nobody asked. */
  | 'bad origin'
  /** The time, as if a client asked for it. */
  | 'bad mode'
  | 'zero'
  | 'short';

export const WRONG_SAYINGS: readonly Saying[] = Object.freeze([
  'kiss',
  'forged kiss',
  'unsynchronised',
  'stratum 16',
  'bad origin',
  'bad mode',
  'zero',
  'short',
]);

/** How one client is treated. */
export interface Treatment {
  readonly says: Saying;
  /** How wrong the time is that it is told. */
  readonly offsetMs: number;
  /** What an answer takes beside the way. */
  readonly delayMs: number;
  /** It gets no answer at all. */
  readonly isMute: boolean;
}

export const FAIR: Treatment = Object.freeze({
  says: 'time',
  offsetMs: 0,
  delayMs: 0,
  isMute: false,
});

export class VirtualTimeServer {
  /** Questions of all clients. */
  asked = 0;
  /** The ways to the server may differ by so much: questions that arrive closer were sent so. */
  unevenMs = 0;
  /** Told of each client that asks against the standard. */
  onOffence: (client: string, text: string) => void = () => {};
  readonly #queue: EventQueue;
  readonly #trueWall: () => number;
  readonly #socket: DatagramSocket;
  readonly #treatments = new Map<string, Treatment>();
  readonly #lastAsked = new Map<string, number>();
  readonly #told = new Map<string, number[]>();

  /** @param trueWall Unix milliseconds now */
  constructor(queue: EventQueue, air: Air, address: string, trueWall: () => number) {
    this.#queue = queue;
    this.#trueWall = trueWall;
    this.#socket = air.bind(address, NTP_PORT, (bytes, length, from, port) => {
      this.#arrived(bytes.slice(0, length), from, port);
    });
  }

  /** From now on this client is treated so. */
  treat(client: string, treatment: Treatment): void {
    this.#treatments.set(client, treatment);
  }

  /** The client starts from nothing: it cannot know when it asked last. */
  forget(client: string): void {
    this.#lastAsked.delete(client);
  }

  /** How wrong the last good answers to this client were, newest first. */
  toldTo(client: string): readonly number[] {
    return this.#told.get(client) ?? [];
  }

  #arrived(question: Uint8Array, client: string, port: number): void {
    this.asked += 1;
    this.#judge(question, client);
    const { says, offsetMs, delayMs, isMute } = this.#treatments.get(client) ?? FAIR;
    if (isMute) return;
    this.#queue.after(delayMs, () => {
      if (says === 'time') {
        this.#told.set(client, [offsetMs, ...this.toldTo(client)].slice(0, TOLD_KEPT));
      }
      // Who takes what is no answer is seen to be wrong.
      const lureMs = says === 'time' ? 0 : LURE_MS;
      const answer = answerOf(question, says, this.#trueWall() + offsetMs + lureMs);
      this.#socket.send(answer, answer.length, client, port);
    });
  }

  #judge(question: Uint8Array, client: string): void {
    const { now } = this.#queue;
    const last = this.#lastAsked.get(client) ?? Number.NEGATIVE_INFINITY;
    this.#lastAsked.set(client, now);
    if (now - last < PAUSE_MS_MIN - this.unevenMs) {
      this.onOffence(client, `asks again after ${Math.floor(now - last)} ms`);
    }
    const [first] = question;
    const isClient = (first & 7) === 3 && ((first >> 3) & 7) === 4;
    if (question.length !== BYTES || !isClient) this.onOffence(client, 'asks malformed');
  }
}

/** Figure 1 of RFC 4330. */
function answerOf(question: Uint8Array, says: Saying, wall: number): Uint8Array {
  const packet = new DataView(new ArrayBuffer(says === 'short' ? BYTES - 1 : BYTES));
  const leap = says === 'unsynchronised' ? 3 : 0;
  const mode = says === 'bad mode' ? 3 : 4;
  packet.setUint8(0, (leap << 6) | (4 << 3) | mode);
  packet.setUint8(1, says.endsWith('kiss') ? 0 : says === 'stratum 16' ? 16 : 2);
  packet.setUint8(3, 0xec);
  packet.setUint32(12, says.endsWith('kiss') ? 0x52415445 : 0x0a00007b);
  const isForeign = says === 'bad origin' || says === 'forged kiss';
  for (let i = 0; i < 8; i += 1) packet.setUint8(24 + i, (question[40 + i] ?? 0) ^ +isForeign);
  if (says === 'zero') return new Uint8Array(packet.buffer);
  const stamp = ntpOf(wall);
  packet.setBigUint64(16, stamp);
  packet.setBigUint64(32, stamp);
  packet.setBigUint64(Math.min(40, packet.byteLength - 8), stamp);
  return new Uint8Array(packet.buffer);
}

/** 32 bits of seconds since 1900, which wrap in 2036, and 32 of their fraction. */
function ntpOf(wall: number): bigint {
  const ms = BigInt(Math.floor(wall));
  const seconds = BigInt.asUintN(32, ms / 1000n + SECONDS_1900_TO_1970);
  return (seconds << 32n) | (((ms % 1000n) << 32n) / 1000n);
}
