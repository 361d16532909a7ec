import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type EndCause,
  FAILURES,
  type Failure,
  failureOfCause,
  failureOfCode,
  failureOfWiFi,
  isTlsCause,
  refusesVersion,
  type WiFiCause,
} from '../../../firmware/link/failures.ts';
import type { CloseReason, JoinFailure } from '../../../firmware/ports.ts';

const CLOSES: CloseReason[] = [
  'closed by peer',
  'reset',
  'refused',
  'unreachable',
  'timed out',
  'certificate not trusted',
  'certificate name mismatch',
  'certificate expired',
  'certificate has no names',
  'certificate not for servers',
  'certificate not understood',
  'certificate algorithm',
  'certificate malformed',
  'clock not set',
  'tls failed',
  'websocket refused',
  'not websocket',
  'websocket broken',
  'network lost',
  'local error',
];
const JOINS: JoinFailure[] = ['password refused', 'not found', 'no address', 'lost', 'timed out'];
/** MQTT 5.0, table 2-6: what a server can send in CONNACK or DISCONNECT, but success. */
const REASONS = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c]
  .concat([0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c])
  .concat([0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2]);

function assertPlain(failure: Failure): void {
  assert.match(failure.name, /^[a-z][a-z0-9 -]{3,39}$/);
  assert.match(failure.words, /^[\x20-\x7e]{15,99}$/);
  assert.ok(!failure.words.endsWith('.'));
}

test('every reason of the ports is a cause that the link knows, with the same name', () => {
  const causes: EndCause[] = CLOSES;
  const wifi: WiFiCause[] = JOINS;
  for (const cause of causes) assert.equal(failureOfCause(cause).name, cause);
  for (const cause of wifi) assert.equal(failureOfWiFi(cause).name, `wifi ${cause}`);
});

test('every cause and code has a name and plain words on one line', () => {
  for (const cause of CLOSES) assertPlain(failureOfCause(cause));
  for (const cause of JOINS) assertPlain(failureOfWiFi(cause));
  for (let code = 1; code <= 5; code += 1) assertPlain(failureOfCode(code, 4));
  for (const code of REASONS) assertPlain(failureOfCode(code, 5));
  for (const failure of Object.values(FAILURES)) {
    if (failure !== FAILURES.none) assertPlain(failure);
  }
});

test('every code of the standard has words of its own, and no other code has', () => {
  for (let code = 1; code < 256; code += 1) {
    const isUnknown = failureOfCode(code, 5).name === 'unknown reason';
    assert.equal(isUnknown, !REASONS.includes(code), `5.0: ${code}`);
    assert.equal(failureOfCode(code, 4).name === 'unknown reason', code > 5, `3.1.1: ${code}`);
  }
});

test('the same refusal has the same name in both versions', () => {
  const pairs = [
    [1, 0x84],
    [2, 0x85],
    [3, 0x88],
    [4, 0x86],
    [5, 0x87],
  ];
  for (const [old, code] of pairs) assert.equal(failureOfCode(old, 4), failureOfCode(code, 5));
});

test('bad credentials, no authority, a refused client id and a ban look final', () => {
  for (const code of [0x85, 0x86, 0x87, 0x8a])
    assert.equal(failureOfCode(code, 5).penalty, 'final');
  for (const code of [2, 4, 5]) assert.equal(failureOfCode(code, 4).penalty, 'final');
});

test('the version is refused by return code 1 in 3.1.1 form and by reason 0x84 in 5.0 form', () => {
  assert.ok(refusesVersion(1, 4));
  assert.ok(refusesVersion(0x84, 5));
  assert.ok(!refusesVersion(1, 5));
  assert.ok(!refusesVersion(0x84, 4));
});

test('TLS is told apart from the rest', () => {
  const tls = CLOSES.filter(isTlsCause);
  assert.equal(tls.length, 9);
  assert.ok(tls.every((cause) => cause === 'tls failed' || cause.startsWith('certificate')));
});
