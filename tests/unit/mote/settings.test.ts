/** What a board refuses of settings that are right in themselves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from '../../../firmware/base/deadlines.ts';
import { DEFAULTS, type Settings } from '../../../firmware/config/fields.ts';
import { ConfigStore } from '../../../firmware/config/store.ts';
import type { MotePorts } from '../../../firmware/mote/ports.ts';
import { MoteMemory } from '../../../firmware/mote/saved-values.ts';
import { MoteSettings } from '../../../firmware/mote/settings.ts';
import { BoardTimer } from '../../../firmware/mote/timers.ts';
import { BOARDS, pinsOf } from '../../../host-sim/esp32-tools/boards.ts';
import { plainScram } from '../../../host-sim/virtual/digest.ts';
import { VirtualKeyValue } from '../../../host-sim/virtual/key-value.ts';
import { accept, form } from '../config/harness.ts';

function board(scram?: MotePorts['scram']): MoteSettings {
  const values = new VirtualKeyValue();
  const pins = pinsOf(BOARDS[0]);
  const deadlines = new Deadlines(BoardTimer.light + 1);
  const store = new ConfigStore(values);
  return new MoteSettings(store, new MoteMemory(values), { pins, scram }, deadlines);
}

const PROVEN = Object.freeze({ user: 'u', password: 'p', signIn: 'scram' });

test('a firmware that cannot prove passwords refuses to be told so, and keeps how it signs in', () => {
  const base: Settings = { ...DEFAULTS, ...accept({ user: 'old', password: 'o' }) };
  const { settings, problems } = board().parse(form({ ...PROVEN, intervalS: '7' }), base);
  assert.deepEqual(problems, [{ field: 'signIn', code: 'not in this firmware' }]);
  assert.deepEqual(
    [settings.user, settings.password, settings.signIn, settings.intervalS],
    ['old', base.password, 'password', 7],
  );
  const able = board(plainScram({ below: () => 0 })).parse(form(PROVEN), base);
  assert.deepEqual([able.problems, able.settings.signIn], [[], 'scram']);
});

test('what is saved already stops nobody from changing the rest', () => {
  const base = accept(PROVEN);
  const { settings, problems } = board().parse(form({ intervalS: '7' }), base);
  assert.deepEqual([problems, settings.signIn, settings.intervalS], [[], 'scram', 7]);
  assert.equal(board().parse(form({ signIn: 'password' }), base).settings.signIn, 'password');
});
