/** The book of commands: each broken rule is seen, and what at-least-once allows is left alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublishRecord } from '../../../host-sim/virtual/broker/books.ts';
import type { Message } from '../../../host-sim/virtual/broker/session.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { readAnswer } from '../../../host-sim/virtual/world/answers.ts';
import { CommandBook } from '../../../host-sim/virtual/world/command-book.ts';
import { type Command, drawCommand } from '../../../host-sim/virtual/world/commands.ts';

const SESSION = {};
const SAMPLE: Command = {
  name: 'sample',
  payload: '{"id":7}',
  id: 7,
  isRight: () => true,
  effect: 'sample',
  seconds: 0,
};

function messageOf(properties: Message['properties'] = {}): Message {
  const payload = new Uint8Array(0);
  const topic = 'mote/mote-001/command/sample';
  return { topic, payload, qos: 1, retain: false, properties, clientId: '', expiresAt: Infinity };
}

function answered(payload: string, differences: Partial<PublishRecord> = {}): PublishRecord {
  return {
    time: 0,
    clientId: 'mote-001',
    connection: 1,
    version: 5,
    topic: 'mote/mote-001/response',
    payload: Uint8Array.from(Buffer.from(payload)),
    qos: 1,
    dup: false,
    retain: false,
    packetId: 1,
    properties: undefined,
    forwarded: true,
    acknowledgedAt: 1,
    reason: 0,
    completedAt: undefined,
    ...differences,
  };
}

const OK = '{"command":"sample","id":7,"ok":true}';

/** A book in which `command` went out `sends` times. */
function bookOf(command: Command, sends = 1, properties: Message['properties'] = {}) {
  const broken: string[] = [];
  const make = { hasDiscovery: false, isPreset: false };
  const book = new CommandBook('mote/mote-001', make, (_rule, text) => broken.push(text));
  const message = messageOf(properties);
  book.add(command, message);
  const send = (differences = {}, memory: object = SESSION) => {
    const sent = { clientId: 'mote-001', version: 5, message, qos: 1, retain: false, dup: false };
    book.sent({ ...sent, ...differences } as Parameters<CommandBook['sent']>[0], memory, 0);
  };
  for (let i = 0; i < sends; i += 1) send();
  return { broken, book, send };
}

test('a command that is answered once breaks nothing, and neither does a redelivery', () => {
  const { broken, book } = bookOf(SAMPLE);
  assert.ok(book.arrived(answered(OK), SESSION));
  assert.equal(book.arrived(answered(OK, { dup: true }), SESSION), undefined);
  assert.deepEqual([broken, book.answers, book.samples], [[], 2, 1]);
});

test('two answers to what was sent once are seen, and are right after the session was lost', () => {
  const { broken, book } = bookOf(SAMPLE);
  book.arrived(answered(OK), SESSION);
  book.arrived(answered(OK), {});
  assert.deepEqual(broken, []);
  book.arrived(answered(OK), SESSION);
  book.arrived(answered(OK), SESSION);
  assert.deepEqual(broken, ['sample 7 was sent 1 times and answered 2 times']);
});

test('with QoS 1 what was sent twice may be answered twice, with QoS 2 once in a boot and session', () => {
  for (const [qos, wrong] of [
    [1, 0],
    [2, 1],
  ] as const) {
    const { broken, book, send } = bookOf(SAMPLE, 0);
    send({ qos });
    send({ qos, dup: true });
    book.arrived(answered(OK), SESSION);
    book.arrived(answered(OK), SESSION);
    assert.equal(broken.length, wrong);
  }
});

test('what was retained when it was sent may not be answered', () => {
  const { broken, book, send } = bookOf(SAMPLE, 0);
  send({ retain: true });
  book.arrived(answered(OK), SESSION);
  assert.deepEqual(broken, ['sample 7 was sent 0 times and answered 1 times']);
});

test('an answer to nobody, or with an id of another kind, is seen', () => {
  const { broken, book } = bookOf(SAMPLE);
  book.arrived(answered('{"command":"sample","id":8,"ok":true}'), SESSION);
  book.arrived(answered('{"command":"sample","id":"7","ok":true}'), SESSION);
  assert.deepEqual(broken, [
    'an answer to 8, which nobody sent',
    'an answer to 7, which nobody sent',
  ]);
});

