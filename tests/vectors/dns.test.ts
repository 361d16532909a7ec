import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DNS_REPLY_BYTES_MAX, DnsResponder } from '../../firmware/provisioning/dns-responder.ts';
import { hex, toHex } from '../support/mqtt-bytes.ts';
import { DNS_VECTORS } from './dns.ts';

const responder = new DnsResponder(Uint8Array.of(192, 168, 4, 1));

for (const { title, query, reply } of DNS_VECTORS) {
  test(`DNS: ${title}`, () => {
    const asked = hex(query);
    const into = new Uint8Array(DNS_REPLY_BYTES_MAX);
    const length = responder.answer(asked, asked.length, into);
    assert.equal(toHex(into.subarray(0, length)), toHex(hex(reply)));
    assert.ok(length <= Math.max(12, asked.length + 16), 'it amplifies nothing');
    assert.equal(toHex(asked), toHex(hex(query)), 'the query is left as it was');
  });

  test(`DNS: ${title}, in a larger buffer, answered in its place`, () => {
    const asked = hex(query);
    const buffer = new Uint8Array(512).fill(0x01);
    buffer.set(asked);
    const length = responder.answer(buffer, asked.length, buffer);
    assert.equal(toHex(buffer.subarray(0, length)), toHex(hex(reply)));
  });
}

test('a query that is cut off anywhere gets no reply, or one that is a header', () => {
  for (const { query } of DNS_VECTORS) {
    const whole = hex(query);
    for (let length = 0; length < whole.length; length += 1) {
      const into = new Uint8Array(DNS_REPLY_BYTES_MAX);
      const replied = responder.answer(whole, length, into);
      assert.ok(replied === 0 || replied === 12 || replied <= length + 16);
    }
  }
});

test('the address is the one that it was given, and lives ten seconds', () => {
  const asked = hex('0001 0100 0001 0000 0000 0000 01 61 00 0001 0001');
  const into = new Uint8Array(DNS_REPLY_BYTES_MAX);
  const length = new DnsResponder(Uint8Array.of(10, 0, 0, 9)).answer(asked, asked.length, into);
  assert.equal(toHex(into.subarray(length - 10, length)), '0000000a00040a000009');
});
