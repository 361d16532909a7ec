import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ticks } from '../../../firmware/time/ticks.ts';

test('a counter of 32 bits that wraps gives a clock that goes on', () => {
  let counter = 0xffff_fff0;
  const ticks = new Ticks(() => counter);
  assert.equal(ticks.now(), 0xffff_fff0);
  counter = 0x10;
  assert.equal(ticks.now(), 0x1_0000_0010);
  counter = 0x20;
  assert.equal(ticks.now(), 0x1_0000_0020);
});

test('a counter that the platform gives with a sign is taken without it', () => {
  let counter = 0x7fff_ffff;
  const ticks = new Ticks(() => counter | 0);
  const before = ticks.now();
  counter = 0x8000_0001;
  assert.equal(ticks.now() - before, 2);
});
