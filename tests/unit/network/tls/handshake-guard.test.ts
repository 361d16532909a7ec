import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandshakeGuard } from '../../../../firmware/network/tls/handshake-guard.ts';

const record = (type: number, ...body: number[]) =>
  Uint8Array.from([type, 3, 3, body.length >> 8, body.length & 0xff, ...body]);
const message = (type: number, ...body: number[]) => [type, 0, 0, body.length, ...body];

const hello = message(2, 3, 3);
const certificate = message(11, 1, 2, 3);
const exchange = () => message(12, 3, 0, 23, 2, 7, 7, 4, 1, 0, 2, 9, 9);
const request = message(13, 1);
const done = message(14);
const ticket = message(4, 0);
const changeCipher = record(20, 1);

/** Offers records one after the other. @returns the index of the first that is refused, or -1 */
function refusedAt(...records: Uint8Array[]): number {
  const guard = new HandshakeGuard({ accepts: () => true });
  return records.findIndex((one) => !guard.accepts(one));
}

const each = (...messages: number[][]) => messages.map((one) => record(22, ...one));

test('a handshake in its order passes, in one record or in many, and what follows it too', () => {
  const all = [hello, certificate, exchange(), request, done];
  const encrypted = [record(22, 200, 1, 2), record(23, 5)];
  assert.equal(refusedAt(...each(...all, ticket), changeCipher, ...encrypted), -1);
  assert.equal(refusedAt(record(22, ...all.flat()), changeCipher, ...encrypted), -1);
});

test('key exchange, request and ticket may be left out, and nothing else', () => {
  assert.equal(refusedAt(...each(hello, certificate, done), changeCipher), -1);
  assert.equal(refusedAt(...each(certificate)), 0);
  assert.equal(refusedAt(...each(hello, exchange())), 1);
  assert.equal(refusedAt(...each(hello, certificate), changeCipher), 2);
  assert.equal(refusedAt(...each(hello), changeCipher), 1);
  assert.equal(refusedAt(changeCipher), 0);
});

test('messages out of order, twice, or unknown are refused', () => {
  assert.equal(refusedAt(...each(hello, hello)), 1);
  assert.equal(refusedAt(...each(hello, certificate, certificate)), 2);
  assert.equal(refusedAt(...each(hello, certificate, done, exchange())), 3);
  assert.equal(refusedAt(...each(hello, certificate, message(20, 1))), 2);
  assert.equal(refusedAt(...each(message(0))), 0);
});

test('each message is judged by its body, and one that is refused ends it', () => {
  const seen: number[][] = [];
  const accepts = (type: number, bytes: Uint8Array, start: number, end: number) => {
    seen.push([type, ...bytes.subarray(start, end)]);
    return type !== 12;
  };
  const guard = new HandshakeGuard({ accepts });
  assert.ok(guard.accepts(record(22, ...hello, ...certificate)));
  assert.ok(!guard.accepts(record(22, ...exchange(), ...done)));
  assert.deepEqual(seen, [
    [2, 3, 3],
    [11, 1, 2, 3],
    [12, ...exchange().slice(4)],
  ]);
});

test('data before the handshake is over is refused; an alert passes', () => {
  assert.equal(refusedAt(...each(hello), record(23, 1)), 1);
  assert.equal(refusedAt(record(21, 2, 40)), -1);
  for (const type of [0, 19, 23, 24, 255]) {
    assert.equal(refusedAt(record(type, ...hello)), 0, `a hello that is called ${type}`);
  }
});

test('half a message in a record, and none at all, are refused', () => {
  assert.equal(refusedAt(record(22, 2, 0, 0, 5, 3, 3)), 0);
  assert.equal(refusedAt(record(22, 2, 0)), 0);
  assert.equal(refusedAt(record(22)), 0);
});
