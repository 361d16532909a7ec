import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  KISS_OF_DEATH,
  NO_ANSWER,
  PACKET_BYTES,
  readAnswer,
  writeRequest,
} from '../../../firmware/time/sntp.ts';
import { TimeSync } from '../../../firmware/time/time-sync.ts';

/** 2026-01-02T03:04:05.500Z */
const WALL = 1_767_323_045_500;
const HOUR = 3_600_000;
const dice = { below: () => 0xcafe_f00d };
const TOKEN = { high: 0xcafe_f00d, low: 0xcafe_f00d };

interface Answer {
  readonly token?: number;
  readonly wall?: number;
  readonly first?: number;
  readonly stratum?: number;
}

/** As a server answers. */
function answer({ token = 0xcafe_f00d, wall = WALL, first = 0x24, stratum = 2 }: Answer = {}) {
  const packet = new DataView(new ArrayBuffer(PACKET_BYTES));
  packet.setUint8(0, first);
  packet.setUint8(1, stratum);
  packet.setUint32(24, token);
  packet.setUint32(28, 0xcafe_f00d);
  packet.setUint32(40, (Math.floor(wall / 1000) + 2_208_988_800) % 2 ** 32);
  packet.setUint32(44, ((wall % 1000) / 1000) * 2 ** 32);
  return new Uint8Array(packet.buffer);
}

function started(wall = 0): { sync: TimeSync; packet: Uint8Array } {
  const sync = new TimeSync(dice, wall);
  sync.start(0);
  return { sync, packet: new Uint8Array(PACKET_BYTES) };
}

test('a question is version 4 from a client, with the token as its transmit time', () => {
  const packet = new Uint8Array(PACKET_BYTES).fill(0xff);
  writeRequest(packet, { high: 0x01020304, low: 0x05060708 });
  assert.equal(packet[0], 0x23);
  assert.deepEqual([...packet.subarray(40)], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(packet.subarray(1, 40).every((byte) => byte === 0));
});

test('an answer gives Unix milliseconds, also after 2036', () => {
  assert.equal(readAnswer(answer(), PACKET_BYTES, TOKEN), WALL);
  const later = Date.UTC(2040, 0, 1);
  assert.equal(readAnswer(answer({ wall: later }), PACKET_BYTES, TOKEN), later);
});

test('what is no answer to the question is not taken', () => {
  const no = (packet: Uint8Array, length = PACKET_BYTES) =>
    assert.equal(readAnswer(packet, length, TOKEN), NO_ANSWER);
  no(answer(), PACKET_BYTES - 1);
  no(answer({ token: 1 }));
  no(answer({ first: 0x23 }));
  no(answer({ first: 0xe4 }));
  no(answer({ stratum: 16 }));
  no(answer({ stratum: 0, token: 1 }));
  const half = answer();
  half[31] ^= 1;
  no(half);
  const blank = answer();
  blank.fill(0, 40, 48);
  no(blank);
  assert.equal(readAnswer(answer({ stratum: 0 }), PACKET_BYTES, TOKEN), KISS_OF_DEATH);
});

/** What comes of an answer; the clock shows `wall`. */
function received(sync: TimeSync, packet: Uint8Array, now: number, wall = 0): number {
  return sync.received(packet, PACKET_BYTES, now, wall);
}

/** Asks and is answered in one moment. */
function asked(sync: TimeSync, now: number, said: number, wall: number): number {
  sync.request(new Uint8Array(PACKET_BYTES), now);
  return received(sync, answer({ wall: said }), now, wall);
}

test('time is unknown until an answer came; half of the round trip is added', () => {
  const { sync, packet } = started();
  assert.equal(sync.quality(0), 'none');
  sync.request(packet, 1000);
  assert.equal(received(sync, answer(), 1200), WALL + 100);
  assert.equal(sync.quality(1200), 'sync');
});

test('an answer that took too long, comes twice, or is before 2025 is not taken', () => {
  const { sync, packet } = started();
  sync.request(packet, 0);
  assert.equal(received(sync, answer(), 4_001), -1);
  sync.request(packet, 20_000);
  assert.equal(received(sync, answer({ wall: Date.UTC(2020, 0, 1) }), 20_010), -1);
  assert.ok(received(sync, answer(), 20_020) > 0);
  assert.equal(received(sync, answer(), 20_030), -1);
});

test('the round trip begins when the question is sent, however long its server was looked up', () => {
  const { sync, packet } = started();
  sync.ask(0);
  sync.request(packet, 9_000);
  assert.equal(received(sync, answer(), 9_100), WALL + 50);
});

test('questions are 15 s apart at least, a minute at most', () => {
  const { sync, packet } = started();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    times.push(sync.deadline());
    sync.request(packet, sync.deadline());
  }
  assert.deepEqual(times, [0, 15_000, 45_000, 105_000, 165_000]);
});

