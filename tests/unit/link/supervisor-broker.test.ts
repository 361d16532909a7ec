import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './link-bench.ts';

/** The versions of the next attempts, each closed without a CONNACK, with the delays after them. */
function closedUnanswered(bench: Bench, count: number): [number, number][] {
  return Array.from({ length: count }, () => {
    const version = bench.handshaking().link.version;
    bench.link.ended('closed by peer', bench.now);
    return [version, bench.delay()];
  });
}

test('5.0 is asked for first, and the choice is remembered once it was accepted', () => {
  const bench = new Bench().handshaking();
  assert.deepEqual([bench.link.version, bench.link.preferredVersion], [5, 0]);
  bench.link.connected(bench.now, false);
  assert.equal(bench.link.preferredVersion, 5);
});

test('a refused version falls back soon, in either form of the refusal', () => {
  const refusals = [
    [1, 4],
    [0x84, 5],
  ] as const;
  for (const [code, form] of refusals) {
    const bench = new Bench().handshaking();
    bench.link.refused(code, form, bench.now);
    assert.equal(bench.link.figures.failuresOf('version'), 1);
    assert.deepEqual([bench.link.version, bench.delay(), bench.link.failuresInARow], [4, 1_000, 0]);
    assert.equal(bench.link.figures.outlook, 'another way');
    assert.equal(bench.link.preferredVersion, 0, 'only a CONNACK is remembered');
    bench.online();
    assert.equal(bench.link.preferredVersion, 4);
    bench.link.ended('reset', bench.after(100_000));
    assert.equal(bench.handshaking().link.version, 4);
  }
});

test('two closes without CONNACK fall back, and going on like that alternates with backoff', () => {
  const bench = new Bench();
  assert.deepEqual(closedUnanswered(bench, 8), [
    [5, 1_000],
    [5, 1_000],
    [4, 2_000],
    [4, 4_000],
    [5, 8_000],
    [5, 16_000],
    [4, 32_000],
    [4, 64_000],
  ]);
  assert.equal(bench.link.preferredVersion, 0);
});

test('closes without CONNACK must follow each other to count against the version', () => {
  const between: ((bench: Bench) => void)[] = [
    (bench) => bench.connecting().link.ended('refused', bench.now),
    (bench) => bench.resolving().link.resolved('', bench.now),
    (bench) => bench.resolving().link.wifiFailed('lost', bench.now),
    (bench) => bench.handshaking().wake(),
    (bench) => bench.handshaking().link.refused(0x88, 5, bench.now),
  ];
  for (const interrupt of between) {
    const bench = new Bench();
    closedUnanswered(bench, 1);
    interrupt(bench);
    closedUnanswered(bench, 1);
    assert.equal(bench.link.version, 5);
    closedUnanswered(bench, 1);
    assert.equal(bench.link.version, 4);
  }
});

test('an answer to CONNECT that 5.0 cannot read counts against 5.0 like a close', () => {
  const bench = new Bench().handshaking();
  bench.link.ended('protocol error', bench.now);
  bench.handshaking().link.ended('protocol error', bench.now);
  assert.deepEqual([bench.link.version, bench.link.figures.failuresOf('protocol')], [4, 2]);
});

test('a version that this broker has accepted before is given up after twelve closes only', () => {
  const bench = new Bench({ rememberedVersion: 5 });
  closedUnanswered(bench, 11);
  assert.equal(bench.link.version, 5);
  closedUnanswered(bench, 1);
  assert.equal(bench.link.version, 4);
  assert.equal(bench.link.preferredVersion, 5);
});

test('a remembered 3.1.1 is asked for first, and left when the broker refuses it', () => {
  const bench = new Bench({ rememberedVersion: 4 }).handshaking();
  assert.equal(bench.link.version, 4);
  bench.link.refused(1, 4, bench.now);
  assert.equal(bench.online().link.version, 5);
  assert.equal(bench.link.preferredVersion, 5);
});

