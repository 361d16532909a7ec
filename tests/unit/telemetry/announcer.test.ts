import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Announcer,
  lostStatus,
  type Postbox,
  WILL_DELAY_S,
} from '../../../firmware/telemetry/announcer.ts';
import type { Diagnostics } from '../../../firmware/telemetry/diagnostics.ts';

const STATUS = new Uint8Array([1]);
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

/** Keeps what is posted, until `done`. */
class Box implements Postbox {
  readonly posted: string[] = [];
  readonly waiting = new Set<number>();
  isFull = false;

  post(
    topic: Uint8Array,
    payload: Uint8Array,
    length: number,
    { qos, retain }: { readonly qos: 0 | 1 | 2; readonly retain: boolean },
  ): number {
    if (this.isFull) return 0;
    const text = Buffer.from(payload.subarray(0, length)).toString();
    const what = topic === STATUS ? text : `diagnostics ${JSON.parse(text).uptime}`;
    this.posted.push(`${what} qos ${qos}${retain ? ' retained' : ''}`);
    this.waiting.add(this.posted.length);
    return this.posted.length;
  }

  holds(token: number): boolean {
    return this.waiting.has(token);
  }
}

function bench() {
  const box = new Box();
  return { box, announcer: new Announcer(box, STATUS, DIAGNOSTICS, 1000) };
}

test('online and offline are retained and at QoS 1', () => {
  const { box, announcer } = bench();
  announcer.sayOnline(0);
  announcer.sayOffline();
  assert.deepEqual(box.posted, ['online qos 1 retained', 'offline qos 1 retained']);
});

test('the will says lost, and comes late enough for a quick reconnect', () => {
  assert.equal(Buffer.from(lostStatus()).toString(), 'lost');
  assert.equal(WILL_DELAY_S, 5);
});

test('nothing is due before the first connection', () => {
  assert.equal(bench().announcer.deadline(), Number.POSITIVE_INFINITY);
});

test('a report is due with the connection, then one interval after each', () => {
  const { box, announcer } = bench();
  announcer.sayOnline(500);
  assert.equal(announcer.deadline(), 500);
  announcer.report(REPORT, [], 510);
  assert.equal(announcer.deadline(), 1510);
  announcer.report({ ...REPORT, uptimeMs: 2000 }, [], 1600);
  assert.equal(announcer.deadline(), 2600);
  assert.deepEqual(box.posted.slice(1), ['diagnostics 0 qos 0', 'diagnostics 2 qos 0']);
});

test('a connection that ends takes the next report with it', () => {
  const { announcer } = bench();
  announcer.sayOnline(0);
  announcer.report(REPORT, [], 0);
  announcer.pause();
  assert.equal(announcer.deadline(), Number.POSITIVE_INFINITY);
  announcer.sayOnline(5000);
  assert.equal(announcer.deadline(), 5000);
});

test('after offline no report is due', () => {
  const { announcer } = bench();
  announcer.sayOnline(0);
  announcer.sayOffline();
  assert.equal(announcer.deadline(), Number.POSITIVE_INFINITY);
});

test('an online that still waits is not said a second time', () => {
  const { box, announcer } = bench();
  const first = announcer.sayOnline(0);
  assert.equal(announcer.sayOnline(10), first);
  assert.equal(box.posted.length, 1);
  box.waiting.delete(first);
  announcer.sayOnline(20);
  assert.equal(box.posted.length, 2);
});

test('online is said again after an offline, even one that still waits', () => {
  const { box, announcer } = bench();
  announcer.sayOnline(0);
  announcer.sayOffline();
  announcer.sayOnline(10);
  assert.deepEqual(
    box.posted.map((line) => line.split(' ')[0]),
    ['online', 'offline', 'online'],
  );
});

test('an online for which there was no room is said with the next connection', () => {
  const { box, announcer } = bench();
  box.isFull = true;
  assert.equal(announcer.sayOnline(0), 0);
  box.isFull = false;
  assert.notEqual(announcer.sayOnline(10), 0);
  assert.deepEqual(box.posted, ['online qos 1 retained']);
});

test('a report for which there was no room waits for its next turn', () => {
  const { box, announcer } = bench();
  announcer.sayOnline(0);
  box.isFull = true;
  announcer.report(REPORT, [], 0);
  assert.equal(announcer.deadline(), 1000);
});
