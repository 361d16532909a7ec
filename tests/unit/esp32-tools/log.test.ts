/** The board's log, with the engine's `trace` taken down. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BoardLog } from '../../../firmware/esp32/log.ts';

const printed: string[] = [];
const global = globalThis as { trace?: (text: string) => void };
global.trace = (text) => printed.push(text);
after(() => delete global.trace);

test('a line of the log is printed once, with all its signs', () => {
  new BoardLog().line('humidity 50 %, 中文');
  assert.deepEqual(printed, ['humidity 50 %, 中文\n']);
});