test('a broker that refuses both versions gets one quick retry, then the backoff', () => {
  const bench = new Bench();
  const delays: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    bench.handshaking().link.refused(1, 4, bench.now);
    delays.push(bench.delay());
    assert.equal(bench.link.figures.outlook, i === 0 ? 'another way' : 'no way left');
  }
  assert.deepEqual(delays, [1_000, 1_000, 2_000, 4_000, 8_000, 16_000]);
});

test('the quick retry is granted again after a stable connection', () => {
  const bench = new Bench().handshaking();
  bench.link.refused(1, 4, bench.now);
  bench.online().link.ended('reset', bench.after(60_000));
  bench.handshaking().link.refused(1, 4, bench.now);
  assert.deepEqual([bench.link.version, bench.delay(), bench.link.failuresInARow], [5, 1_000, 1]);
});

test('a fixed version is never left, and its refusal looks final', () => {
  for (const version of [4, 5] as const) {
    const bench = new Bench({ versions: version, rememberedVersion: 4 }).handshaking();
    bench.link.refused(version === 4 ? 1 : 0x84, version, bench.now);
    assert.deepEqual([bench.link.version, bench.delay()], [version, 120_000]);
    for (const [attempted] of closedUnanswered(bench, 10)) assert.equal(attempted, version);
  }
});

test('DISCONNECT 0x8E is named a take-over, counted, and slowed up to five minutes', () => {
  const bench = new Bench();
  for (const expected of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
    bench.online().link.disconnected(0x8e, bench.after(10_000));
    assert.equal(bench.delay(), expected);
  }
  const { takeovers, lastError, lastErrorKind, lastErrorCode } = bench.link.figures;
  assert.deepEqual([takeovers, lastErrorKind, lastErrorCode], [6, 'taken over', 0x8e]);
  assert.equal(lastError.words, 'taken over by another client with the same id');
});

test('in 3.1.1 the second close in a row right after CONNACK is named a take-over', () => {
  const bench = new Bench({ versions: 4 }).online();
  bench.link.ended('closed by peer', bench.after(5_000));
  assert.deepEqual([bench.link.figures.takeovers, bench.delay()], [0, 1_000]);
  bench.online().link.ended('reset', bench.after(5_000));
  assert.deepEqual([bench.link.figures.takeovers, bench.delay()], [1, 60_000]);
  assert.match(bench.link.figures.lastError.words, /taken over by another client with the same id/);
  bench.online().link.ended('closed by peer', bench.after(1));
  assert.equal(bench.link.figures.takeovers, 2);
});

test('a longer connection or another failure in between is no take-over', () => {
  const between: ((bench: Bench) => void)[] = [
    (bench) => bench.online().link.ended('reset', bench.after(5_001)),
    (bench) => bench.online().link.ended('keep-alive timed out', bench.after(10)),
    (bench) => bench.connecting().link.ended('refused', bench.now),
    (bench) => bench.online().link.wifiFailed('lost', bench.now),
  ];
  for (const interrupt of between) {
    const bench = new Bench({ versions: 4 }).online();
    bench.link.ended('reset', bench.after(10));
    interrupt(bench);
    bench.online().link.ended('reset', bench.after(10));
    assert.equal(bench.link.figures.takeovers, 0);
  }
});

test('in 5.0 too a close right after CONNACK, twice, is probably a take-over', () => {
  const bench = new Bench();
  bench.online().link.ended('reset', bench.after(10));
  assert.equal(bench.link.figures.takeovers, 0);
  bench.online().link.ended('reset', bench.after(10));
  assert.equal(bench.link.figures.takeovers, 1);
  assert.match(bench.link.figures.lastError.words, /same id, probably/);
});

