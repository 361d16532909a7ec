import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FlashProblem, LiveFlash } from '../../../host-sim/live/flash.ts';
import { LiveKeyValue } from '../../../host-sim/live/key-value.ts';
import { State } from '../../../host-sim/live/state.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mote-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const word = (value: number) => new Uint8Array(4).fill(value);

function bytesAt(flash: LiveFlash, offset: number, length: number): number[] {
  const into = new Uint8Array(length + 2);
  flash.read(offset, into, 1, 1 + length);
  return [...into.subarray(1, 1 + length)];
}

test('a new partition is erased, and what was written is there when it is opened again', (t) => {
  const path = join(folderFor(t), 'flash');
  const flash = new LiveFlash(path);
  assert.deepEqual(bytesAt(flash, 0, 4), [255, 255, 255, 255]);
  flash.write(4096, word(7), 0, 4);
  flash.close();
  const again = new LiveFlash(path);
  assert.deepEqual(bytesAt(again, 4092, 12), [255, 255, 255, 255, 7, 7, 7, 7, 255, 255, 255, 255]);
  again.close();
});

test('a word is written once per erase, and only where it is aligned', (t) => {
  const flash = new LiveFlash(join(folderFor(t), 'flash'));
  t.after(() => flash.close());
  flash.write(8, word(1), 0, 4);
  assert.throws(() => flash.write(8, word(1), 0, 4), /written twice/);
  assert.throws(() => flash.write(14, word(1), 0, 4), /not aligned/);
  assert.throws(() => flash.write(16, word(1), 0, 3), /not aligned/);
  flash.erase(0);
  flash.write(8, word(2), 0, 4);
  assert.deepEqual(bytesAt(flash, 8, 4), [2, 2, 2, 2]);
});

test('a file of another size is refused and left as it is', (t) => {
  const path = join(folderFor(t), 'flash');
  writeFileSync(path, 'somebody else wrote this');
  assert.throws(() => new LiveFlash(path), FlashProblem);
});

test('a value is there after it was set, replaced by the next, and gone after it was removed', (t) => {
  const values = new LiveKeyValue(folderFor(t));
  assert.equal(values.get('boot'), undefined);
  values.set('boot', word(1));
  values.set('boot', word(2));
  assert.deepEqual(values.get('boot'), word(2));
  values.remove('boot');
  values.remove('boot');
  assert.equal(values.get('boot'), undefined);
  assert.throws(() => values.set('../escape', word(1)), RangeError);
});

test('boots are counted over runs, each board for itself', (t) => {
  const folder = folderFor(t);
  const first = new State(folder);
  first.board('a').values.set('boot', new Uint8Array([1, 2]));
  assert.equal(first.board('b').values.get('boot'), undefined);
  first.close();
  const second = new State(folder);
  assert.deepEqual(second.board('a').values.get('boot'), new Uint8Array([1, 2]));
  second.close();
});

test('a temporary state is removed when it is closed, and a named one is kept', (t) => {
  const temporary = new State(undefined);
  temporary.board('a');
  temporary.close();
  assert.equal(existsSync(temporary.folder), false);
  const folder = folderFor(t);
  const named = new State(folder);
  named.board('a');
  named.close();
  assert.equal(existsSync(join(folder, 'a', 'outbox.flash')), true);
});

test('a folder that cannot be made is refused with its reason', (t) => {
  const file = join(folderFor(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => new State(join(file, 'below')), /cannot be used \(ENOTDIR\)/);
  assert.throws(() => new State(file), /cannot be used \(ENOTDIR\)/);
  assert.throws(() => new State('/proc/nowhere'), /cannot be used \(E\w+\)/);
});

test('a folder that a living process uses is refused, and a dead one leaves it free', async (t) => {
  const folder = folderFor(t);
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  writeFileSync(join(folder, 'lock'), `${other.pid}\n`);
  assert.throws(() => new State(folder), new RegExp(`in use by process ${other.pid}`));
  other.kill('SIGKILL');
  await once(other, 'exit');
  new State(folder).close();
});
