/** Which sources are changed, and which tests a mutant of them meets first. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Order } from './order.ts';
import { sourcesOf } from './test-files.ts';
import type { Coverage } from './worker.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function file(script: string, ...ms: readonly number[]): Coverage {
  const tests = ms.map((each, at) => ({ at, ms: each, ids: [1], asked: 5 }));
  return { script, fault: '', tests, ids: [], evaluationMs: 1 };
}

const names = (list: readonly { script: string; at: number }[]) =>
  list.map(({ script, at }) => `${script} ${at}`);

test('the sources of a folder are those of the folders in it, too', () => {
  const sources = sourcesOf(root, 'mqtt');
  for (const name of ['mailbox', 'codec/packet', 'session/session', 'scram/scram']) {
    assert.ok(sources.includes(`firmware/mqtt/${name}.ts`), name);
  }
});

test('cheap tests come before dear ones, and the source’s own before others that cost as much', () => {
  const order = new Order('ring');
  const all = [file('+log.test.ts', 20, 2), file('+ring.test.ts', 20)];
  assert.deepEqual(names(order.coveringOf(1, all, 1000)), [
    '+log.test.ts 1',
    '+ring.test.ts 0',
    '+log.test.ts 0',
  ]);
  assert.deepEqual(order.coveringOf(2, all, 1000), [], 'no test comes to that one');
});

test('a test that noticed comes first for the next mutant, and those that did not come later', () => {
  const order = new Order('ring');
  const all = [file('+log.test.ts', 5, 5, 5)];
  const covering = order.coveringOf(1, all, 1000);
  order.learn(covering, { ...covering[2], name: '' });
  assert.equal(order.coveringOf(1, all, 1000)[0].at, covering[2].at);
});

test('no more is asked than the time allows', () => {
  const order = new Order('ring');
  const all = [file('+log.test.ts', 30, 40, 50)];
  assert.equal(order.coveringOf(1, all, 75).length, 2);
  assert.equal(order.coveringOf(1, all, 1).length, 0);
});
