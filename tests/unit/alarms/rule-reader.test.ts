/** Rules for alarms in words: what they say, and what is answered where they say nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRules } from '../../../firmware/alarms/rule-reader.ts';

/** The one rule of a text. */
function ruleOf(text: string) {
  const { rules, problem } = readRules(text);
  assert.equal(problem, undefined, `${text}: ${JSON.stringify(problem)}`);
  assert.equal(rules.length, 1);
  return rules[0];
}

test('a limit has a hysteresis, an on-delay, an off-delay and a latch, in any order', () => {
  const all = 'temperature > 30 latched clear for 5min hysteresis 0.5 for 60s';
  assert.deepEqual(ruleOf(all), {
    name: 'temperature_high',
    quantity: 'temperature',
    kind: 'high',
    limit: 30,
    hysteresis: 0.5,
    forMs: 60_000,
    clearMs: 300_000,
    isLatched: true,
  });
  const { name, limit, hysteresis, forMs, isLatched } = ruleOf('humidity < -20,5');
  assert.deepEqual([name, limit, forMs, isLatched], ['humidity_low', -20.5, 0, false]);
  assert.ok(Number.isNaN(hysteresis));
});

test('a rate is per minute, a silence in seconds, a stuck value in samples', () => {
  const rate = ruleOf('temperature changes > 2/min hysteresis 1 for 1h');
  assert.deepEqual([rate.name, rate.limit, rate.hysteresis], ['temperature_rate', 2, 1]);
  const silent = ruleOf('co2 silent for 300s latched');
  assert.deepEqual([silent.name, silent.limit, silent.isLatched], ['co2_silent', 300, true]);
  const stuck = ruleOf('pressure stuck for 50 samples');
  assert.deepEqual([stuck.name, stuck.limit], ['pressure_stuck', 50]);
});

test('an unusual value is told to be over an hour after the last one, unless a rule says otherwise', () => {
  assert.equal(ruleOf('temperature unusual').clearMs, 3_600_000);
  assert.equal(ruleOf('temperature unusual clear for 2h').clearMs, 7_200_000);
});

test('spaces, capitals and a semicolon at the end change nothing', () => {
  const plain = readRules('temperature > 30 for 60s; humidity < 20; temperature changes > 2/min');
  const odd = readRules(' Temperature>30 FOR 60 s ;humidity<20;temperature changes >2 / min; ');
  assert.equal(plain.rules.length, 3);
  assert.deepEqual(odd, plain);
  assert.deepEqual(readRules(''), { rules: [], problem: undefined });
  assert.deepEqual(readRules(' ; '), { rules: [], problem: undefined });
});

test('a second alarm of one name is told from the first', () => {
  const { rules } = readRules('temperature > 30; temperature > 40; temperature_2 > 30');
  const names = rules.map(({ name }) => name);
  assert.deepEqual(names, ['temperature_high', 'temperature_high_2', 'temperature_2_high']);
});

test('what is wrong is named: the number of the rule, the word, and what could stand there', () => {
  for (const [text, rule, word, known] of [
    ['temperature', 1, '', '>, <, changes, silent, stuck, unusual'],
    ['temperature = 30', 1, '=', '>, <, changes, silent, stuck, unusual'],
    ['temperature >', 1, '', 'N'],
    ['temperature > warm', 1, 'warm', 'N'],
    ['temperature > 1e9', 1, '1e9', 'N'],
    ['humidity < 20; temperature changes 2/min', 2, '2/min', '>'],
    ['temperature changes > 2', 1, '2', 'N/min'],
    ['temperature > 30 hysteresis -1', 1, '-1', 'N'],
    ['temperature > 30 hysterese 1', 1, 'hysterese', 'hysteresis, for, clear, latched, ;'],
    ['temperature > 30 for 60', 1, '60', 'Ns, Nmin, Nh'],
    ['temperature > 30 for 0s', 1, '0s', 'Ns, Nmin, Nh'],
    ['temperature > 30 for 25h', 1, '25h', 'Ns, Nmin, Nh'],
    ['temperature > 30 clear 60s', 1, '60s', 'for'],
    ['temperature silent 300s', 1, '300s', 'for'],
    ['temperature silent for 300s for 5s', 1, 'for', 'latched, ;'],
    ['pressure stuck for 2 samples', 1, '2', '3-10000 samples'],
    ['pressure stuck for 50 times', 1, 'times', '3-10000 samples'],
    ['temperature unusual hysteresis 3', 1, 'hysteresis', 'clear, latched, ;'],
    ['30 < temperature', 1, '30', 'temperature, humidity, pressure, …'],
    [`${'temperature > 1;'.repeat(8)}humidity < 1`, 9, 'humidity', '1-8'],
    [`${'x'.repeat(60)} > 1`, 1, 'x'.repeat(24), 'temperature, humidity, pressure, …'],
  ] as const) {
    assert.deepEqual(readRules(text), { rules: [], problem: { rule, word, known } }, text);
  }
});

test('a text of any length and of any letters is answered, in bounded words', () => {
  for (const text of [
    '>'.repeat(5000),
    ';'.repeat(5000),
    '\u{1f525} > 3',
    'a > 1 \0',
    '/'.repeat(999),
  ]) {
    const { rules, problem } = readRules(text);
    assert.ok(rules.length <= 8);
    assert.ok((problem?.word.length ?? 0) <= 24);
    assert.ok((problem?.known.length ?? 0) <= 48);
  }
});
