/** Standard output for readers that are slow or go away. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Output } from '../../../host-sim/view/output.ts';

/** A stream that takes one chunk and then waits for `release`. */
function slow() {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  let released = false;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      taken.push(chunk);
      if (released) done();
      else waiting.push(done);
    },
  });
  const release = (): void => {
    released = true;
    for (const done of waiting.splice(0)) done();
  };
  return { stream, taken, release };
}

test('a slow reader bounds what waits, and what is left out is counted', async () => {
  const { stream, taken, release } = slow();
  const output = new Output(stream, () => {});
  const line = 'x'.repeat(100_000);
  for (let index = 0; index < 100; index += 1) output.write(line);
  assert.ok(output.leftOut > 50, `${output.leftOut} left out`);
  assert.ok(stream.writableLength < 5_000_000);
  const drained = output.drained();
  release();
  await drained;
  output.write('the last');
  assert.equal(taken.at(-1), 'the last\n');
  assert.equal(taken.filter((text) => text.length > 0).length, 101 - output.leftOut);
});

test('drained waits even for a little, and not at all when nothing waits', async () => {
  const { stream, release } = slow();
  const output = new Output(stream, () => {});
  await output.drained();
  output.write('one');
  let isDrained = false;
  const drained = output.drained().then(() => {
    isDrained = true;
  });
  await Promise.resolve();
  assert.equal(isDrained, false);
  release();
  await drained;
});

test('a reader that goes away is told once, and writing goes on without effect', async () => {
  const gone = Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
  let told = 0;
  const output = new Output(stream, () => {
    told += 1;
  });
  output.write('one');
  await new Promise((resolve) => stream.once('close', resolve));
  output.write('two');
  await output.drained();
  assert.equal(told, 1);
});
