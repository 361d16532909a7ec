/** The world's own books: each broken rule is seen, and what is right is left alone. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { PublishRecord } from '../../../host-sim/virtual/broker/books.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import { LinkWatch } from '../../../host-sim/virtual/world/link-watch.ts';
import { ReadingBook } from '../../../host-sim/virtual/world/reading-book.ts';
import { ReadingWalk } from '../../../host-sim/virtual/world/readings.ts';
import { digestOf, StateHash } from '../../../host-sim/virtual/world/state-hash.ts';
import { WatchedOutbox } from '../../../host-sim/virtual/world/watched-outbox.ts';
import { openMemoryOutbox } from '../../support/memory-outbox.ts';

const VALUES = '"temperature":21.4';

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

function reading(sequence: number, values = VALUES): string {
  return `{"seq":${sequence},"boot":1,"ts":1735689600,"tq":"sync",${values}}`;
}

function digest(text: string): number {
  const bytes = bytesOf(text);
  return digestOf(bytes, 0, bytes.length);
}

function record(payload: string, differences: Partial<PublishRecord> = {}): PublishRecord {
  return {
    time: 0,
    clientId: 'mote-001',
    connection: 1,
    version: 5,
    topic: 'mote/mote-001/telemetry',
    payload: bytesOf(payload),
    qos: 1,
    dup: false,
    retain: false,
    packetId: 1,
    properties: undefined,
    forwarded: true,
    acknowledgedAt: 1,
    reason: 0,
    completedAt: undefined,
    ...differences,
  };
}

function bookOf() {
  const broken: string[] = [];
  const book = new ReadingBook((rule, text) => broken.push(`${rule}: ${text}`));
  const accept = (...sequences: number[]) => {
    for (const sequence of sequences) book.accept(sequence, 1, digest(VALUES));
  };
  return { broken, book, accept };
}

describe('the book of readings', () => {
  test('a reading that is accepted, arrives and is acknowledged breaks nothing', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2, 3);
    book.arrive(record(reading(1)), 'telemetry');
    book.arrive(record(`[${reading(2)},${reading(3)}]`), 'history');
    for (const sequence of [1, 2, 3]) book.settle(sequence, true);
    assert.deepEqual(broken, []);
    assert.deepEqual([book.accepted, book.delivered, book.duplicates, book.missing], [3, 3, 0, 0]);
  });

  test('a number that is given twice is seen', () => {
    const { broken, accept } = bookOf();
    accept(1, 2, 2);
    assert.deepEqual(broken, ['accepted: number 2 was given after 2']);
  });

  test('a reading that was never accepted is seen', () => {
    const { broken, book } = bookOf();
    book.arrive(record(reading(9)), 'telemetry');
    assert.deepEqual(broken, ['accepted: reading 9 arrived and was never accepted']);
  });

  test('a duplicate counts once, and with other values it is seen', () => {
    const { broken, book, accept } = bookOf();
    accept(1);
    book.arrive(record(reading(1)), 'telemetry');
    book.arrive(record(reading(1), { dup: true }), 'telemetry');
    assert.deepEqual([broken.length, book.duplicates], [0, 1]);
    book.arrive(record(reading(1, '"temperature":21.5'), { dup: true }), 'telemetry');
    assert.match(broken[0], /reading 1 arrived with other values/);
  });

  test('a duplicate without DUP is seen in the session of the first, and right in another', () => {
    const { broken, book, accept } = bookOf();
    const session = {};
    accept(1);
    book.arrive(record(reading(1)), 'telemetry', session);
    book.arrive(record(reading(1)), 'telemetry', {});
    assert.deepEqual(broken, []);
    book.arrive(record(reading(1)), 'telemetry', session);
    book.arrive(record(reading(1)), 'telemetry', session);
    assert.deepEqual(broken, ['duplicate: reading 1 came again in its session without DUP']);
  });

  test('readings that first arrive out of order on a topic are seen', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2, 3);
    book.arrive(record(reading(3)), 'telemetry');
    book.arrive(record(`[${reading(1)}]`), 'history');
    assert.deepEqual(broken, []);
    book.arrive(record(reading(2)), 'telemetry');
    assert.deepEqual(broken, ['order: reading 2 first arrived after 3 on telemetry']);
  });

  test('a refused reading that comes again behind a later one keeps its first place', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2, 3);
    const refused = { reason: 0x97, forwarded: false };
    book.arrive(record(`[${reading(1)},${reading(2)}]`, refused), 'history');
    book.arrive(record(`[${reading(3)}]`), 'history');
    // The power went before the refusal was stored.
    book.arrive(record(`[${reading(1)},${reading(2)}]`, { dup: true }), 'history');
    assert.deepEqual(broken, []);
    assert.deepEqual([book.received, book.duplicates], [3, 0]);
  });

  test('refused readings that first arrive out of order on a topic are seen', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2);
    book.arrive(record(reading(2)), 'telemetry');
    book.arrive(record(reading(1), { reason: 0x97, forwarded: false }), 'telemetry');
    assert.deepEqual(broken, ['order: reading 1 first arrived after 2 on telemetry']);
  });

  test('a reading that is settled without an acknowledgement is seen', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2);
    book.arrive(record(reading(1), { acknowledgedAt: undefined }), 'telemetry');
    book.settle(1, true);
    assert.match(broken[0], /reading 1 was settled as the broker never said/);
    book.settle(2, true);
    assert.match(broken[1], /reading 2 was settled without having been sent/);
  });

  test('a refusal that is taken for an acknowledgement is seen', () => {
    const { broken, book, accept } = bookOf();
    accept(1);
    book.arrive(record(reading(1), { reason: 0x97, forwarded: false }), 'telemetry');
    book.settle(1, true);
    assert.match(broken[0], /settled as the broker never said/);
  });

  test('a message is known whose reading the log dropped while it was on its way', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2, 3, 4);
    assert.equal(book.arrive(record(reading(1)), 'telemetry'), false);
    book.drop(3);
    assert.equal(book.arrive(record(`[${reading(2)},${reading(3)}]`), 'history'), true);
    const rest = record(`[${reading(3)},${reading(4)}]`, { dup: true });
    assert.equal(book.arrive(rest, 'history'), false);
    assert.deepEqual(broken, []);
  });

  test('counts of the outbox that do not fit the world are seen', () => {
    const { broken, book } = bookOf();
    const outbox = openMemoryOutbox({ bytes: 4096, window: 8 });
    const watched = new WatchedOutbox(outbox, book, () => {});
    const bytes = bytesOf(VALUES);
    const append = (to: typeof outbox) =>
      to.append(RecordKind.reading, 1, 2, 1, 0, bytes, 0, bytes.length);
    append(watched);
    book.compare(outbox);
    assert.deepEqual(broken, []);
    append(outbox);
    book.compare(outbox);
    assert.deepEqual(broken, ['accepted: the outbox counts 2, the world 1']);
  });

  test('a reading that vanished from the log without being counted is seen at the mount', () => {
    const { broken, book, accept } = bookOf();
    accept(1, 2, 3);
    book.remount(3, 0, [1, 2, 3]);
    book.remount(3, 1, [1, 3]);
    assert.deepEqual(broken, []);
    book.remount(3, 0, [1, 3]);
    assert.match(broken[0], /kept: 3 accepted, 0 settled, 2 in the log, 0 counted as dropped/);
  });

  test('an append that a power cut interrupted may be there or not', () => {
    for (const isThere of [true, false]) {
      const { broken, book, accept } = bookOf();
      accept(1);
      book.doubt(2, 1, digest(VALUES));
      book.remount(isThere ? 2 : 1, 0, isThere ? [1, 2] : [1]);
      assert.deepEqual(broken, []);
      assert.equal(book.accepted, isThere ? 2 : 1);
    }
  });
});

describe('the walk over payloads', () => {
  const walk = new ReadingWalk();
  const problemOf = (text: string) => walk.walk(bytesOf(text), () => {});

  test('number, boot and values of each reading are found', () => {
    const seen: string[] = [];
    const payload = bytesOf(`[${reading(7)},{"seq":8,"boot":2,"up":5,"tq":"none"}]`);
    const problem = walk.walk(payload, (sequence, boot, start, end) => {
      seen.push(`${sequence} ${boot} ${Buffer.from(payload.subarray(start, end))}`);
    });
    assert.equal(problem, '');
    assert.deepEqual(seen, [`7 1 ${VALUES}`, '8 2 ']);
  });

  test('what is not a payload of the product is refused in words', () => {
    assert.equal(problemOf(''), 'no object');
    assert.equal(problemOf('[]'), 'no object');
    assert.equal(problemOf('{"boot":1}'), 'no number');
    assert.equal(problemOf(`${reading(1)} `), 'more bytes after it');
    assert.equal(problemOf(`[${reading(1)}`), 'the list does not end where it should');
    assert.equal(problemOf(reading(1).slice(0, -1)), 'an object without an end');
    assert.match(problemOf('{"seq":1,"boot":1,"ts":5,"tq":"sync"}'), /a time before 2025: 5/);
    const lie = '{"seq":1,"boot":1,"ts":1735689600,"tq":"none"}';
    assert.equal(problemOf(lie), 'a time that contradicts its quality');
  });
});

describe('the watch of a link', () => {
  function watchOf() {
    const queue = new EventQueue();
    const broken: string[] = [];
    const link = new LinkWatch(queue, 60, (rule, text) => broken.push(`${rule}: ${text}`));
    return { queue, broken, link };
  }

  test('an attempt right after the end of another is seen', () => {
    const { queue, broken, link } = watchOf();
    link.attempt();
    link.ended();
    queue.runFor(150);
    link.attempt();
    assert.deepEqual(broken, ['backoff: an attempt 150 ms after the end of the one before']);
  });

  test('a connection that is accepted and dies young again and again is a storm', () => {
    const { queue, broken, link } = watchOf();
    for (let i = 0; i < 30; i += 1) {
      link.attempt();
      link.opened();
      queue.runFor(500);
      link.ended();
      queue.runFor(800);
    }
    assert.match(broken[0], /backoff: 21 attempts within 60 s/);
  });

  test('connections that last clear the count, and so does a boot', () => {
    const { queue, broken, link } = watchOf();
    for (let i = 0; i < 30; i += 1) {
      link.attempt();
      link.opened();
      queue.runFor(61_000);
      link.ended();
      queue.runFor(300);
      link.powerOff();
    }
    assert.deepEqual(broken, []);
  });

  test('a silent peer has to be given up within one and a half keep-alives', () => {
    const { queue, broken, link } = watchOf();
    link.opened();
    queue.runFor(89_000);
    link.heard();
    queue.runFor(89_000);
    link.checkSilence();
    assert.deepEqual(broken, []);
    queue.runFor(8000);
    link.checkSilence();
    assert.match(broken[0], /silence: the peer was silent for 97000 ms and is not given up/);
  });

  for (const [end, what] of [
    ['heard', 'a word that comes late'],
    ['ended', 'an end that comes late'],
    ['powerOff', 'a power cut'],
  ] as const) {
    test(`${what} does not hide the silence before it`, () => {
      const { queue, broken, link } = watchOf();
      link.opened();
      queue.runFor(95_000);
      link[end]();
      assert.match(broken[0], /silence: the peer was silent for 95000 ms/);
    });
  }

  test('a peer that was given up may be silent for ever', () => {
    const { queue, broken, link } = watchOf();
    link.opened();
    link.ended();
    queue.runFor(500_000);
    link.checkSilence();
    assert.deepEqual(broken, []);
  });
});

describe('the state hash', () => {
  const hashOf = (fill: (hash: StateHash) => void) => {
    const hash = new StateHash();
    fill(hash);
    return hash.hex;
  };

  test('it is the same on every machine', () => {
    assert.equal(
      hashOf((hash) => {
        hash.time(86_400_000.125);
        hash.word(-1);
        hash.text('boot');
        hash.bytes(Uint8Array.of(1, 2, 3, 4, 5), 0, 5);
      }),
      '1a5f6705aa1e1b5b',
    );
  });

  test('order, length and every bit count', () => {
    const hashes = new Set([
      hashOf((hash) => hash.word(1)),
      hashOf((hash) => hash.word(2)),
      hashOf((hash) => hash.text('ab')),
      hashOf((hash) => hash.text('ba')),
      hashOf((hash) => hash.bytes(Uint8Array.of(0), 0, 1)),
      hashOf((hash) => hash.bytes(Uint8Array.of(0, 0), 0, 2)),
      hashOf((hash) => hash.time(1)),
      hashOf((hash) => hash.time(1.5)),
    ]);
    assert.equal(hashes.size, 8);
  });
});
