/** What the footprint benchmark calls a regression. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overBudget, readBudgets, refused, table } from './run.ts';

test('a figure that equals its budget or is below it is no regression', () => {
  assert.deepEqual(overBudget({ meter: 600, bytes: 5 }, { meter: 600, bytes: 6 }), []);
});

test('a figure one over its budget is named with both numbers', () => {
  assert.deepEqual(overBudget({ meter: 601 }, { meter: 600 }), [
    'meter: 601, over its budget of 600',
  ]);
});

test('a figure without a budget and a budget without a figure are both named', () => {
  assert.deepEqual(overBudget({ fresh: 1 }, { gone: 1 }), [
    'fresh: 1, and no budget',
    'gone: a budget, and no figure',
  ]);
});

test('a figure over its target becomes a budget only where a reason is given', () => {
  const figures = { 'device 5.0 meter per reading': 12_001, 'client bytecode bytes': 45_000 };
  const line = 'device 5.0 meter per reading: 12001, over its target of 12000';
  assert.deepEqual(refused(figures, ''), [line]);
  assert.deepEqual(refused(figures, '  '), [line]);
  assert.deepEqual(refused(figures, 'a log of two flashes'), []);
  assert.deepEqual(refused({ 'device 5.0 meter per reading': 12_000 }, ''), []);
});

test('no committed budget is over its target', () => {
  assert.deepEqual(refused(readBudgets(), ''), []);
});

test('the table shows a missed target and a changed budget', () => {
  const name = 'client 5.0 meter per publish and PUBACK';
  const text = table({ [name]: 1081 }, { [name]: 1200 });
  assert.match(text, /1081 {2}target 1080, missed {2}\(budget 1200\)/);
});

test('the committed budgets are whole numbers', () => {
  const budgets = Object.values(readBudgets());
  assert.ok(budgets.length > 15);
  for (const budget of budgets) assert.ok(Number.isSafeInteger(budget) && budget >= 0);
});
