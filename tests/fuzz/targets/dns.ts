/** Questions to the portal's name server: an answer that repeats the question, or silence. */

import assert from 'node:assert/strict';
import { DNS_REPLY_BYTES_MAX, DnsResponder } from '../../../firmware/provisioning/dns-responder.ts';
import { hex } from '../../support/mqtt-bytes.ts';
import { DNS_VECTORS } from '../../vectors/dns.ts';
import type { Target } from '../target.ts';

const responder = new DnsResponder(Uint8Array.of(192, 168, 4, 1));
const GUARD = 0xa5;

export const target: Target = {
  seeds: DNS_VECTORS.map(({ query }) => hex(query)),
  bytesMax: 1500,
  stepsMax: 20_000,
  madeMax: 0,
  run(input) {
    const into = new Uint8Array(DNS_REPLY_BYTES_MAX + 8).fill(GUARD);
    const length = responder.answer(input, input.length, into);
    assert.ok(length === 0 || length === 12 || (length >= 17 && length <= input.length + 16));
    for (let i = Math.max(length, DNS_REPLY_BYTES_MAX); i < into.length; i++) {
      assert.equal(into[i], GUARD, 'written beyond the longest reply');
    }
    if (length === 0) return;
    assert.ok(into[0] === input[0] && into[1] === input[1] && (into[2] & 0x80) !== 0);
    const questions = length === 12 ? 0 : 1;
    assert.deepEqual([into[4] * 256 + into[5], into[8], into[9]], [questions, 0, 0]);
    const end = length - (into[7] === 1 ? 16 : 0);
    for (let i = 12; i < end; i++) assert.equal(into[i], input[i], 'not the question');
  },
};
