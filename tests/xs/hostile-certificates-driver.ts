/**
 * Certificates of hostile sizes, before our own part of a handshake: names and times of thousands of
 * bytes, hundreds of names and extensions, thousands of empty elements, elements thousands deep,
 * numbers and signatures of kilobytes, dozens of certificates. It writes backwards into one buffer,
 * so that what it needs itself does not hide what the firmware needs.
 */

import { ServerProof } from '../../firmware/network/tls/server-proof.ts';
import type { SignatureMath } from '../../firmware/ports.ts';

const BUFFER_BYTES = 12_288;
const HOST = 'broker.example';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Never the right numbers: nothing may be trusted. */
const math: SignatureMath = {
  digest: (hash) => new Uint8Array(hash === 'SHA256' ? 32 : hash === 'SHA384' ? 48 : 64),
  power: () => 0n,
  combine: () => 0n,
};

class Writer {
  readonly bytes = new Uint8Array(BUFFER_BYTES);
  at = BUFFER_BYTES;
  private state = 1;

  begin(seed: number): void {
    this.at = BUFFER_BYTES;
    this.state = (seed * 2654435761) >>> 0 || 1;
  }

  /** A whole number below `below`. */
  random(below: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 0x1_0000_0000) * below);
  }

  /** A size below `max`: of all that are absurd half can still be read. */
  size(max: number): number {
    return this.random(this.random(2) === 0 ? Math.ceil(max / 8) : max);
  }

  byte(value: number): void {
    if (this.at > 0) this.bytes[--this.at] = value;
  }

  hex(text: string): void {
    for (let i = text.length - 2; i >= 0; i -= 2) this.byte(parseInt(text.slice(i, i + 2), 16));
  }

  text(text: string): void {
    for (let i = text.length - 1; i >= 0; i--) this.byte(text.charCodeAt(i));
  }

  fill(value: number, count: number): void {
    for (let i = 0; i < count; i++) this.byte(value);
  }

  /** Puts a head before everything since `end`. */
  wrap(tag: number, end: number): void {
    const length = end - this.at;
    this.byte(length & 0xff);
    if (length >= 0x100) this.byte(length >> 8);
    if (length >= 0x80) this.byte(length >= 0x100 ? 0x82 : 0x81);
    this.byte(tag);
  }

  element(tag: number, value: number, count: number): void {
    const end = this.at;
    this.fill(value, count);
    this.wrap(tag, end);
  }

  /** Elements in one another, or side by side, all empty. */
  rubbish(): void {
    const count = this.size(3000);
    const end = this.at;
    const isDeep = this.random(2) === 0;
    for (let i = 0; i < count && this.at > 4096; i++) {
      if (isDeep) this.wrap(0x30, end);
      else this.hex(this.random(2) === 0 ? '3000' : '3100');
    }
  }
}

/** Which part of a certificate is hostile. */
const PARTS = 12;

function writeCertificate(w: Writer, part: number): void {
  const end = w.at;
  if (part === 0) w.element(0x03, 0, 1 + w.size(4000));
  else w.hex('0309003006020101020101');
  w.hex('300a06082a8648ce3d040302');
  const body = w.at;
  writeExtensions(w, part);
  writeKey(w, part);
  writeName(w, part, 1);
  const times = w.at;
  if (part === 3) w.element(0x18, 0x39, w.size(2500));
  else w.text('\x17\x0d491231235959Z');
  if (part === 4) w.element(0x17, 0x30, w.size(2500));
  else w.text('\x17\x0d200101000000Z');
  w.wrap(0x30, times);
  writeName(w, part, 2);
  w.hex('300a06082a8648ce3d040302');
  // Another serial than the authority's: that one itself would be trusted.
  w.element(0x02, part < 0 ? 1 : 2, part === 5 ? w.size(3000) : 4);
  w.hex('a003020102');
  w.wrap(0x30, body);
  w.wrap(0x30, end);
}

/** Issuer and subject are the same, or hostile. */
function writeName(w: Writer, part: number, which: number): void {
  const end = w.at;
  if (part === which && w.random(3) === 0) w.rubbish();
  const count = part === which ? w.size(200) : 1;
  for (let i = 0; i < count && w.at > 2048; i++) {
    const set = w.at;
    w.element(0x0c, 0x61, part === which && i === 0 ? w.size(2000) : 6);
    w.hex('0603550403');
    w.wrap(0x30, set);
    w.wrap(0x31, set);
  }
  w.wrap(0x30, end);
}

