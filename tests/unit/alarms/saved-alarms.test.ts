/** Where alarms stand, as bytes: what was written is read, and what is damaged is nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleAlarm } from '../../../firmware/alarms/rule-alarm.ts';
import { readRules } from '../../../firmware/alarms/rule-reader.ts';
import { decodeAlarms, encodeAlarms } from '../../../firmware/alarms/saved-alarms.ts';
import { crc32 } from '../../../firmware/base/crc32.ts';

/** One alarm in each state. */
function alarms(): RuleAlarm[] {
  const { rules } = readRules('a > 1; b > 1; c > 1 latched; d > 1; e < 1');
  const list = rules.map((rule) => new RuleAlarm(rule, { decimals: 1 }, undefined, 0));
  const [, active, cleared, shelved, acknowledged] = list;
  active.judge(2, 1000, 1_795_204_800);
  cleared.judge(2, 1000, 0);
  cleared.judge(0, 2000, 0);
  shelved.shelve(3600, 1000, 1_795_204_800);
  acknowledged.judge(0, 1000, 0);
  acknowledged.acknowledge();
  list.forEach((alarm, i) => {
    alarm.sequence = 0xffff_fff0 + i;
  });
  return list;
}

test('what was written is read, whatever the state', () => {
  const list = alarms();
  const read = decodeAlarms(encodeAlarms(list));
  assert.deepEqual(
    read,
    list.map(({ rule, state, isOn, sinceS, untilS, shelfS, sequence }) => {
      return { name: rule.name, state, isOn, sinceS, untilS, shelfS, sequence };
    }),
  );
  const states = read.map(({ state }) => state);
  assert.deepEqual(states, ['normal', 'active', 'cleared', 'shelved', 'acknowledged']);
});

test('whatever was cut, flipped or written by another version is nothing', () => {
  const bytes = encodeAlarms(alarms());
  for (let end = 0; end < bytes.length; end += 1) {
    assert.deepEqual(decodeAlarms(bytes.slice(0, end)), []);
  }
  for (let i = 0; i < bytes.length * 8; i += 1) {
    const damaged = bytes.slice();
    damaged[i >> 3] ^= 1 << (i & 7);
    assert.deepEqual(decodeAlarms(damaged), [], `bit ${i}`);
  }
});

test('bytes whose sum is right and which hold no alarms are nothing', () => {
  for (const body of [
    [1, 1],
    [1, 1, 200, 65],
    [1, 1, 1, 65, 7],
    [1, 255],
    [2, 0],
  ]) {
    const bytes = new Uint8Array(body.length + 4);
    bytes.set(body);
    new DataView(bytes.buffer).setUint32(body.length, crc32(bytes, 0, body.length));
    assert.deepEqual(decodeAlarms(bytes), [], body.join());
  }
});
