import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PACKET_BYTES, readAnswer, writeRequest } from '../../../firmware/time/sntp.ts';
import { TimeSync } from '../../../firmware/time/time-sync.ts';

/** 2026-01-02T03:04:05.500Z */
const WALL = 1_767_323_045_500;
const HOUR = 3_600_000;
const dice = { below: () => 0xcafe_f00d };

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
  writeRequest(packet, 0x01020304);
  assert.equal(packet[0], 0x23);
  assert.deepEqual([...packet.subarray(40)], [1, 2, 3, 4, 0, 0, 0, 0]);
  assert.ok(packet.subarray(1, 40).every((byte) => byte === 0));
});

test('an answer gives Unix milliseconds, also after 2036', () => {
  assert.equal(readAnswer(answer(), PACKET_BYTES, 0xcafe_f00d), WALL);
  const later = Date.UTC(2040, 0, 1);
  assert.equal(readAnswer(answer({ wall: later }), PACKET_BYTES, 0xcafe_f00d), later);
});

test('what is no answer to the question is not taken', () => {
  const no = (packet: Uint8Array, length = PACKET_BYTES) =>
    assert.equal(readAnswer(packet, length, 0xcafe_f00d), -1);
  no(answer(), PACKET_BYTES - 1);
  no(answer({ token: 1 }));
  no(answer({ first: 0x23 }));
  no(answer({ first: 0xe4 }));
  no(answer({ stratum: 0 }));
  no(answer({ stratum: 16 }));
});

test('time is unknown until an answer came; half of the round trip is added', () => {
  const { sync, packet } = started();
  assert.equal(sync.quality(0), 'none');
  sync.request(packet, 1000);
  assert.equal(sync.received(answer(), PACKET_BYTES, 1200), WALL + 100);
  assert.equal(sync.quality(1200), 'sync');
});

test('an answer that took too long, comes twice, or is before 2025 is not taken', () => {
  const { sync, packet } = started();
  sync.request(packet, 0);
  assert.equal(sync.received(answer(), PACKET_BYTES, 4_001), -1);
  sync.request(packet, 20_000);
  assert.equal(sync.received(answer({ wall: Date.UTC(2020, 0, 1) }), PACKET_BYTES, 20_010), -1);
  assert.ok(sync.received(answer(), PACKET_BYTES, 20_020) > 0);
  assert.equal(sync.received(answer(), PACKET_BYTES, 20_030), -1);
});

test('questions are 15 s apart at least, a minute at most, and half a day once it is known', () => {
  const { sync, packet } = started();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    times.push(sync.deadline());
    sync.request(packet, sync.deadline());
  }
  assert.deepEqual(times, [0, 15_000, 45_000, 105_000, 165_000]);
  sync.received(answer(), PACKET_BYTES, 165_100);
  assert.equal(sync.deadline(), 165_100 + 12 * HOUR);
});

test('a time that was not refreshed for long is an estimate', () => {
  const { sync, packet } = started();
  sync.request(packet, 0);
  sync.received(answer(), PACKET_BYTES, 100);
  assert.equal(sync.quality(29 * HOUR), 'sync');
  assert.equal(sync.quality(31 * HOUR), 'estimated');
});

test('a clock that ran on through a restart is an estimate; one that never was set is none', () => {
  assert.equal(started(WALL).sync.quality(0), 'estimated');
  assert.equal(started(5_000).sync.quality(0), 'none');
});
