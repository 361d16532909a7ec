/**
 * The client's part of WebSocket's opening handshake (RFC 6455, 4.1), with the subprotocol `mqtt`
 * [MQTT-6.0.0-3]. Sans-IO: a request to send, and an answer that is judged once its head is whole.
 */

import { asciiBytes } from '../base/text.ts';
import { sha1 } from './sha1.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** An answer whose head is longer is none. */
export const HEAD_BYTES_MAX = 1024;

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

/** @param head the answer's head as text. @returns whether the server accepted this very request */
export function isAccepted(head: string, key: string): boolean {
  if (!head.startsWith('HTTP/1.1 101')) return false;
  const accept = encodeBase64(sha1(asciiBytes(key + GUID)));
  return (
    headerOf(head, 'upgrade').toLowerCase() === 'websocket' &&
    headerOf(head, 'connection').toLowerCase().includes('upgrade') &&
    headerOf(head, 'sec-websocket-accept') === accept &&
    headerOf(head, 'sec-websocket-protocol') === 'mqtt' &&
    // Nothing was offered, so nothing may be agreed.
    headerOf(head, 'sec-websocket-extensions') === ''
  );
}

function headerOf(head: string, name: string): string {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return '';
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
