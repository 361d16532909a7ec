import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from '../../../firmware/mqtt/mailbox.ts';
import { toHex, utf8 } from '../../support/mqtt-bytes.ts';
import { Solo } from '../../support/mqtt-solo.ts';

const PLAIN = { qos: 0, retain: false } as const;
const SAFE = { qos: 1, retain: false } as const;
const OTHER = utf8('other');
const TOPIC = utf8('t');

/** A mailbox that writes down what its observer is told. */
function boxed(slots: number, capacity: number) {
  const told: string[] = [];
  const text = (topic: Uint8Array) => new TextDecoder().decode(topic);
  const box = new Mailbox(slots, capacity, {
    mayGo: () => true,
    mailPublished: (topic) => told.push(`${text(topic)} published`),
    mailSettled: (topic, reason) => told.push(`${text(topic)} settled ${reason.toString(16)}`),
  });
  const post = (payload: string, options: Parameters<Mailbox['post']>[3] = PLAIN, topic = TOPIC) =>
    box.post(topic, utf8(payload), payload.length, options);
  return { box, told, post };
}

/** The payloads that a mailbox hands out from here on. */
function handedOut(box: Mailbox): string[] {
  const found: string[] = [];
  while (box.next()) found.push(current(box));
  return found;
}

function current(box: Mailbox): string {
  const into = new Uint8Array(64);
  return new TextDecoder().decode(into.subarray(0, box.writePayload(into, 0)));
}

test('posted messages are handed out once, in order, with what was posted', () => {
  const { box, post } = boxed(3, 16);
  assert.deepEqual([post('one'), post('two', { qos: 2, retain: true }), post('')], [1, 2, 3]);
  assert.equal(box.depth, 3);
  assert.deepEqual(handedOut(box), ['one', 'two', '']);
  assert.equal(box.next(), false);
  assert.equal(box.reload(2), true);
  const { token, qos, retain, topic } = box.message;
  assert.deepEqual([token, qos, retain, topic], [2, 2, true, TOPIC]);
});

test('a payload is copied: what the caller does with its buffer afterwards changes nothing', () => {
  const { box } = boxed(1, 8);
  const payload = utf8('abcd');
  box.post(TOPIC, payload, 2, PLAIN);
  payload.fill(0);
  assert.deepEqual(handedOut(box), ['ab']);
});

test('a payload that was written where it goes is posted as it lies there', () => {
  const { box, post } = boxed(3, 8);
  post('ab');
  box.bytes.set(utf8('cde'), box.freeAt);
  assert.equal(box.post(TOPIC, box.bytes, 3, PLAIN), 2);
  assert.equal(box.freeAt, 5);
  assert.equal(box.post(TOPIC, box.bytes, 4, PLAIN), 0, 'no room for so many');
  assert.deepEqual(handedOut(box), ['ab', 'cde']);
});

test('what has no room, by count or by bytes, is refused at once and counted', () => {
  const { box, post } = boxed(2, 4);
  assert.equal(post('abcde'), 0);
  assert.equal(post('abc'), 1);
  assert.equal(post('de'), 0);
  assert.equal(post('d'), 2);
  assert.equal(post(''), 0);
  assert.deepEqual([box.refused, box.depth], [3, 2]);
  assert.deepEqual(handedOut(box), ['abc', 'd']);
});

test('what is settled makes room, in any order, and the others keep their bytes', () => {
  const { box, post } = boxed(3, 6);
  const [first, second, third] = [post('ab'), post('cd'), post('ef')];
  assert.deepEqual(handedOut(box), ['ab', 'cd', 'ef']);
  box.settled(second, 0);
  assert.equal(box.reload(third), true);
  assert.equal(current(box), 'ef');
  assert.notEqual(post('gh'), 0);
  box.settled(first, 0);
  assert.deepEqual(handedOut(box), ['gh']);
  assert.equal(box.reload(third), true);
  assert.equal(current(box), 'ef');
  assert.equal(box.reload(first), false);
});

test('a message that is put back is handed out next', () => {
  const { box, post } = boxed(2, 8);
  post('a');
  post('b');
  box.next();
  box.next();
  box.putBack();
  assert.deepEqual(handedOut(box), ['b']);
});

test('rewound, what is not settled is handed out anew', () => {
  const { box, post } = boxed(3, 8);
  const first = post('a');
  post('b');
  handedOut(box);
  box.settled(first, 0);
  box.rewind();
  assert.deepEqual(handedOut(box), ['b']);
});

test('a token that is not there is settled without a word', () => {
  const { box, told, post } = boxed(1, 8);
  const token = post('a');
  box.settled(token + 1, 0);
  box.settled(token, 0x87);
  box.settled(token, 0);
  assert.deepEqual([box.depth, told], [0, ['t settled 87']]);
});

test('the observer may post as soon as it is told that a message is settled', () => {
  const tokens: number[] = [];
  const box: Mailbox = new Mailbox(1, 4, {
    mayGo: () => true,
    mailPublished: () => {},
    mailSettled: (topic) => tokens.push(box.post(topic, utf8('new'), 3, PLAIN)),
  });
  box.settled(box.post(TOPIC, utf8('old'), 3, PLAIN), 0);
  assert.deepEqual(tokens, [2]);
  assert.deepEqual(handedOut(box), ['new']);
});

test('a session sends QoS 0 once and settles it, and QoS 1 until the broker has it', () => {
  const { box, told, post } = boxed(2, 16);
  const solo = new Solo({}, box).online(4);
  post('x', PLAIN);
  post('y', SAFE, OTHER);
  const id = toHex([0x80, 0x00]);
  assert.deepEqual(solo.written(), ['30040001 7478', `32 0a 0005 6f74686572 ${id} 79`].map(tight));
  assert.deepEqual(told.splice(0), ['t published', 't settled 0', 'other published']);
  solo.drop().open(4);
  solo.feed('20 02 01 00');
  assert.deepEqual(solo.written(), [tight(`3a 0a 0005 6f74686572 ${id} 79`)]);
  solo.feed(`40 02 ${id}`);
  assert.deepEqual(told, ['other published', 'other settled 0']);
  assert.equal(box.depth, 0);
});

test('a session hands mail out again, as new, where the broker kept no session', () => {
  const { box, post } = boxed(2, 16);
  const solo = new Solo({}, box).online(4);
  post('y', SAFE);
  solo.written();
  solo.drop().open(4);
  solo.feed('20 02 00 00');
  const [packet] = solo.written();
  assert.ok(packet.startsWith('32'));
  assert.ok(packet.endsWith('79'));
});

function tight(text: string): string {
  return text.replaceAll(' ', '');
}
