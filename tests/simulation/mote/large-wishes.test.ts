/** Settings from afar that no message of the board's size can hold: refused by name, in both versions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SetUpBoard } from '../../support/set-up-board.ts';
import { BASE, until, working } from './whole-board.ts';

function want(board: SetUpBoard, path: string, text: string): void {
  const payload = new Uint8Array(Buffer.from(text));
  board.broker.publish({ topic: `${BASE}/desired${path}`, payload, qos: 1, retain: true });
}

interface Report {
  readonly v: number;
  readonly state: string;
  readonly problems: Record<string, string>;
  readonly settings: Record<string, unknown>;
}

function reported(board: SetUpBoard): Report {
  return JSON.parse(Buffer.from(board.broker.retained(`${BASE}/reported`) ?? []).toString());
}

/** A document of so many bytes. */
function documentOf(bytes: number): string {
  const head = '{"v":3,"intervalS":30,"label":"';
  return `${head}${'x'.repeat(bytes - head.length - 2)}"}`;
}

const TOO_LARGE = 'too large for one message';

for (const version of ['5', '3.1.1']) {
  test(`in ${version} a document over the board's 1,000 bytes is refused as too large, and readings go on`, () => {
    const board = working({ version });
    const ends = board.ends.length;
    for (const bytes of [1001, 20_000]) {
      want(board, '', documentOf(bytes));
      board.queue.runFor(10_000);
      const { v, state, problems, settings } = reported(board);
      assert.deepEqual([v, state, problems], [0, 'refused', { document: TOO_LARGE }]);
      assert.equal(settings.intervalS, 60);
    }
    want(board, '', '{"v":4,"intervalS":30}');
    until(board, () => reported(board).settings.intervalS === 30);
    assert.deepEqual(reported(board).problems, {});
    assert.equal(board.ends.length, ends, 'no connection ended');
  });

  test(`in ${version} values and pieces over it are named by their setting, and others apply`, () => {
    const board = working({ version });
    want(board, '/key/1/2', 'x'.repeat(900));
    want(board, '/key/2/2', 'x'.repeat(1100));
    want(board, '/alarms', 'x'.repeat(3000));
    want(board, '/intervalS', '20');
    board.queue.runFor(10_000);
    const { state, problems, settings } = reported(board);
    assert.deepEqual([state, problems], ['applied', { key: TOO_LARGE, alarms: TOO_LARGE }]);
    assert.equal(settings.intervalS, 20);
  });
}

test("a command that is too large is nobody's setting", () => {
  const board = working();
  const payload = new Uint8Array(2000);
  board.broker.publish({ topic: `${BASE}/command/sample`, payload, qos: 1 });
  board.queue.runFor(10_000);
  assert.deepEqual(reported(board).problems, {});
});
