import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './link-bench.ts';

test('Wi-Fi stays joined across broker failures: a retry starts at the name', () => {
  const bench = new Bench().online();
  bench.link.ended('reset', bench.now);
  assert.deepEqual([bench.link.state, bench.link.hasWiFi], ['offline', true]);
  assert.deepEqual(bench.actions(), ['close']);
  bench.wake();
  assert.deepEqual([bench.link.state, bench.actions()], ['resolving', ['resolve']]);
  assert.equal(bench.link.figures.joins, 1);
});

test('losing Wi-Fi ends the connection, whatever it was doing', () => {
  const walks = [
    (bench: Bench) => bench.resolving(),
    (bench: Bench) => bench.connecting(),
    (bench: Bench) => bench.handshaking(),
    (bench: Bench) => bench.online(),
  ];
  for (const walk of walks) {
    const bench = walk(new Bench());
    bench.link.wifiFailed('lost', bench.now);
    assert.deepEqual([bench.link.state, bench.link.hasWiFi], ['offline', false]);
    assert.deepEqual(bench.actions(), ['close', 'leave']);
    assert.equal(bench.link.figures.lastError.name, 'wifi lost');
    bench.wake();
    assert.deepEqual([bench.link.state, bench.actions()], ['joining', ['join']]);
  }
});

test('a connection that ends because its network is lost is Wi-Fi lost, and counted once', () => {
  const walks = [
    (bench: Bench) => bench.connecting(),
    (bench: Bench) => bench.handshaking(),
    (bench: Bench) => bench.online(),
  ];
  for (const walk of walks) {
    const bench = walk(new Bench());
    bench.link.ended('network lost', bench.now);
    assert.deepEqual(bench.actions(), ['close', 'leave']);
    // The radio says so too, if it still can.
    bench.link.wifiFailed('lost', bench.now);
    assert.deepEqual([bench.link.state, bench.actions()], ['offline', []]);
    assert.equal(bench.link.figures.lastError.name, 'wifi lost');
    assert.equal(bench.link.figures.failuresOf('wifi'), 1);
    bench.wake();
    assert.deepEqual(bench.actions(), ['join']);
  }
});

test('losing Wi-Fi between two attempts joins again and keeps the wait for the broker', () => {
  const bench = new Bench().handshaking();
  bench.link.refused(0x86, 5, bench.now);
  const brokerAt = bench.link.deadline();
  bench.link.wifiFailed('lost', bench.now);
  assert.deepEqual(bench.actions(), ['close', 'leave']);
  bench.wake();
  bench.link.wifiJoined(bench.now);
  assert.deepEqual([bench.link.state, bench.link.deadline()], ['offline', brokerAt]);
});

test('Wi-Fi that cannot be joined is retried with its own backoff', () => {
  const bench = new Bench();
  bench.link.start(bench.now);
  const delays: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    bench.link.wifiFailed('not found', bench.now);
    delays.push(bench.wake());
  }
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assert.equal(bench.link.figures.failuresOf('wifi'), 8);
  assert.equal(bench.link.failuresInARow, 0);
});

test('a refused Wi-Fi password is believed at the third time only, and never fatal', () => {
  const bench = new Bench();
  bench.link.start(bench.now);
  const delays: number[] = [];
  for (let i = 0; i < 4; i += 1) {
    bench.link.wifiFailed('password refused', bench.now);
    delays.push(bench.wake());
  }
  assert.deepEqual(delays, [1_000, 2_000, 60_000, 60_000]);
});

test('when nothing has answered five attempts in a row, Wi-Fi is joined anew', () => {
  const bench = new Bench();
  for (let i = 0; i < 5; i += 1) {
    bench.connecting().link.ended('unreachable', bench.now);
    assert.deepEqual(bench.actions(), ['close']);
  }
  bench.wake();
  assert.deepEqual([bench.link.state, bench.actions()], ['joining', ['leave', 'join']]);
  bench.resolving();
  bench.wake();
  bench.wake();
  assert.equal(bench.link.state, 'resolving', 'the doubt starts from nothing');
});

test('a broker that answers, if only to refuse, casts no doubt on Wi-Fi', () => {
  const bench = new Bench();
  for (let i = 0; i < 12; i += 1) {
    const cause = i % 4 === 3 ? 'refused' : 'unreachable';
    bench.connecting().link.ended(cause, bench.now);
  }
  assert.equal(bench.link.figures.joins, 1);
});

test('a goodbye is also over when Wi-Fi or the broker goes first', () => {
  const ends = [
    (bench: Bench) => bench.link.wifiFailed('lost', bench.now),
    (bench: Bench) => bench.link.disconnected(0x8b, bench.now),
    (bench: Bench) => bench.link.ended('reset', bench.now),
  ];
  for (const end of ends) {
    const bench = new Bench().online();
    bench.link.stop(bench.now);
    end(bench);
    assert.equal(bench.link.state, 'stopped');
    assert.equal(bench.link.figures.lastError.name, 'none');
  }
});

test('only Wi-Fi that was joined for the stable time starts its backoff anew', () => {
  const bench = new Bench();
  for (const expected of [1_000, 2_000, 4_000]) {
    bench.resolving();
    bench.link.wifiFailed('lost', bench.now);
    assert.equal(bench.delay(), expected);
  }
  bench.online().link.wifiFailed('lost', bench.after(60_000));
  assert.equal(bench.delay(), 1_000);
});

test('leaving Wi-Fi ourselves ends its proof of stability', () => {
  const bench = new Bench().online();
  bench.link.stop(bench.now);
  bench.link.ended('goodbye said', bench.now);
  bench.now += 600_000;
  bench.link.start(bench.now);
  bench.link.wifiFailed('not found', bench.now);
  bench.wake();
  bench.link.wifiFailed('not found', bench.now);
  assert.equal(bench.delay(), 2_000);
  bench.link.stop(bench.now);
  const short = new Bench();
  short.link.start(short.now);
  short.link.wifiFailed('not found', short.now);
  short.online().link.stop(short.after(10));
  short.link.ended('goodbye said', short.now);
  short.now += 600_000;
  short.link.start(short.now);
  short.link.wifiFailed('not found', short.now);
  assert.equal(short.delay(), 2_000, 'ten milliseconds of Wi-Fi prove nothing');
});

test('waiting for the time neither proves nor disproves that anything answers', () => {
  const bench = new Bench();
  for (let i = 0; i < 5; i += 1) {
    bench.connecting().link.ended('unreachable', bench.now);
    if (i < 4) bench.connecting().link.ended('clock not set', bench.now);
  }
  bench.wake();
  assert.deepEqual([bench.link.state, bench.link.figures.joins], ['joining', 2]);
});