test('a first time is looked at again after four minutes, then ever more rarely, to half a day', () => {
  const { sync } = started();
  const gaps: number[] = [];
  for (let i = 0, now = 0; i < 10; i++) {
    assert.ok(asked(sync, now, WALL + now, WALL + now) > 0);
    gaps.push((sync.deadline() - now) / 60_000);
    now = sync.deadline();
  }
  assert.deepEqual(gaps, [4, 8, 16, 32, 64, 128, 256, 512, 720, 720]);
});

test('a lookup that fails is tried again soon, and ever more slowly; one that hangs, in 10 s', () => {
  const { sync } = started();
  const gaps: number[] = [];
  for (let i = 0, now = 0; i < 7; i++) {
    sync.ask(now);
    assert.equal(sync.deadline(), now + 10_000);
    sync.failed(now);
    gaps.push(sync.deadline() - now);
    now = sync.deadline();
  }
  assert.deepEqual(gaps, [3000, 6000, 12_000, 24_000, 48_000, 60_000, 60_000]);
});

test('without a network nothing is due; with one again it is asked at once, but not too often', () => {
  const { sync, packet } = started();
  sync.request(packet, 0);
  sync.stop();
  assert.equal(sync.deadline(), Number.POSITIVE_INFINITY);
  assert.equal(received(sync, answer(), 100), -1, 'what comes late is from another network');
  sync.start(5_000);
  assert.equal(sync.deadline(), 15_000);
  sync.stop();
  sync.start(60_000);
  assert.ok(sync.deadline() <= 60_000);
  sync.request(packet, 60_000);
  assert.ok(received(sync, answer(), 60_000) > 0);
  sync.stop();
  sync.start(70_000);
  assert.equal(sync.deadline(), 300_000, 'what is known need not be asked again');
});

test("a kiss-o'-death keeps the server in peace for a quarter of an hour", () => {
  const { sync, packet } = started();
  sync.request(packet, 1000);
  assert.equal(received(sync, answer({ stratum: 0 }), 1100), -1);
  assert.equal(sync.deadline(), 901_100);
  assert.equal(received(sync, answer(), 1200), -1);
  const other = started().sync;
  other.request(packet, 1000);
  received(other, answer({ stratum: 0, token: 1 }), 1100);
  assert.equal(other.deadline(), 16_000, 'one that nobody asked for means nothing');
});

test('one wrong answer moves no clock; two that agree do', () => {
  const YEARS = 10 * 365 * 24 * HOUR;
  for (const far of [YEARS, -YEARS / 20, 61_000, -61_000]) {
    const { sync } = started();
    assert.ok(asked(sync, 0, WALL, 0) > 0);
    assert.equal(asked(sync, 240_000, WALL + 240_000 + far, WALL + 240_000), -1);
    assert.equal(sync.deadline(), 255_000, 'and is asked again at once');
    assert.ok(asked(sync, 255_000, WALL + 255_000, WALL + 255_000) > 0, 'right after all');
    assert.equal(asked(sync, 600_000, WALL + 600_000 + far, WALL + 600_000), -1, 'doubted anew');
    const moved = asked(sync, 615_000, WALL + 615_000 + far + 2000, WALL + 615_000);
    assert.equal(moved, WALL + 615_000 + far + 2000);
    assert.equal(sync.deadline(), 855_000, 'and looked at again soon');
  }
});

test('answers that all differ move no clock, and the server is asked ever more slowly', () => {
  const { sync } = started();
  asked(sync, 0, WALL, 0);
  let now = 240_000;
  const gaps: number[] = [];
  for (let i = 1; i <= 4; i++) {
    assert.equal(asked(sync, now, WALL + now + i * HOUR, WALL + now), -1);
    gaps.push(sync.deadline() - now);
    now = sync.deadline();
  }
  assert.deepEqual(gaps, [15_000, 30_000, 60_000, 60_000]);
});

test('a time that was not refreshed for long is an estimate', () => {
  const { sync } = started();
  asked(sync, 0, WALL, 0);
  assert.equal(sync.quality(29 * HOUR), 'sync');
  assert.equal(sync.quality(31 * HOUR), 'estimated');
});

test('a clock that ran on through a restart is an estimate; one that never was set is none', () => {
  assert.equal(started(WALL).sync.quality(0), 'estimated');
  assert.equal(started(5_000).sync.quality(0), 'none');
});
