/** One rule over samples: its dead band, its delays, its states, and what a restart leaves of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleAlarm } from '../../../firmware/alarms/rule-alarm.ts';
import { readRules } from '../../../firmware/alarms/rule-reader.ts';
import { Unusual } from '../../../firmware/alarms/unusual/unusual.ts';

const QUANTITY = Object.freeze({ name: 'temperature', unit: '°C', decimals: 2 });
const STEP_MS = 10_000;
/** A summer's day. */
const WALL_S = 1_795_204_800;

/** An alarm that takes a sample each ten seconds, and writes its states down. */
class Bench {
  readonly alarm: RuleAlarm;
  readonly states: string[] = [];
  at: number;

  constructor(text: string, at = 0, detector?: Unusual) {
    this.at = at;
    this.alarm = new RuleAlarm(readRules(`temperature ${text}`).rules[0], QUANTITY, detector, at);
  }

  get wallS(): number {
    return WALL_S + this.at / 1000;
  }

  feed(...values: number[]): this {
    for (const value of values) {
      this.at += STEP_MS;
      if (this.alarm.judge(value, this.at, this.wallS)) this.states.push(this.alarm.state);
    }
    return this;
  }

  many(value: number, count: number): this {
    for (let i = 0; i < count; i += 1) this.feed(value);
    return this;
  }

  /** The board restarts: what is kept goes on in another one. */
  restart(): Bench {
    const { rule, state, isOn, sinceS, untilS, shelfS } = this.alarm;
    const after = new Bench('> 0', 500);
    const next = Object.assign(after, { alarm: new RuleAlarm(rule, QUANTITY, undefined, 500) });
    next.alarm.restore({ name: rule.name, state, isOn, sinceS, untilS, shelfS, sequence: 7 }, 500);
    return next;
  }
}

test('an alarm is raised over its limit, and over only beyond the dead band', () => {
  const bench = new Bench('> 30 hysteresis 0.5').feed(29, 30, 30.1, 30, 29.6, 29.51);
  assert.deepEqual(bench.states, ['active']);
  assert.equal(bench.alarm.sinceS, WALL_S + 30);
  assert.deepEqual(bench.feed(29.5).states, ['active', 'normal']);
  const low = new Bench('< 5 hysteresis 1').feed(5, 4.9, 5.9, 6);
  assert.deepEqual(low.states, ['active', 'normal']);
});

test('without a word about it the dead band is twice the last decimal that is published', () => {
  const bench = new Bench('> 30').feed(30.01, 29.985);
  assert.deepEqual(bench.states, ['active']);
  assert.deepEqual(bench.feed(29.979).states, ['active', 'normal']);
});

test('an on-delay needs the rule to hold all the time, and an off-delay the end of it', () => {
  const bench = new Bench('> 30 for 60s clear for 30s').many(31, 6).feed(29).many(31, 6);
  assert.deepEqual(bench.states, []);
  assert.deepEqual(bench.feed(31).states, ['active']);
  assert.equal(bench.alarm.sinceS, WALL_S + 80, 'since the first sample of it');
  bench.feed(29, 29, 31, 29, 29, 29);
  assert.deepEqual(bench.states, ['active']);
  assert.deepEqual(bench.feed(29).states, ['active', 'normal']);
});

test('a sample without a value neither raises nor ends an alarm, and breaks no delay', () => {
  const bench = new Bench('> 30 for 30s').feed(31, Number.NaN, Number.NaN, Number.NaN);
  assert.deepEqual(bench.states, []);
  assert.deepEqual(bench.feed(31).states, ['active']);
  assert.deepEqual(bench.many(Number.NaN, 100).states, ['active']);
});

test('a latched alarm stays until somebody has seen it, also when it is over', () => {
  const bench = new Bench('> 30 latched').feed(31, 20);
  assert.deepEqual(bench.states, ['active', 'cleared']);
  assert.deepEqual(bench.feed(31, 20).states, ['active', 'cleared', 'active', 'cleared']);
  assert.ok(bench.alarm.acknowledge());
  assert.equal(bench.alarm.state, 'normal');
  assert.ok(!bench.alarm.acknowledge());
});

test('an alarm that was seen while it lasted is over without another word', () => {
  const bench = new Bench('> 30 latched').feed(31);
  assert.ok(bench.alarm.acknowledge());
  assert.equal(bench.alarm.state, 'acknowledged');
  assert.deepEqual(bench.feed(32, 20).states, ['active', 'normal']);
});

test('a shelf silences an alarm for its time, and what holds then is told', () => {
  const bench = new Bench('> 30').feed(31);
  bench.alarm.shelve(60, bench.at, bench.wallS);
  assert.equal(bench.alarm.state, 'shelved');
  assert.equal(bench.alarm.untilS, bench.wallS + 60);
  assert.ok(!bench.alarm.acknowledge());
  bench.feed(20, 31, 20, 31, 31);
  assert.deepEqual(bench.states, ['active']);
  assert.deepEqual(bench.feed(31).states, ['active', 'active']);
  bench.alarm.shelve(30, bench.at, bench.wallS);
  assert.deepEqual(bench.feed(20, 20, 20).states, ['active', 'active', 'normal']);
  assert.equal(bench.alarm.untilS, 0);
});