test('a redirect is followed soon, from CONNACK and from DISCONNECT', () => {
  const refused = new Bench().handshaking();
  refused.link.refused(0x9c, 5, refused.now, 'other:8884 third');
  const ended = new Bench().online();
  ended.link.disconnected(0x9d, ended.now, '[2001:db8::7]');
  const { link } = refused;
  assert.deepEqual([link.host, link.port, link.redirected], ['other', 8884, 'temporary']);
  assert.deepEqual([ended.link.host, ended.link.port], ['2001:db8::7', 1883]);
  assert.equal(ended.link.redirected, 'permanent');
  for (const bench of [refused, ended]) {
    assert.deepEqual([bench.delay(), bench.link.failuresInARow], [1_000, 0]);
    assert.deepEqual(bench.actions(), ['close']);
    assert.equal(bench.link.figures.redirects, 1);
  }
});

test('a temporary redirect lasts until that server fails', () => {
  const bench = new Bench().handshaking();
  bench.link.refused(0x9c, 5, bench.now, 'other');
  bench.online().link.wifiFailed('lost', bench.now);
  assert.equal(bench.resolving().link.host, 'other', 'losing Wi-Fi is no fault of the server');
  bench.online().link.ended('reset', bench.after(100_000));
  assert.deepEqual([bench.link.host, bench.link.redirected], ['home', 'no']);
});

test('a permanent redirect outlives failures, but not three attempts without an answer', () => {
  const bench = new Bench().handshaking();
  bench.link.refused(0x9d, 5, bench.now, 'new');
  for (let i = 0; i < 5; i += 1) bench.online().link.ended('reset', bench.now);
  bench.connecting().link.ended('refused', bench.now);
  assert.equal(bench.link.host, 'new');
  bench.connecting().link.ended('refused', bench.now);
  assert.equal(bench.link.host, 'home');
});

test('after three redirects in a row the configured server is asked again, with backoff', () => {
  const bench = new Bench();
  const seen: [string, number][] = [];
  for (let i = 0; i < 8; i += 1) {
    bench.handshaking().link.refused(0x9c, 5, bench.now, `server-${i}`);
    seen.push([bench.link.host, bench.delay()]);
  }
  assert.deepEqual(seen, [
    ['server-0', 1_000],
    ['server-1', 1_000],
    ['server-2', 1_000],
    ['home', 8_000],
    ['server-4', 1_000],
    ['server-5', 1_000],
    ['server-6', 1_000],
    ['home', 16_000],
  ]);
});

test('a redirect without a readable reference, or where none is allowed, backs off at home', () => {
  for (const reference of ['', 'mqtt://evil/', 'a:0', '\0']) {
    const bench = new Bench().handshaking();
    bench.link.refused(0x9d, 5, bench.now, reference);
    assert.deepEqual(
      [bench.link.host, bench.link.redirected, bench.delay()],
      ['home', 'no', 8_000],
    );
  }
  const strict = new Bench({ redirectsMax: 0 }).handshaking();
  strict.link.refused(0x9c, 5, strict.now, 'other');
  assert.deepEqual([strict.link.host, strict.link.figures.redirects], ['home', 0]);
  assert.equal(strict.link.figures.failuresOf('redirected'), 1);
});

test('a stable connection begins a new chain of redirects, and so does a failure', () => {
  const stable = new Bench();
  for (let i = 0; i < 3; i += 1) {
    stable.handshaking().link.refused(0x9d, 5, stable.now, `server-${i}`);
  }
  stable.online().link.disconnected(0x9d, stable.after(60_000), 'fourth');
  assert.equal(stable.link.host, 'fourth');
  const failing = new Bench();
  for (let i = 0; i < 6; i += 1) {
    failing.handshaking().link.refused(0x9d, 5, failing.now, `server-${i}`);
    assert.equal(failing.link.host, `server-${i}`);
    if (i === 2) failing.connecting().link.ended('refused', failing.now);
  }
});

test('a server that refuses the version is asked again in the other, even after a redirect', () => {
  const bench = new Bench().handshaking();
  bench.link.refused(0x9c, 5, bench.now, 'other');
  bench.handshaking().link.refused(0x84, 5, bench.now);
  assert.deepEqual([bench.link.host, bench.link.version], ['other', 4]);
});
