import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './link-bench.ts';

test('from start to online the shell is asked for one thing after the other', () => {
  const bench = new Bench();
  const { link } = bench;
  assert.equal(link.state, 'stopped');
  link.start(0);
  assert.deepEqual([link.state, bench.actions()], ['joining', ['join']]);
  link.wifiJoined(10);
  assert.deepEqual([link.state, bench.actions()], ['resolving', ['resolve']]);
  link.resolved('192.0.2.1', 20);
  assert.deepEqual(
    [link.state, link.address, bench.actions()],
    ['connecting', '192.0.2.1', ['connect']],
  );
  link.opened(30);
  assert.deepEqual([link.state, bench.actions()], ['handshaking', ['open session']]);
  link.connected(40, false);
  assert.deepEqual([link.state, bench.actions()], ['online', []]);
  assert.equal(link.deadline(), Number.POSITIVE_INFINITY);
  const { joins, attempts, connects, reconnects, lastConnectedAt } = link.figures;
  assert.deepEqual([joins, attempts, connects, reconnects, lastConnectedAt], [1, 1, 1, 0, 40]);
  assert.equal(link.figures.lastError.name, 'none');
});

test('each state has its own time-out, and each is named', () => {
  const cases: [(bench: Bench) => unknown, number, string, string, string[]][] = [
    [(bench) => bench.link.start(bench.now), 30_000, 'wifi', 'wifi timed out', ['leave']],
    [(bench) => bench.resolving(), 10_000, 'name', 'name timed out', ['close']],
    [(bench) => bench.connecting(), 15_000, 'connect', 'timed out', ['close']],
    [(bench) => bench.handshaking(), 10_000, 'no connack', 'connack timed out', ['close']],
  ];
  for (const [walk, limitMs, kind, name, actions] of cases) {
    const bench = new Bench();
    walk(bench);
    bench.actions();
    assert.equal(bench.link.deadline() - bench.now, limitMs);
    bench.link.wake(bench.now + limitMs - 1);
    assert.equal(bench.link.figures.lastErrorAt, -1, 'before the deadline nothing happens');
    bench.wake();
    assert.equal(bench.link.state, 'offline');
    assert.deepEqual(bench.actions(), actions);
    const { lastError, lastErrorKind, lastErrorAt } = bench.link.figures;
    assert.deepEqual([lastErrorKind, lastError.name, lastErrorAt], [kind, name, bench.now]);
  }
});

test('the time-outs can be configured, and what is out of range is refused by name', () => {
  const bench = new Bench({ joinMs: 1, resolveMs: 2, connectMs: 3, handshakeMs: 4, goodbyeMs: 5 });
  const limit = () => bench.link.deadline() - bench.now;
  bench.link.start(bench.now);
  assert.equal(limit(), 1);
  bench.link.wifiJoined(bench.now);
  assert.equal(limit(), 2);
  bench.link.resolved('192.0.2.1', bench.now);
  assert.equal(limit(), 3);
  bench.link.opened(bench.now);
  assert.equal(limit(), 4);
  bench.link.connected(bench.now, false);
  bench.link.stop(bench.now);
  assert.equal(limit(), 5);
  assert.throws(() => new Bench({ joinMs: 0 }), /^RangeError: joinMs /);
  assert.throws(() => new Bench({ connectMs: 1.5 }), /^RangeError: connectMs /);
  assert.throws(() => new Bench({ port: 0 }), /^RangeError: port /);
  assert.throws(() => new Bench({ rejoinAfter: 0 }), /^RangeError: rejoinAfter /);
});

test('a name that is not known is a failure with its own name', () => {
  const bench = new Bench().resolving();
  bench.link.resolved('', bench.now);
  assert.equal(bench.link.figures.lastError.name, 'name not found');
  assert.equal(bench.link.address, '');
  assert.equal(bench.link.figures.failuresOf('name'), 1);
  assert.equal(bench.delay(), 1_000);
});

test('a TLS failure is counted apart from the rest', () => {
  const bench = new Bench().connecting();
  bench.link.ended('certificate expired', bench.now);
  assert.equal(bench.resolving().link.address, '', 'an address serves one attempt');
  bench.handshaking().link.ended('tls failed', bench.now);
  const { figures } = bench.link;
  assert.deepEqual([figures.failuresOf('tls'), figures.failuresOf('connect')], [2, 0]);
});

