/** What the schemas say that a command takes is what a board takes, and its answer is in them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CommandName, CommandTable } from '../../firmware/device/commands.ts';
import { faultsOf, problemsOf } from './schemas.ts';

/** By command, the part of the schema that is for it. */
const PARTS: Readonly<Record<CommandName, string>> = Object.freeze({
  sample: 'plain',
  diagnostics: 'plain',
  setup: 'plain',
  probe: 'plain',
  reboot: 'plain',
  rediscover: 'plain',
  interval: 'interval',
  identify: 'identify',
  forget: 'forget',
  acknowledge: 'acknowledge',
  shelve: 'shelve',
});

/** The table's answer to a payload that comes alone. @param name also of no command */
function answerTo(name: string, payload: Uint8Array, prevented = ''): { ok: boolean } {
  const table = new CommandTable({ perform: () => prevented });
  const { ok, payload: answer } = table.take(name, payload, false, 60_000)!;
  const topic = 'mote/x/response';
  assert.equal(problemsOf('response', { topic, payload: answer, qos: 1, retain: false }), '');
  return { ok };
}

const name = fc.constantFrom(...(Object.keys(PARTS) as CommandName[]));
const word = fc.oneof(fc.string(), fc.constantFrom('forget', 'reboot', ''));
const number = fc.oneof(
  fc.integer({ min: -1, max: 90_000 }),
  fc.constantFrom(300, 301, 604_800, 604_801, 1.5, 1e300),
);
const value = fc.oneof(word, number, fc.boolean(), fc.constant(null), fc.constant([]));
const members = fc.record(
  {
    id: value,
    seconds: value,
    confirm: fc.oneof(value, fc.constant('forget')),
    alarm: fc.oneof(value, fc.constant('temperature_high')),
    note: value,
  },
  { requiredKeys: [] },
);

test('a board takes what the schema of its command takes, and refuses the rest', () => {
  const taken = new Set<string>();
  fc.assert(
    fc.property(name, members, (command, payload) => {
      // The schema counts characters, the board bytes.
      fc.pre(typeof payload.id !== 'string' || Buffer.byteLength(payload.id) <= 64);
      fc.pre(typeof payload.alarm !== 'string' || Buffer.byteLength(payload.alarm) <= 64);
      const { ok } = answerTo(command, Buffer.from(JSON.stringify(payload)));
      assert.equal(faultsOf(`command#/$defs/${PARTS[command]}`, payload) === '', ok);
      if (ok) taken.add(command);
    }),
    { numRuns: 1500, seed: 1 },
  );
  assert.equal(taken.size, Object.keys(PARTS).length);
});

test('whatever comes as a command, its answer is as the schema says', () => {
  const payloads = fc.oneof(fc.uint8Array({ maxLength: 600 }), fc.json().map(Buffer.from));
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      payloads,
      word,
      (topic, payload, why) => {
        answerTo(topic, payload, why);
        answerTo('sample', payload, why);
      },
    ),
    { numRuns: 500, seed: 2 },
  );
});

test('without a payload every command is taken that needs nothing said', () => {
  const nothing = new Uint8Array(0);
  const refused = Object.keys(PARTS).filter((command) => !answerTo(command, nothing).ok);
  assert.deepEqual(refused, ['interval', 'forget', 'shelve']);
});
