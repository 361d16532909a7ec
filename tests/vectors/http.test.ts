/**
 * Every HTTP vector, whole, byte by byte and with more behind it. Cut at every place they are tested
 * in tests/properties/portal-bytes.test.ts: XS would take long for it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, bytesOf, outcome, same } from '../support/http-stream.ts';
import { joined } from '../support/mqtt-bytes.ts';
import { HTTP_VECTORS } from './http.ts';

const NEXT = bytesOf('GET /second HTTP/1.1\r\nHost: a.b\r\n\r\n');

/** Paths and bodies are written in UTF-8, and read here byte by byte. */
const asBytes = (text: string) => String.fromCharCode(...bytesOf(text));

for (const { title, text, becomes } of HTTP_VECTORS) {
  test(`HTTP: ${title}, whole, byte by byte and with more behind it`, () => {
    const bytes = bytesOf(text);
    const whole = ask([bytes]).stream;
    assert.equal(outcome(whole), asBytes(becomes));
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const bytewise = ask(single).stream;
    assert.ok(same(bytewise.sent, whole.sent), `byte by byte: ${bytewise.text}`);
    if (becomes === 'nothing') return;
    const { stream, server } = ask([joined(bytes, NEXT)]);
    assert.ok(same(stream.sent, whole.sent), `with another request behind it: ${stream.text}`);
    assert.ok(!stream.isClosed, 'what follows is read before it is closed');
    server.wake(server.deadline());
    assert.ok(stream.isClosed);
    assert.equal(stream.unread, 0);
  });
}