function writeKey(w: Writer, part: number): void {
  const end = w.at;
  const isHostile = part === 6;
  if (isHostile && w.random(2) === 0) {
    w.element(0x02, 0x7f, w.size(600));
    w.element(0x02, 0x7f, w.size(3000));
    w.wrap(0x30, end);
    w.byte(0);
    w.wrap(0x03, end);
    w.hex('300d06092a864886f70d0101010500');
  } else {
    // The generator of P-256.
    w.hex('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5');
    w.hex('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
    if (isHostile) w.fill(4, w.size(2000));
    w.hex('0004');
    w.wrap(0x03, end);
    w.hex('301306072a8648ce3d020106082a8648ce3d030107');
  }
  w.wrap(0x30, end);
}

function writeExtensions(w: Writer, part: number): void {
  const end = w.at;
  const count = part === 7 ? w.size(200) : 0;
  for (let i = 0; i < count && w.at > 3000; i++) w.hex('300a06032a03040403020100');
  if (part === 8) {
    const purposes = w.random(3) === 0 ? -1 : w.size(500);
    extension(w, '551d25', () => {
      if (purposes < 0) w.rubbish();
      for (let i = 0; i < purposes && w.at > 3000; i++) w.hex('06082b06010505070302');
    });
  }
  if (part === 9) extension(w, '551d13', () => w.rubbish());
  extension(w, '551d11', () => {
    if (part === 10) w.rubbish();
    const names = part === 11 ? w.size(300) : 1;
    for (let i = 0; i < names && w.at > 3000; i++) w.element(0x82, 0x61, w.random(60));
    w.text(HOST);
    w.byte(HOST.length);
    w.byte(0x82);
  });
  extension(w, '551d13', () => w.hex('0101ff'));
  w.wrap(0x30, end);
  w.wrap(0xa3, end);
}

function extension(w: Writer, id: string, value: () => void): void {
  const end = w.at;
  value();
  w.wrap(0x30, end);
  w.wrap(0x04, end);
  w.hex(`0603${id}`);
  w.wrap(0x30, end);
}

function pemOf(der: Uint8Array): Uint8Array {
  const begin = '-----BEGIN CERTIFICATE-----\n';
  const close = '\n-----END CERTIFICATE-----\n';
  const letters = Math.ceil(der.length / 3) * 4;
  const pem = new Uint8Array(begin.length + letters + close.length);
  for (let i = 0; i < begin.length; i++) pem[i] = begin.charCodeAt(i);
  let at = begin.length;
  for (let i = 0; i < der.length; i += 3) {
    const bits = (der[i] << 16) | ((der[i + 1] ?? 0) << 8) | (der[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) {
      pem[at++] = LETTERS.charCodeAt((bits >> shift) & 63);
    }
  }
  for (let i = 0; i < close.length; i++) pem[at++] = close.charCodeAt(i);
  return pem;
}

/** Whole certificates behind one another, as in the handshake's message. */
function writeMessage(w: Writer, seed: number): void {
  const part = seed % (PARTS + 3);
  const end = w.at;
  const count = part === PARTS ? w.size(40) : 1 + w.random(2);
  for (let i = 0; i < count && w.at > 1024; i++) {
    const start = w.at;
    if (part === PARTS + 1) w.element(0x30, w.random(256), w.size(6000));
    else writeCertificate(w, i === count - 1 ? part : -1);
    length(w, start - w.at);
  }
  if (part === PARTS + 2) w.rubbish();
  length(w, end - w.at + (w.random(20) === 0 ? 1 : 0));
  // A byte that is not what it was, now and then.
  if (w.random(4) === 0) w.bytes[w.at + w.random(end - w.at)] ^= 1 << w.random(8);
}

function length(w: Writer, bytes: number): void {
  w.byte(bytes & 0xff);
  w.byte((bytes >> 8) & 0xff);
  w.byte(bytes >> 16);
}

/** @returns how often each verdict came; `broken` for lengths that do not fit. Fails when it trusts. */
export function judgeHostile(from: number, count: number): Map<string, number> {
  const w = new Writer();
  w.begin(1);
  writeCertificate(w, -1);
  const authorities = pemOf(w.bytes.subarray(w.at));
  const subject = {
    name: HOST,
    authorities,
    now: () => 1_780_000_000_000,
    clientRandom: () => new Uint8Array(32),
  };
  const verdicts = new Map<string, number>();
  for (let seed = from; seed < from + count; seed++) {
    w.begin(seed);
    writeMessage(w, seed);
    const proof = new ServerProof(subject, math);
    if (proof.accepts(11, w.bytes, w.at, BUFFER_BYTES)) throw new Error(`trusted: ${seed}`);
    const verdict = proof.verdict ?? 'broken';
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  return verdicts;
}
