/**
 * Hostile bytes for the set-up portal from a seeded generator: requests and queries with a few bytes
 * changed, noise, and streams of clients that come, stall and go. The same seed gives the same run.
 */

import assert from 'node:assert/strict';
import { DNS_REPLY_BYTES_MAX, DnsResponder } from '../../firmware/provisioning/dns-responder.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { DNS_VECTORS } from '../vectors/dns.ts';
import { HTTP_VECTORS } from '../vectors/http.ts';
import { Bench, type BenchClient, LongBody } from './http-bench.ts';
import { answerIn, bytesOf, EchoRoutes } from './http-stream.ts';
import { hex } from './mqtt-bytes.ts';

/** Bytes that matter to a parser, beside any byte. */
const MARKS = bytesOf('\r\n\r\n  \t:;/?%&=+,\0HTTP/1.1GETPOST09af');

function mutated(random: SeededRandom, good: Uint8Array): Uint8Array {
  const bytes = Array.from(good);
  const any = () => (random.below(2) === 0 ? random.below(256) : MARKS[random.below(MARKS.length)]);
  for (let edits = random.below(4); edits > 0; edits -= 1) {
    const at = random.below(bytes.length + 1);
    const kind = random.below(5);
    if (kind === 0) bytes.splice(at, 1, any());
    else if (kind === 1) bytes.splice(at, 1 + random.below(8));
    else if (kind === 2) bytes.splice(at, 0, any());
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + 40));
    else bytes.length = at;
  }
  return Uint8Array.from(bytes);
}

function noise(random: SeededRandom, bytesMax: number): Uint8Array {
  return Uint8Array.from({ length: random.below(bytesMax) }, () => random.below(256));
}

/** Some of the vectors' lengths are there to be too long; those cost more than they find here. */
const REQUESTS = HTTP_VECTORS.map((vector) => bytesOf(vector.text)).filter((b) => b.length < 400);
const QUERIES = DNS_VECTORS.map((vector) => hex(vector.query));

/** Routes that answer with the echo, or with a page of a drawn size and piece. */
class DrawnRoutes extends EchoRoutes {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    super();
    this.#random = random;
  }

  override handle(...args: Parameters<EchoRoutes['handle']>) {
    const echo = super.handle(...args);
    this.asked.length = 0;
    if (this.#random.below(3) > 0) return echo;
    return new LongBody(this.#random.below(3000), 1 + this.#random.below(300));
  }
}

/** Ways that a response may begin; anything else is a mistake of ours. */
const KNOWN = [200, 400, 405, 411, 413, 414, 415, 417, 431, 501, 503, 505];

function checkAnswer(client: BenchClient): void {
  const text = client.stream.text.replace(/^HTTP\/1\.1 100 \r\n\r\n/, '');
  if (!text.includes('\r\n\r\n')) return;
  const { status, headers, body } = answerIn(text);
  assert.ok(KNOWN.includes(status), `status ${status}`);
  assert.ok(body.length <= Number(headers.get('content-length')));
}

/**
 * Throws `count` requests at one server, several at a time and in pieces, with time passing.
 * @returns how many were answered, by status
 */
export function hostileRequests(seed: number, count: number): Map<number, number> {
  const random = new SeededRandom(seed).fork('http');
  const bench = new Bench(new DrawnRoutes(random.fork('routes')));
  const answers = new Map<number, number>();
  const open: { client: BenchClient; rest: Uint8Array }[] = [];
  const settle = (client: BenchClient) => {
    checkAnswer(client);
    const status = Number(
      /(?:^|\r\n\r\n)HTTP\/1\.1 ([2-5]\d\d) /.exec(client.stream.text)?.[1] ?? 0,
    );
    answers.set(status, (answers.get(status) ?? 0) + 1);
  };
  for (let made = 0; made < count || open.length > 0; ) {
    if (made < count && open.length < 12) {
      made += 1;
      const good = REQUESTS[random.below(REQUESTS.length)];
      const rest = random.below(10) === 0 ? noise(random, 300) : mutated(random, good);
      const client = bench.connect();
      if (random.below(4) === 0) client.stream.room = random.below(2000);
      open.push({ client, rest });
    }
    const place = random.below(open.length);
    const one = open[place];
    const piece = 1 + random.below(random.below(4) === 0 ? 5 : 500);
    one.client.send(one.rest.subarray(0, piece));
    one.rest = one.rest.subarray(piece);
    if (one.rest.length === 0 && random.below(20) === 0) one.client.hangUp();
    else if (one.rest.length === 0) one.client.take(random.below(4000));
    else if (random.below(100) === 0) one.client.hangUp();
    if (random.below(8) === 0) bench.run(random.below(2) === 0 ? 5 : random.below(4000));
    assert.ok(bench.server.connections <= 10);
    const isLost = one.rest.length === 0 && random.below(10) === 0;
    if (!one.client.isClosed && !isLost) continue;
    settle(one.client);
    if (!one.client.isClosed) one.client.hangUp();
    open.splice(place, 1);
  }
  bench.run(60_000);
  assert.equal(bench.server.connections, 0, 'every connection ends');
  return answers;
}

/** Throws `count` datagrams at a responder. @returns how many were answered */
export function hostileQueries(seed: number, count: number): number {
  const random = new SeededRandom(seed).fork('dns');
  const responder = new DnsResponder(Uint8Array.of(192, 168, 4, 1));
  const into = new Uint8Array(DNS_REPLY_BYTES_MAX);
  let answered = 0;
  for (let i = 0; i < count; i += 1) {
    const good = QUERIES[random.below(QUERIES.length)];
    const query = random.below(10) === 0 ? noise(random, 80) : mutated(random, good);
    const length = responder.answer(query, query.length, into);
    assert.ok(length === 0 || length === 12 || (length >= 17 && length <= query.length + 16));
    if (length === 0) continue;
    answered += 1;
    assert.ok(into[0] === query[0] && into[1] === query[1] && (into[2] & 0x80) !== 0);
  }
  return answered;
}
