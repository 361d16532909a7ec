/** The watch of a flash log's wear: what rot made necessary again is no uneven wear. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogWatch } from '../../../host-sim/virtual/world/log-watch.ts';
import { ReadingBook } from '../../../host-sim/virtual/world/reading-book.ts';
import { append, newFlash, OPTIONS } from '../outbox/harness.ts';

const SHAPE = Object.freeze({ blocks: 6, blockBytes: 512 });
const STEPS_MAX = 1000;

/** A log of three blocks for readings, each of which is delivered at once. */
function watchedLog() {
  const flash = newFlash(SHAPE);
  const worn: string[] = [];
  const book = new ReadingBook(() => {});
  const log = new LogWatch(flash, book, OPTIONS, newFlash(SHAPE), (rule, text) => {
    if (rule === 'wear') worn.push(text);
  });
  let outbox = log.mount();
  const remount = () => {
    outbox = log.mount();
  };
  const deliver = () => {
    append(outbox, 5);
    while (outbox.next()) outbox.settle(outbox.record.sequence, true);
  };
  const flush = () => outbox.flush();
  return { flash, log, worn, remount, deliver, flush };
}

/** As above, where block 1 was opened for a state alone, and block 2 erased, in a later round. */
function justOpened() {
  const world = watchedLog();
  const { flash, deliver, flush } = world;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    deliver();
    const { erases } = flash;
    const [, , before] = flash.erasesOf;
    flush();
    if (flash.erases > erases && flash.erasesOf[2] > before && before > 1) return world;
  }
  return assert.fail('no state has opened block 1');
}

test('a header of which one copy rots before a record follows costs two erases, and no finding', () => {
  const { flash, log, worn, remount, deliver } = justOpened();
  log.checkWear();
  const before = Array.from(flash.erasesOf);
  flash.rot(SHAPE.blockBytes + 3, 4);
  log.isRotten = true;
  remount();
  while (flash.erasesOf[2] === before[2]) deliver();
  assert.deepEqual(
    Array.from(flash.erasesOf, (erases, block) => erases - before[block]),
    [0, 1, 1, 0, 0, 0],
  );
  log.checkWear();
  for (let round = 0; round < 4; round += 1) {
    while (flash.erasesOf[0] === before[0] + round) deliver();
    log.checkWear();
  }
  assert.deepEqual(worn, []);
});

test('blocks that are erased unevenly without a cause are seen', () => {
  const { flash, log, worn, remount } = justOpened();
  remount();
  log.checkWear();
  assert.deepEqual(worn, []);
  flash.erase(1);
  log.checkWear();
  assert.equal(worn.length, 1);
});