test('an answer goes where a 5.0 request asked for, with its data, and to the usual topic in 3.1.1', () => {
  const correlationData = Buffer.from([1, 2]);
  const asked = { responseTopic: 'operator/desk', correlationData };
  const there = { topic: 'operator/desk', properties: { correlationData } };
  const wrongs = (differences: Partial<PublishRecord>, version: 4 | 5) => {
    const { broken, book, send } = bookOf(SAMPLE, 0, asked);
    send({ version });
    book.arrived(answered(OK, differences), SESSION);
    return broken.length;
  };
  assert.equal(wrongs(there, 5), 0);
  assert.equal(wrongs({}, 4), 0);
  assert.equal(wrongs({}, 5), 1);
  assert.equal(wrongs(there, 4), 1);
  assert.equal(wrongs({ topic: 'operator/desk' }, 5), 1);
  assert.equal(
    wrongs({ topic: 'operator/desk', version: 4 }, 5),
    0,
    'the version changed meanwhile',
  );
  assert.equal(wrongs({ ...there, topic: 'operator/x' }, 5), 1);
});

test('a command that was sent in 3.1.1, then again in 5.0, is answered as either asks', () => {
  const asked = { responseTopic: 'operator/desk' };
  const { broken, book, send } = bookOf(SAMPLE, 0, asked);
  send({ version: 4 });
  send({ version: 5 });
  book.arrived(answered(OK), SESSION);
  book.arrived(answered(OK, { topic: 'operator/desk' }), SESSION);
  assert.deepEqual(broken, []);
  book.arrived(answered(OK, { topic: 'operator/x', dup: true }), SESSION);
  assert.equal(broken.length, 1);
});

test('an answer that says what cannot be is seen', () => {
  const { broken, book } = bookOf({ ...SAMPLE, isRight: () => false });
  book.arrived(answered(OK), SESSION);
  assert.deepEqual(broken, ['sample {"id":7} was answered as sample, ok']);
});

test('without an id there are answers to what is malformed, too much or bare, and no others', () => {
  const { broken, book } = bookOf(SAMPLE);
  book.arrived(answered('{"command":"sample","ok":false,"error":"too many commands"}'), SESSION);
  book.arrived(answered('{"command":"sample","ok":true}'), SESSION);
  assert.deepEqual(broken, []);
  book.arrived(answered('{"command":"setup","ok":true}'), SESSION);
  assert.deepEqual(broken, ['setup was answered without an id: ok']);
});

test('what is no answer of the product is refused in words', () => {
  const wordsOf = (text: string) => readAnswer(Uint8Array.from(Buffer.from(text, 'latin1')));
  assert.equal(wordsOf('{"command":'), 'no JSON in UTF-8');
  assert.equal(wordsOf('{"command":"\xff","ok":true}'), 'no JSON in UTF-8');
  assert.equal(wordsOf('[]'), 'no object');
  assert.equal(wordsOf('{"ok":true}'), 'no command');
  assert.equal(wordsOf('{"command":"a","ok":true,"x":1}'), 'a member x');
  assert.equal(wordsOf('{"command":"a","id":null,"ok":true}'), 'an id of no kind');
  assert.equal(wordsOf('{"command":"a"}'), 'neither ok nor not');
  assert.equal(wordsOf('{"command":"a","ok":true,"error":"e"}'), 'ok with an error');
  assert.equal(wordsOf('{"command":"a","ok":false}'), 'not ok without an error');
  assert.equal(wordsOf('{"command":"a","ok":false,"error":""}'), 'an error without words');
});

test('commands of all kinds are drawn, and two of one seed are the same', () => {
  const draw = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 300 }, (_, i) => {
      const { name, payload } = drawCommand(random, i + 1, 60);
      return `${name} ${payload}`;
    });
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const names = new Set(draw(1).map((text) => text.split(' ')[0]));
  for (const name of ['sample', 'interval', 'identify', 'reboot', 'probe', 'setup', 'forget']) {
    assert.ok(names.has(name), name);
  }
  for (const name of ['diagnostics', 'rediscover', 'teapot']) assert.ok(names.has(name), name);
});
