/** What the set-up network's name server replies, beside the rules of RFC 1035 written as lists. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DNS_REPLY_BYTES_MAX, DnsResponder } from '../../firmware/provisioning/dns-responder.ts';

const ADDRESS = [192, 168, 4, 1];
const responder = new DnsResponder(Uint8Array.from(ADDRESS));

interface Query {
  readonly id: number;
  readonly flags: number;
  readonly questions: number;
  readonly labels: readonly number[];
  readonly type: number;
  readonly kind: number;
  readonly rest: number;
}

const word = (value: number) => [value >> 8, value & 0xff];
const nameOf = (labels: readonly number[]) => [
  ...labels.flatMap((length) => [length, ...new Array<number>(length).fill(0x61)]),
  0,
];

function bytesOf({ id, flags, questions, labels, type, kind, rest }: Query): number[] {
  const counts = [...word(questions), 0, 0, 0, 0, 0, 0];
  const question = [...nameOf(labels), ...word(type), ...word(kind)];
  return [...word(id), ...word(flags), ...counts, ...question, ...new Array<number>(rest).fill(7)];
}

/** RFC 1035 4.1 and 3.1, and what the server's header says of itself. */
function expected({ id, flags, questions, labels, type, kind }: Query): number[] {
  if (flags & 0x8000) return [];
  const header = (code: number, asked: number, answers: number) => [
    ...word(id),
    // A response with authority; the operation and the wish for recursion come back.
    ...word(0x8480 | (flags & 0x7900) | code),
    ...[...word(asked), ...word(answers), 0, 0, 0, 0],
  ];
  if (flags & 0x7800) return header(4, 0, 0);
  if (questions !== 1) return header(1, 0, 0);
  const name = nameOf(labels);
  if (name.length > 255 || labels.some((length) => length > 63)) return [];
  const question = [...name, ...word(type), ...word(kind)];
  if (kind !== 1 || (type !== 1 && type !== 255)) return [...header(0, 1, 0), ...question];
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4, ...ADDRESS];
  return [...header(0, 1, 1), ...question, ...record];
}

function replyTo(query: readonly number[], length = query.length): number[] {
  const into = new Uint8Array(DNS_REPLY_BYTES_MAX).fill(0xee);
  const end = responder.answer(Uint8Array.from(query), length, into);
  assert.ok(
    into.subarray(end).every((byte) => byte === 0xee),
    'nothing is written behind a reply',
  );
  return [...into.subarray(0, end)];
}

const rarely = (value: fc.Arbitrary<number>, usual: number) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: value });
const queries: fc.Arbitrary<Query> = fc.record({
  id: fc.nat(0xffff),
  flags: fc.oneof(
    fc.constantFrom(0, 0x100, 0x80, 0x7f, 0x800, 0x4000, 0x7900, 0x8000),
    fc.nat(0xffff),
  ),
  questions: rarely(fc.constantFrom(0, 2, 256, 257), 1),
  labels: fc.array(fc.constantFrom(1, 2, 30, 61, 62, 63, 64), { maxLength: 6 }),
  type: rarely(fc.constantFrom(0, 2, 28, 65, 254, 256, 257), 1),
  kind: rarely(fc.constantFrom(0, 2, 255, 256), 1),
  rest: fc.constantFrom(0, 1, 11),
});

test('each question gets the reply that its header, its name and its type ask for', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        queries,
        queries.map((query) => ({ ...query, type: 255 })),
      ),
      (query) => {
        // What is said of a long label is read as a name's end or another label: no reply's length is sure.
        fc.pre(query.labels.every((length) => length < 64) || query.questions !== 1);
        assert.deepEqual(replyTo(bytesOf(query)), expected(query));
      },
    ),
    { seed: 1_035, numRuns: 1_000 },
  );
});

test('a name of 255 bytes is answered, one of 256 is not, and labels end at 63', () => {
  const asked = { id: 7, flags: 0x100, questions: 1, type: 1, kind: 1, rest: 0 };
  for (const labels of [[63, 63, 63, 61], [63], [1], [], [63, 63, 63, 62], [63, 63, 63, 63]]) {
    const query = { ...asked, labels };
    assert.deepEqual(replyTo(bytesOf(query)), expected(query), `${labels}`);
  }
  for (const labels of [[64], [65], [127], [128], [192], [1, 64]]) {
    assert.deepEqual(replyTo(bytesOf({ ...asked, labels })), [], `${labels}`);
  }
});

test('a question that is cut off by one byte or more has no reply, and the whole one has', () => {
  const query = bytesOf({
    id: 1,
    flags: 0,
    questions: 1,
    labels: [3, 7],
    type: 1,
    kind: 1,
    rest: 0,
  });
  for (let length = 0; length < query.length; length += 1) {
    assert.deepEqual(replyTo(query, length), [], `${length}`);
  }
  assert.equal(replyTo(query).length, query.length + 16);
  // Errors need nothing but the header: with twelve bytes they are told, with eleven not.
  const none = bytesOf({ id: 1, flags: 0, questions: 0, labels: [], type: 1, kind: 1, rest: 0 });
  assert.equal(replyTo(none, 12).length, 12);
  assert.equal(replyTo(none, 11).length, 0);
});

test('the longest reply has a name of 255 bytes, and its room is no larger', () => {
  const labels = [63, 63, 63, 61];
  const query = bytesOf({ id: 1, flags: 0, questions: 1, labels, type: 1, kind: 1, rest: 0 });
  assert.equal(replyTo(query).length, 287);
  assert.equal(DNS_REPLY_BYTES_MAX, 287);
});
