/** What a simulated board says of its memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticsWriter } from '../../../firmware/telemetry/diagnostics.ts';
import { LiveMemory } from '../../../host-sim/live/memory.ts';

test('the heap of the host is not told as that of the board', () => {
  const memory = new LiveMemory();
  const bytes = new Uint8Array(640);
  const writer = new DiagnosticsWriter(bytes);
  const report = {
    ...{ firmwareVersion: '1', boots: 1, resetReason: 'power on', uptimeMs: 0, reconnects: 0 },
    ...{ takeovers: 0, outboxDepth: 0, dropped: 0, refused: 0, missedSamples: 0 },
    ...{ timeQuality: 'sync', freeBytes: memory.freeBytes(), freeBytesMin: memory.freeBytesMin() },
  };
  const length = writer.write(report, [], 0, 640);
  const told = JSON.parse(Buffer.from(bytes.subarray(0, length)).toString());
  assert.equal(
    Object.keys(told).some((key) => key.startsWith('heap')),
    false,
  );
  assert.equal(told.boots, 1);
});
