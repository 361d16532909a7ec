import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRecordHeader, isKnown } from '../../../firmware/outbox/record.ts';

test('readings and alarms with a time of three qualities are known, and nothing else', () => {
  for (let type = 0; type <= 4; type++) {
    for (let quality = 0; quality <= 4; quality++) {
      const header = { ...emptyRecordHeader(), type, quality };
      // FORMAT.md: 0 a reading, 1 an alarm; 0 no time, 1 estimated, 2 synchronised.
      assert.equal(isKnown(header), type <= 1 && quality <= 2, `${type} ${quality}`);
    }
  }
});
