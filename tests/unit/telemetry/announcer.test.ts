import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, Timer } from '../../../firmware/base/deadlines.ts';
import type { StatusSource } from '../../../firmware/link/sources/status.ts';
import type { Mailbox } from '../../../firmware/mqtt/mailbox.ts';
import { Announcer, lostStatus, WILL_DELAY_S } from '../../../firmware/telemetry/announcer.ts';
import type { Diagnostics } from '../../../firmware/telemetry/diagnostics.ts';

const DIAGNOSTICS = new Uint8Array([2]);

const REPORT: Diagnostics = {
  firmwareVersion: '1',
  boots: 1,
  resetReason: 'power on',
  uptimeMs: 0,
  reconnects: 0,
  takeovers: 0,
  outboxDepth: 0,
  dropped: 0,
  refused: 0,
  missedSamples: 0,
  timeQuality: 'none',
};

/** Keeps what is posted, and what is said. */
class Box implements Pick<Mailbox, 'post' | 'bytes' | 'freeAt'>, Pick<StatusSource, 'say'> {
  readonly bytes = new Uint8Array(700);
  readonly freeAt = 40;
  readonly posted: string[] = [];
  isFull = false;

  post(
    topic: Uint8Array,
    payload: Uint8Array,
    length: number,
    { qos, retain }: { readonly qos: 0 | 1 | 2; readonly retain: boolean },
  ): number {
    if (this.isFull) return 0;
    assert.equal(topic, DIAGNOSTICS);
    assert.equal(payload, this.bytes, 'written in place');
    const told = payload.subarray(this.freeAt, this.freeAt + length);
    const { uptime } = JSON.parse(Buffer.from(told).toString());
    this.posted.push(`diagnostics ${uptime} qos ${qos}${retain ? ' retained' : ''}`);
    return this.posted.length;
  }

  say(word: Uint8Array): void {
    this.posted.push(Buffer.from(word).toString());
  }
}

function bench() {
  const box = new Box();
  const deadlines = Deadlines.ofDevice();
  const announcer = new Announcer(box, box, DIAGNOSTICS, 1000, deadlines);
  return { box, announcer, due: () => deadlines.at[Timer.report] };
}

test('each connection says online, and a goodbye offline', () => {
  const { box, announcer } = bench();
  announcer.sayOnline(0);
  announcer.sayOnline(10);
  announcer.sayOffline();
  assert.deepEqual(box.posted, ['online', 'online', 'offline']);
});

test('the will says lost, and comes late enough for a quick reconnect', () => {
  assert.equal(Buffer.from(lostStatus()).toString(), 'lost');
  assert.equal(WILL_DELAY_S, 5);
});

test('nothing is due before the first connection', () => {
  assert.equal(bench().due(), Number.POSITIVE_INFINITY);
});

test('a report is due with the connection, then one interval after each', () => {
  const { box, announcer, due } = bench();
  announcer.sayOnline(500);
  assert.equal(due(), 500);
  announcer.report(REPORT, [], 510);
  assert.equal(due(), 1510);
  announcer.report({ ...REPORT, uptimeMs: 2000 }, [], 1600);
  assert.equal(due(), 2600);
  assert.deepEqual(box.posted.slice(1), ['diagnostics 0 qos 0', 'diagnostics 2 qos 0']);
});

test('a connection that ends takes the next report with it', () => {
  const { announcer, due } = bench();
  announcer.sayOnline(0);
  announcer.report(REPORT, [], 0);
  announcer.pause();
  assert.equal(due(), Number.POSITIVE_INFINITY);
  announcer.sayOnline(5000);
  assert.equal(due(), 5000);
});

test('after offline no report is due', () => {
  const { announcer, due } = bench();
  announcer.sayOnline(0);
  announcer.sayOffline();
  assert.equal(due(), Number.POSITIVE_INFINITY);
});

test('a report for which there was no room waits for its next turn', () => {
  const { box, announcer, due } = bench();
  announcer.sayOnline(0);
  box.isFull = true;
  announcer.report(REPORT, [], 0);
  assert.equal(due(), 1000);
});
