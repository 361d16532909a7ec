/** WebSocket frames behind a good handshake, beside a reader of whole streams (RFC 6455, 5). */

import assert from 'node:assert/strict';
import { bytesOf } from '../../support/http-stream.ts';
import { joined } from '../../support/mqtt-bytes.ts';
import type { Target } from '../target.ts';
import { ANSWER, connectWith } from '../web-socket.ts';

/** The bytes of all data frames up to what is refused or closes. */
function reference(input: Uint8Array): { data: number[]; end: string } {
  const data: number[] = [];
  let isOpen = false;
  for (let at = 0; ; ) {
    if (at + 2 > input.length) return { data, end: '' };
    const opcode = input[at] & 0x0f;
    const isFinal = input[at] >= 0x80;
    const short = input[at + 1] & 0x7f;
    if (input[at + 1] >= 0x80) return { data, end: 'websocket broken' };
    const size = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (at + 2 + size > input.length) return { data, end: '' };
    let length = size === 0 ? short : 0;
    for (let i = 0; i < size; i++) length = length * 256 + input[at + 2 + i];
    const isData = opcode === 0 || opcode === 2;
    const isControl = opcode >= 8 && opcode <= 10;
    const isRight =
      (input[at] & 0x70) === 0 &&
      length <= 0xffff_ffff &&
      (isData ? (opcode === 0) === isOpen : isControl && isFinal && short < 126);
    if (!isRight) return { data, end: 'websocket broken' };
    if (isData) isOpen = !isFinal;
    at += 2 + size;
    if (isData) for (let i = at; i < at + length && i < input.length; i++) data.push(input[i]);
    at += length;
    if (opcode === 8 && at <= input.length) return { data, end: 'closed by peer' };
  }
}

const HEAD = bytesOf(ANSWER);

export const target: Target = {
  seeds: [
    Uint8Array.of(0x82, 2, 1, 2, 0x02, 1, 3, 0x89, 2, 7, 8, 0x80, 0, 0x8a, 0, 0x88, 2, 3, 0xe8),
    joined(Uint8Array.of(0x82, 126, 0, 200), new Uint8Array(200).fill(7)),
    Uint8Array.of(0x82, 127, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 0x81, 0),
    Uint8Array.of(0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0, 1),
    Uint8Array.of(0x89, 125, ...new Uint8Array(125), 0x88, 0),
  ],
  bytesMax: 700,
  stepsMax: 60_000,
  madeMax: 10_000,
  run(input) {
    const { told, data } = connectWith(joined(HEAD, input), 64);
    const expected = reference(input);
    const ends = expected.end === '' ? [] : [expected.end];
    assert.deepEqual({ told, data }, { told: ['opened', ...ends], data: expected.data });
  },
};
