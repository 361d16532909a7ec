/** A client certificate is told of in the diagnostics, and to Home Assistant, before it expires. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimeQuality } from '../../../firmware/ports.ts';
import { textOf, type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const NONE = Number.POSITIVE_INFINITY;

function board(certificateEndsAt: number, quality: TimeQuality = 'sync'): VirtualDevice {
  const config = { certificateEndsAt, discovery: 'on' } as const;
  return virtualDevice({ config, clock: { epochMs: NOW, quality } })
    .online()
    .runFor(2000);
}

/** State and days in the first diagnostics message. */
function told(endsAt: number, quality?: TimeQuality): unknown[] {
  const report = board(endsAt, quality).diagnostics()[0];
  return 'certificate' in report || 'certificate_days' in report
    ? [report.certificate, report.certificate_days]
    : [];
}

for (const [days, expected] of [
  [31, []],
  [30.1, []],
  [29.5, ['expires soon', 29]],
  [0.5, ['expires soon', 0]],
  [-0.5, ['expired', -1]],
  [-400.5, ['expired', -401]],
] as const) {
  test(`${days} days before a client certificate expires, diagnostics say: ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(told(NOW + days * DAY_MS), expected);
  });
}

test('nothing is said of a client certificate while the time is not known, and without one', () => {
  assert.deepEqual(told(NOW - DAY_MS, 'none'), []);
  assert.deepEqual(told(NONE), []);
  assert.deepEqual(told(NOW + 9.5 * DAY_MS, 'estimated'), ['expires soon', 9]);
});

test('Home Assistant has a sensor for the client certificate where there is one', () => {
  const components = (endsAt: number) => {
    const { published } = board(endsAt).broker.books;
    const message = published.find(({ topic }) => topic.endsWith('mote-1_diagnostics/config'));
    return JSON.parse(textOf(message!.payload)).cmps;
  };
  assert.deepEqual(components(NOW + 400 * DAY_MS).certificate, {
    p: 'sensor',
    uniq_id: 'mote-1_certificate',
    name: 'Client certificate',
    val_tpl: "{{value_json.certificate|default('None')}}",
    ent_cat: 'diagnostic',
  });
  assert.equal(components(NONE).certificate, undefined);
});
