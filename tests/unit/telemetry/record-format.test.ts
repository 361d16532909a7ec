import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_BYTES } from '../../../firmware/base/bytes.ts';
import {
  qualityCode,
  ReadingFormat,
  type StoredReading,
} from '../../../firmware/telemetry/record-format.ts';

const VALUES = Buffer.from('xx"temperature":21.4yy');

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function stored(differences: Partial<StoredReading> = {}): StoredReading {
  const where = { view: viewOf(VALUES), start: 2, end: VALUES.length - 2 };
  return { sequence: 1042, boot: 17, quality: 2, at: 1_795_204_800_999, ...where, ...differences };
}

function text(format: ReadingFormat, reading: StoredReading): string {
  const into = Buffer.alloc(200, 0x2a);
  const end = format.write(into, 5, reading, viewOf(into));
  assert.equal(into.toString('utf8', 0, 5), '*****', 'nothing before its place is touched');
  return into.toString('utf8', 5, end);
}

test('the number of a quality is its place in none, estimated, sync', () => {
  assert.deepEqual([qualityCode('none'), qualityCode('estimated'), qualityCode('sync')], [0, 1, 2]);
});

test('a reading with a time is published in whole seconds, with its quality', () => {
  const format = new ReadingFormat(NO_BYTES, '', 17);
  assert.equal(
    text(format, stored()),
    '{"seq":1042,"boot":17,"ts":1795204800,"tq":"sync","temperature":21.4}',
  );
  assert.match(text(format, stored({ quality: 1 })), /"ts":1795204800,"tq":"estimated"/);
});

test('a reading without a time carries its uptime', () => {
  const format = new ReadingFormat(NO_BYTES, '', 17);
  assert.equal(
    text(format, stored({ quality: 0, at: 5123.7 })),
    '{"seq":1042,"boot":17,"up":5123,"tq":"none","temperature":21.4}',
  );
});

test('a reading of this boot gets its time once that is known, with the quality of the clock', () => {
  const format = new ReadingFormat(NO_BYTES, '', 17);
  format.setTime(1_795_204_800_000, 'estimated');
  const reading = stored({ quality: 0, at: 61_500 });
  assert.match(text(format, reading), /"ts":1795204861,"tq":"estimated"/);
  format.setTime(1_795_204_900_000, 'sync');
  assert.match(text(format, reading), /"ts":1795204961,"tq":"sync"/);
});

test('a reading of an earlier boot is never stamped with the time of this one', () => {
  const format = new ReadingFormat(NO_BYTES, '', 18);
  format.setTime(1_795_204_800_000, 'sync');
  assert.match(text(format, stored({ quality: 0, at: 61_500 })), /"up":61500,"tq":"none"/);
});

test('a reading that has a time keeps it, whatever the clock says later', () => {
  const format = new ReadingFormat(NO_BYTES, '', 17);
  format.setTime(1, 'sync');
  assert.match(text(format, stored()), /"ts":1795204800,"tq":"sync"/);
});

test('a clock that does not know the time takes none away', () => {
  const format = new ReadingFormat(NO_BYTES, '', 17);
  format.setTime(1_795_204_800_000, 'sync');
  format.setTime(0, 'none');
  assert.match(text(format, stored({ quality: 0, at: 0 })), /"ts":1795204800,"tq":"sync"/);
});

test('a reading without room ends beyond the buffer, and nothing is written behind it', () => {
  const format = new ReadingFormat(NO_BYTES, '', 17);
  const whole = text(format, stored()).length;
  for (let room = 0; room < whole; room += 1) {
    const outer = Buffer.alloc(whole + 8, 0x2a);
    const into = outer.subarray(0, room);
    const end = format.write(into, 0, stored(), viewOf(into));
    assert.ok(end > room, `${room} bytes are not enough`);
    assert.ok(outer.subarray(room).every((byte) => byte === 0x2a));
  }
});