test('a rate is the slope of a line through the last samples, not the step of two', () => {
  const noisy = new Bench('changes > 2/min');
  for (let i = 0; i < 50; i += 1) noisy.feed(20 + 0.3 * (i % 2));
  assert.deepEqual(noisy.states, []);
  const rising = new Bench('changes > 2/min');
  for (let i = 0; i < 20; i += 1) rising.feed(20 - i * 0.4);
  assert.deepEqual(rising.states, ['active']);
  assert.ok(Math.abs(rising.alarm.value + 2.4) < 1e-9);
  assert.deepEqual(rising.many(12, 12).states, ['active', 'normal']);
});

test('a silence is as long as it is said, and over with the first value', () => {
  const bench = new Bench('silent for 60s').feed(20).many(Number.NaN, 5);
  assert.deepEqual(bench.states, []);
  assert.deepEqual(bench.feed(Number.NaN).states, ['active']);
  assert.deepEqual(bench.feed(20).states, ['active', 'normal']);
});

test('a value that is exactly the same so many times is stuck', () => {
  const bench = new Bench('stuck for 5 samples').feed(20, 20.01, 20, 20, 20, 20);
  assert.deepEqual(bench.states, []);
  assert.deepEqual(bench.feed(20, 20).states, ['active']);
  assert.deepEqual(bench.feed(20.01).states, ['active', 'normal']);
});

test('what the detector announces is one alarm, which is over an hour later', () => {
  const detector = new Unusual();
  const bench = new Bench('unusual', 0, detector);
  for (let i = 0; i < 4 * 8640; i += 1) bench.feed(20 + Math.sin(i / 1375) + 0.05 * (i % 3));
  assert.ok(!detector.isLearning);
  assert.deepEqual(bench.states, []);
  bench.many(35, 60);
  assert.deepEqual(bench.states, ['active']);
  for (let i = 0; i < 400; i += 1) bench.feed(20 + 0.05 * (i % 3));
  assert.deepEqual(bench.states, ['active', 'normal']);
});

test('an alarm that was raised six times without a rest takes its time to be over', () => {
  const bench = new Bench('> 30');
  for (let i = 0; i < 3600; i += 1) bench.feed(i % 2 === 0 ? 31 : 20);
  const raises = bench.states.filter((state) => state === 'active').length;
  // Six at once, then one each ten minutes, over ten hours.
  assert.ok(raises >= 60 && raises <= 67, `${raises}`);
});

test('a restart forgets no alarm, and raises none a second time', () => {
  for (const [text, value] of [
    ['> 30', 31],
    ['> 30 hysteresis 2', 29],
    ['changes > 2/min', 20],
    ['silent for 60s', Number.NaN],
    ['stuck for 5 samples', 20],
  ] as const) {
    const bench = new Bench(text);
    if (text.startsWith('>')) bench.feed(31);
    else if (text.startsWith('c')) bench.feed(20, 30, 40);
    else bench.feed(20).many(text.startsWith('st') ? 20 : Number.NaN, 9);
    assert.deepEqual(bench.states, ['active'], text);
    const after = bench.restart();
    assert.equal(after.alarm.state, 'active', text);
    assert.equal(after.alarm.sinceS, bench.alarm.sinceS, text);
    assert.deepEqual(after.feed(value, value).states, [], text);
  }
});

test('each state is the same after a restart', () => {
  const seen = new Bench('> 30 latched').feed(31);
  seen.alarm.acknowledge();
  assert.deepEqual(seen.restart().feed(31, 20).states, ['normal']);
  const cleared = new Bench('> 30 latched').feed(31, 20).restart().feed(20);
  assert.equal(cleared.alarm.state, 'cleared');
  assert.ok(cleared.alarm.acknowledge());
});

test('a shelf outlives a restart: by the time where that is known, else for as long as at first', () => {
  const shelved = new Bench('> 30').feed(31);
  shelved.alarm.shelve(60, shelved.at, shelved.wallS);
  const kept = shelved.restart();
  assert.deepEqual(kept.feed(31, 31, 31, 31).states, []);
  kept.at = 71_000;
  assert.deepEqual(kept.feed(31).states, ['active']);
  const timeless = shelved.restart().alarm;
  assert.ok(!timeless.judge(31, 50_000, 0));
  assert.ok(timeless.judge(31, 60_500, 0));
});

test('when an alarm began is told once the time is known', () => {
  const { alarm } = new Bench('> 30');
  alarm.judge(31, 20_000, 0);
  assert.equal(alarm.sinceS, 0);
  alarm.judge(31, 30_000, WALL_S);
  assert.equal(alarm.sinceS, WALL_S - 10);
});