test('waiting for the time before TLS is named and does not raise the backoff', () => {
  const bench = new Bench();
  for (let i = 0; i < 20; i += 1) {
    bench.connecting().link.ended('clock not set', bench.now);
    assert.equal(bench.delay(), 5_000);
  }
  assert.equal(bench.link.figures.lastError.name, 'clock not set');
  assert.deepEqual([bench.link.failuresInARow, bench.link.figures.joins], [0, 1]);
});

test('each way to lose a connection has its kind', () => {
  const causes = [
    ['protocol error', 'protocol'],
    ['keep-alive timed out', 'silence'],
    ['acknowledgement timed out', 'silence'],
    ['closed by peer', 'lost'],
  ] as const;
  for (const [cause, kind] of causes) {
    const bench = new Bench().online();
    bench.link.ended(cause, bench.now);
    assert.deepEqual(
      [bench.link.figures.lastErrorKind, bench.link.figures.failuresOf(kind)],
      [kind, 1],
    );
    assert.equal(bench.link.figures.lastError.name, cause);
  }
});

test('an accepted connection that dies young backs off, one that was stable starts anew', () => {
  const bench = new Bench();
  for (const expected of [1_000, 2_000, 4_000]) {
    bench.online().link.ended('reset', bench.after(59_999));
    assert.equal(bench.delay(), expected);
  }
  bench.online().link.ended('reset', bench.after(60_000));
  assert.equal(bench.delay(), 1_000);
});

test('bad credentials are retried slowly and for ever', () => {
  const bench = new Bench();
  for (let i = 0; i < 30; i += 1) {
    bench.handshaking().link.refused(0x86, 5, bench.now);
    assert.equal(bench.delay(), 120_000);
  }
  const { lastError, lastErrorCode, lastErrorKind } = bench.link.figures;
  assert.deepEqual(
    [lastError.name, lastErrorCode, lastErrorKind],
    ['bad credentials', 134, 'refused'],
  );
});

test('a broker that shuts down is given more time from the first failure on', () => {
  const bench = new Bench().online();
  bench.link.disconnected(0x8b, bench.after(100_000));
  assert.equal(bench.delay(), 8_000);
  assert.equal(bench.link.figures.failuresOf('closed by broker'), 1);
});

test('reconnects are counted, and those whose session was kept', () => {
  const bench = new Bench().online();
  bench.link.ended('reset', bench.now);
  bench.handshaking().link.connected(bench.now, true);
  bench.link.ended('reset', bench.now);
  bench.online();
  const { connects, reconnects, sessionsResumed } = bench.link.figures;
  assert.deepEqual([connects, reconnects, sessionsResumed], [3, 2, 1]);
});

test('late inputs are ignored in every state that does not wait for them', () => {
  const bench = new Bench();
  const { link } = bench;
  const late = (...expected: string[]) => {
    const before = [link.state, link.deadline(), link.figures.lastErrorAt, link.address];
    if (!expected.includes('joining')) link.wifiJoined(bench.now);
    if (!expected.includes('resolving')) link.resolved('203.0.113.9', bench.now);
    if (!expected.includes('connecting')) link.opened(bench.now);
    if (!expected.includes('handshaking')) link.connected(bench.now, true);
    if (!expected.includes('handshaking')) link.refused(0x86, 5, bench.now);
    if (!expected.includes('ending')) link.ended('reset', bench.now);
    if (!expected.includes('ending')) link.disconnected(0x8e, bench.now);
    if (!link.hasWiFi && link.state !== 'joining') link.wifiFailed('lost', bench.now);
    link.wake(bench.now);
    assert.deepEqual([link.state, link.deadline(), link.figures.lastErrorAt, link.address], before);
    assert.deepEqual(bench.actions(), []);
  };
  late();
  bench.link.start(bench.now);
  bench.actions();
  late('joining');
  bench.wake();
  bench.actions();
  late();
  bench.resolving();
  late('resolving');
  bench.wake();
  bench.actions();
  late();
  bench.connecting();
  late('connecting', 'ending');
  bench.link.opened(bench.now);
  bench.actions();
  late('handshaking', 'ending');
  bench.link.connected(bench.now, false);
  late('ending');
});
