/** Answers to the WebSocket handshake: none is taken for good that lacks what RFC 6455 wants. */

import assert from 'node:assert/strict';
import { bytesOf } from '../../support/http-stream.ts';
import type { Target } from '../target.ts';
import { ANSWER, connectWith, KEY_ACCEPT } from '../web-socket.ts';

const NEEDED: readonly RegExp[] = Object.freeze([
  /^HTTP\/1\.1 101[ \r\n]/,
  /\nupgrade:[^\n]*websocket/i,
  /\nconnection:[^\n]*upgrade/i,
  /\nsec-websocket-accept:/i,
  /\nsec-websocket-protocol:[^\n]*mqtt/i,
]);

export const target: Target = {
  seeds: [
    ANSWER,
    ANSWER.replace('\r\n\r\n', `\r\nSet-Cookie: ${'c'.repeat(300)}\r\n\r\n`),
    ANSWER.replace('mqtt', 'mqtt\r\nSec-WebSocket-Extensions: permessage-deflate'),
    ANSWER.replace('Connection: Upgrade', 'Connection: keep-alive,\r\nConnection: x, Upgrade'),
    'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
    'SSH-2.0-OpenSSH_9.0\r\n',
  ].map(bytesOf),
  bytesMax: 1500,
  stepsMax: 400_000,
  madeMax: 200_000,
  dictionary: ['\r\n', '\r\n\r\n', KEY_ACCEPT, ': ', ','].map(bytesOf),
  run(input) {
    const { told } = connectWith(input, 512);
    assert.deepEqual(connectWith(input, 1 + (input.length % 5)).told, told, 'pieces matter');
    if (told[0] !== 'opened') return;
    const text = String.fromCharCode(...input);
    for (const needed of NEEDED) assert.match(text, needed);
    assert.ok(text.includes(KEY_ACCEPT));
  },
};
