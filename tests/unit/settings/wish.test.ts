/** What `npm run settings` makes of its options and files: settings, documents and pieces. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDesired } from '../../../firmware/config/desired.ts';
import { messagesOf, nextVersion, parseWish } from '../../../host-sim/settings/wish.ts';

const PEM = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(2000)}\n-----END CERTIFICATE-----\n`;

test('short values become one document, with numbers and switches as JSON has them', () => {
  const wish = parseWish(undefined, ['intervalS=30', 'homeAssistant=off', 'label=Küche', 'user=']);
  const [{ path, payload }, ...more] = messagesOf(wish, 'mote/a', 7);
  assert.deepEqual([path, more], ['/desired', []]);
  const document = JSON.parse(payload) as unknown;
  assert.deepEqual(document, {
    ...{ intervalS: 30, homeAssistant: false, label: 'Küche', user: null, v: 7 },
  });
  assert.equal(readDesired(Buffer.from(payload)).version, 7);
});

test('a file and options go together, and options count where both name a setting', () => {
  const wish = parseWish('{"v":9,"intervalS":30,"label":"A"}', ['label=a=b']);
  assert.deepEqual([...wish.values], [...Object.entries({ intervalS: '30', label: 'a=b' })]);
  assert.deepEqual([nextVersion(wish, 3), nextVersion(wish, 9)], [9, 10]);
});

test('what still waits for a board is kept, and what is new counts', () => {
  const waiting = { v: 4, label: 'A', unit: 'F' };
  const [{ payload }] = messagesOf(parseWish(undefined, ['label=B']), 'mote/a', 5, waiting);
  assert.deepEqual(JSON.parse(payload), { v: 5, label: 'B', unit: 'F' });
});

test('a certificate is sent in pieces that a board gathers, together with all that goes with it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-wish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.pem'), PEM);
  const wish = parseWish(undefined, [`ca=@${join(folder, 'ca.pem')}`, 'host=h', 'label=@@home']);
  const messages = messagesOf(wish, 'mote/a', 1);
  assert.deepEqual(
    messages.map(({ path }) => path),
    ['ca/1/3', 'ca/2/3', 'ca/3/3', 'host/1/1', 'label/1/1'].map((path) => `/desired/${path}`),
  );
  const pieces = messages.slice(0, 3).map(({ payload }) => payload);
  assert.equal(pieces.join(''), PEM.trimEnd());
  for (const piece of pieces) assert.ok(piece.length <= 900, String(piece.length));
  assert.equal(messages[4].payload, '@home');
});

test('what is too long for a document goes in pieces, and what none could gather is refused', () => {
  const alarms = `alarms=${'x'.repeat(480)}`;
  const messages = messagesOf(parseWish(undefined, [alarms, `sensors=${'y'.repeat(440)}`]), 'm', 1);
  assert.equal(messages.length, 1);
  const long = parseWish(undefined, [
    alarms,
    `sensors=${'y'.repeat(440)}`,
    `user=${'z'.repeat(128)}`,
  ]);
  assert.deepEqual(
    messagesOf(long, 'm', 1).map(({ path }) => path),
    ['alarms', 'sensors', 'user'].map((name) => `/desired/${name}/1/1`),
  );
  const huge = PEM + PEM.repeat(8);
  assert.throws(() => parseWish(JSON.stringify({ ca: huge }), []), /ca is too long/);
  assert.throws(() => parseWish(JSON.stringify({ ca: PEM, user: '' }), []), /of its own/);
});

test('secrets, and what only one board can have, are known', () => {
  const wish = parseWish(undefined, ['password=x', 'wifiPassword=', 'name=a', 'unit=F']);
  assert.deepEqual([wish.secrets, wish.own], [['password'], ['name']]);
});

for (const [json, sets, expected] of [
  [undefined, ['interval=3'], /^'interval' is no setting; did you mean intervalS\?$/],
  [undefined, ['colour=red'], /^'colour' is no setting; known: ssid, /],
  [undefined, ['=red'], /^'' is no setting; known/],
  [undefined, ['unit'], /^--set needs NAME=VALUE/],
  [undefined, ['ca=@/no/such/file'], /^--set ca '\/no\/such\/file' cannot be read: there is no/],
  ['{', [], /^--file is not JSON$/],
  ['[]', [], /^--file holds no JSON object$/],
  ['{"v":1}', [], /^--file holds no setting$/],
  ['{"v":0,"unit":"F"}', [], /^--file: v must be a whole number/],
  ['{"unit":["F"]}', [], /^--file: unit must be a text/],
] as const) {
  test(`${json ?? sets.join()} is refused in one line`, () => {
    assert.throws(() => parseWish(json, sets), { message: expected });
  });
}
