/**
 * The client's part of WebSocket's opening handshake (RFC 6455, 4.1), with the subprotocol `mqtt`
 * [MQTT-6.0.0-3]. Sans-IO: a request to send, and an answer that is read byte by byte.
 *
 * Servers, and proxies before them, put cookies and policies of kilobytes into their answers. So an
 * answer is never kept: one line at a time is looked at, and of a long line only its beginning.
 */

import { asciiBytes } from '../../base/ascii.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { sha1 } from './sha1.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PROTOCOL = 'HTTP/1.';
/** An answer whose head is longer is none. */
const HEAD_BYTES_MAX = 8192;
/** Only this much of each line is looked at: no header that counts is longer. */
const LINE_BYTES_MAX = 128;
const LF = 10;
const CR = 13;

/** @param nonce 16 random bytes, fresh for each connection. @returns Sec-WebSocket-Key */
export function handshakeKey(nonce: Uint8Array): string {
  return encodeBase64(nonce);
}

/** @param host with its port where that is not the default one */
export function handshakeRequest(host: string, path: string, key: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` +
    'Sec-WebSocket-Protocol: mqtt\r\n\r\n'
  );
}

/**
 * The outcome of an answer: accepted, refused by an HTTP server, or foreign: what answers does not
 * speak HTTP.
 */
export type Answered = 'accepted' | 'refused' | 'foreign';

/** The server's answer to one request. */
export class HandshakeAnswer {
  /** The first line, as far as it is kept; empty before it has ended. */
  status = '';
  private readonly accept: string;
  private readonly line: Uint8Array = new Uint8Array(LINE_BYTES_MAX);
  /** Bytes of the line so far, of which only the first are kept. */
  private lineLength = 0;
  private total = 0;
  private hasStatus = false;
  private upgrades = false;
  private connects = false;
  private isProven = false;
  private isMqtt = false;
  /** The server agreed to something that was not offered, or twice. */
  private isOdd = false;

  /** @param key as the request had it */
  constructor(key: string) {
    this.accept = encodeBase64(sha1(asciiBytes(key + GUID)));
  }

  /** Takes one byte of the head. @returns what it has come to; undefined while there is more */
  take(byte: number): Answered | undefined {
    this.total++;
    if (byte === LF) return this.endLine();
    if (this.lineLength < LINE_BYTES_MAX) this.line[this.lineLength] = byte;
    this.lineLength++;
    // A port that speaks something else need not send a line end, ever.
    const at = this.total - 1;
    if (at < PROTOCOL.length && byte !== PROTOCOL.charCodeAt(at)) return 'foreign';
    return this.total < HEAD_BYTES_MAX ? undefined : 'refused';
  }

  private endLine(): Answered | undefined {
    const { line } = this;
    let end = Math.min(this.lineLength, LINE_BYTES_MAX);
    if (end > 0 && line[end - 1] === CR) end--;
    this.lineLength = 0;
    if (!this.hasStatus) {
      this.hasStatus = true;
      this.status = decodeUtf8(line, 0, end);
      if (end < PROTOCOL.length) return 'foreign';
      return /^HTTP\/1\.1 101(?: |$)/.test(this.status) ? undefined : 'refused';
    }
    if (end > 0) {
      this.header(decodeUtf8(line, 0, end));
      return this.total < HEAD_BYTES_MAX ? undefined : 'refused';
    }
    const { upgrades, connects, isProven, isMqtt, isOdd } = this;
    return upgrades && connects && isProven && isMqtt && !isOdd ? 'accepted' : 'refused';
  }

  private header(text: string): void {
    const colon = text.indexOf(':');
    const value = text.slice(colon + 1).trim();
    switch (text.slice(0, colon).toLowerCase()) {
      case 'upgrade':
        this.upgrades = value.toLowerCase() === 'websocket';
        break;
      case 'connection':
        // It may come in several lines (RFC 9110, 5.3).
        if (/(?:^|[\s,])upgrade(?:$|[\s,])/i.test(value)) this.connects = true;
        break;
      case 'sec-websocket-accept':
        this.isOdd ||= this.isProven;
        this.isProven = value === this.accept;
        break;
      case 'sec-websocket-protocol':
        this.isOdd ||= this.isMqtt;
        this.isMqtt = value === 'mqtt';
        break;
      case 'sec-websocket-extensions':
        // Nothing was offered, so nothing may be agreed.
        this.isOdd ||= value !== '';
        break;
      default:
    }
  }
}

function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k < 4; k++) {
      text += i + k > bytes.length ? '=' : LETTERS[(group >> (18 - 6 * k)) & 63];
    }
  }
  return text;
}
