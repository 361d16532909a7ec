import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from './dice.ts';
import { Bench } from './link-bench.ts';

const DEVICES = 1_000;
/** When the broker goes away, in ms: long after every connection proved stable. */
const DOWN_AT = 200_000;

interface Herd {
  /** Attempts per second, from the moment the broker went away. */
  readonly perSecond: number[];
  /** When the last device was back, in ms after the broker was. */
  readonly lastBackMs: number;
  /** The most attempts of one device. */
  readonly attemptsMax: number;
}

/** Takes the broker away from a thousand connected devices, and brings it back after `downMs`. */
function restart(downMs: number, isAnnounced: boolean, acceptedPerSecond: number): Herd {
  const random = seeded(20_240_607);
  const herd = Array.from({ length: DEVICES }, () => new Bench({ random }).online());
  for (const bench of herd) {
    bench.now = DOWN_AT;
    if (isAnnounced) bench.link.disconnected(0x8b, DOWN_AT);
    else bench.link.ended('reset', DOWN_AT);
  }
  const perSecond: number[] = Array(600).fill(0);
  const accepted: number[] = Array(600).fill(0);
  let lastBackAt = 0;
  for (let left = DEVICES; left > 0; ) {
    let next = herd[0];
    for (const bench of herd) if (bench.link.deadline() < next.link.deadline()) next = bench;
    next.handshaking();
    const second = Math.floor((next.now - DOWN_AT) / 1_000);
    perSecond[second] += 1;
    if (next.now < DOWN_AT + downMs) {
      next.link.ended('closed by peer', next.now);
    } else if (accepted[second] >= acceptedPerSecond) {
      next.link.refused(0x89, 5, next.now);
    } else {
      accepted[second] += 1;
      next.link.connected(next.now, true);
      lastBackAt = next.now;
      left -= 1;
    }
  }
  const attemptsMax = Math.max(...herd.map((bench) => bench.link.figures.attempts));
  return { perSecond, lastBackMs: lastBackAt - DOWN_AT - downMs, attemptsMax };
}

/** The busiest second from `fromMs` on, as a share of the fleet. */
function peak(herd: Herd, fromMs: number): number {
  return Math.max(...herd.perSecond.slice(Math.floor(fromMs / 1_000))) / DEVICES;
}

test('after a sudden outage of 30 s no second sees more than a tenth of a thousand devices', () => {
  const herd = restart(30_000, false, DEVICES);
  assert.ok(peak(herd, 30_000) <= 0.1, `${peak(herd, 30_000)}`);
  assert.ok(herd.lastBackMs <= 120_000, `${herd.lastBackMs}`);
  assert.ok(herd.attemptsMax <= 12, `${herd.attemptsMax}`);
});

test('during a sudden outage the attempts per second fall to a fifth of the fleet in 10 s', () => {
  const herd = restart(120_000, false, DEVICES);
  assert.ok(peak(herd, 0) <= 1.25, 'one base delay spreads the first wave');
  assert.ok(peak(herd, 10_000) <= 0.2, `${peak(herd, 10_000)}`);
});

test('when the broker announces that it goes, no second sees more than a quarter', () => {
  const herd = restart(30_000, true, DEVICES);
  assert.ok(peak(herd, 0) <= 0.25, `${peak(herd, 0)}`);
  assert.ok(herd.lastBackMs <= 120_000, `${herd.lastBackMs}`);
});

test('a broker that takes 50 devices a second has a thousand back in two minutes', () => {
  const herd = restart(2_000, true, 50);
  assert.ok(herd.lastBackMs <= 120_000, `${herd.lastBackMs}`);
  assert.ok(herd.attemptsMax <= 10, `${herd.attemptsMax}`);
});
