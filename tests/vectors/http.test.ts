/** Every HTTP vector, however the network cuts it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, outcome } from '../support/http-stream.ts';
import { joined, utf8 } from '../support/mqtt-bytes.ts';
import { HTTP_VECTORS } from './http.ts';

const NEXT = utf8('GET /second HTTP/1.1\r\nHost: a.b\r\n\r\n');
/** Long vectors are cut at every place near their ends, and at some in between. */
const CUT_EVERYWHERE = 300;

/** Paths and bodies are written in UTF-8, and read here byte by byte. */
const asBytes = (text: string) => String.fromCharCode(...utf8(text));

for (const { title, text, becomes } of HTTP_VECTORS) {
  const bytes = utf8(text);
  test(`HTTP: ${title}, whole, in pieces, and with more behind it`, () => {
    const expected = asBytes(becomes);
    assert.equal(outcome(ask([bytes]).stream), expected);
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    assert.equal(outcome(ask(single).stream), expected, 'byte by byte');
    const step = bytes.length > CUT_EVERYWHERE ? 37 : 1;
    for (let at = 1; at < bytes.length; at += step) {
      const pieces = [bytes.slice(0, at), bytes.slice(at)];
      assert.equal(outcome(ask(pieces).stream), expected, `cut at ${at}`);
    }
    if (becomes === 'nothing') return;
    const { stream, server } = ask([joined(bytes, NEXT)]);
    assert.equal(outcome(stream), expected, 'with another request behind it');
    assert.ok(!stream.isClosed, 'what follows is read before it is closed');
    server.wake(server.deadline());
    assert.ok(stream.isClosed);
    assert.equal(stream.unread, 0);
  });
}
