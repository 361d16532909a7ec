/** What a broker allows, as its CONNACK says it, and where it says nothing (5.0 section 3.2.2.3). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONNACK } from '../../../../firmware/mqtt/codec/constants.ts';
import { Properties } from '../../../../firmware/mqtt/codec/properties.ts';
import { Limits } from '../../../../firmware/mqtt/session/limits.ts';

/** Nothing is said: the standard's defaults, and what CONNECT asked for. */
const SILENT = {
  receiveMaximum: 65_535,
  maximumQos: 2,
  retainAvailable: true,
  maximumPacketSize: 2 ** 32 - 1,
  topicAliasMaximum: 0,
  wildcardSubscriptions: true,
  subscriptionIds: true,
  sharedSubscriptions: true,
  sessionExpiryS: 7,
  keepAliveS: 9,
  responseInformation: '',
};

function taken(...section: readonly number[]): Record<string, unknown> {
  const properties = new Properties();
  const bytes = Uint8Array.of(section.length, ...section);
  properties.parse(CONNACK, bytes, 0, bytes.length);
  const limits = new Limits();
  limits.take(properties, 9, 7);
  return { ...limits };
}

test('before a broker has spoken nothing is forbidden, and nothing is in force', () => {
  assert.deepEqual({ ...new Limits() }, { ...SILENT, sessionExpiryS: 0, keepAliveS: 0 });
});

test('what CONNACK leaves out is as the standard has it, or as CONNECT asked for', () => {
  assert.deepEqual(taken(), SILENT);
});

test('each limit is taken by itself', () => {
  const cases: readonly [readonly number[], Partial<typeof SILENT>][] = [
    [[33, 1, 2], { receiveMaximum: 258 }],
    [[36, 0], { maximumQos: 0 }],
    [[36, 1], { maximumQos: 1 }],
    [[37, 0], { retainAvailable: false }],
    [[37, 1], {}],
    [[39, 0, 1, 0, 2], { maximumPacketSize: 65_538 }],
    [[34, 0, 5], { topicAliasMaximum: 5 }],
    [[40, 0], { wildcardSubscriptions: false }],
    [[40, 1], {}],
    [[41, 0], { subscriptionIds: false }],
    [[41, 1], {}],
    [[42, 0], { sharedSubscriptions: false }],
    [[42, 1], {}],
    [[17, 0, 0, 1, 1], { sessionExpiryS: 257 }],
    [[19, 0, 30], { keepAliveS: 30 }],
    [[26, 0, 2, 0x72, 0x2f], { responseInformation: 'r/' }],
  ];
  for (const [section, change] of cases) {
    assert.deepEqual(taken(...section), { ...SILENT, ...change }, `${section}`);
  }
});
