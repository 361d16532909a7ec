import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../../../../firmware/base/ascii.ts';
import { Deadlines, Timer } from '../../../../firmware/base/deadlines.ts';
import {
  STATUS_WINDOW,
  type StatusObserver,
  StatusSource,
} from '../../../../firmware/link/sources/status.ts';

const TOPIC = asciiBytes('status');
const ONLINE = asciiBytes('online');
const OFFLINE = asciiBytes('offline');
const REFUSED = 0x97;

function bench() {
  const told: string[] = [];
  const deadlines = Deadlines.ofDevice();
  const observer: StatusObserver = {
    mayGo: () => true,
    mailPublished: () => told.push('published'),
    mailSettled: (_, reason) => told.push(`settled ${reason}`),
  };
  const source = new StatusSource(TOPIC, observer, deadlines);
  /** The next message as `token word`, or 'nothing'. */
  const next = (now = 0): string => (source.next(now) ? current() : 'nothing');
  const current = (): string => {
    const bytes = new Uint8Array(32);
    const end = source.writePayload(bytes, 0);
    return `${source.message.token} ${Buffer.from(bytes.subarray(0, end)).toString()}`;
  };
  return { source, told, next, current, due: () => deadlines.at[Timer.status] };
}

test('a word is retained, at QoS 1, and goes out once', () => {
  const { source, next } = bench();
  assert.equal(next(), 'nothing');
  source.say(ONLINE);
  assert.equal(next(), '1 online');
  const { qos, retain, topic } = source.message;
  assert.deepEqual([qos, retain, topic], [1, true, TOPIC]);
  assert.equal(next(), 'nothing');
});

test('nothing is acknowledged before something was said, and the newest word alone counts', () => {
  const { source, next } = bench();
  assert.equal(source.isAcknowledged, false);
  source.say(ONLINE);
  next();
  source.say(OFFLINE);
  source.settled(1, 0);
  assert.equal(source.isAcknowledged, false);
  assert.equal(next(), '2 offline');
  source.settled(2, 0);
  assert.equal(source.isAcknowledged, true);
});

test('a word that was not sent gives way to a newer one', () => {
  const { source, next } = bench();
  source.say(ONLINE);
  source.say(OFFLINE);
  assert.equal(next(), '1 offline');
  assert.equal(next(), 'nothing');
});

test('a word on its way is not said twice, and one that was acknowledged is', () => {
  const { source, next } = bench();
  source.say(ONLINE);
  next();
  source.say(ONLINE);
  assert.equal(next(), 'nothing');
  source.settled(1, 0);
  source.say(ONLINE);
  assert.equal(next(), '2 online');
});

test('a word that comes back after another is said again', () => {
  const { source, next } = bench();
  source.say(ONLINE);
  next();
  source.say(OFFLINE);
  source.say(ONLINE);
  assert.equal(next(), '2 online');
});

test('what is on its way keeps its word when it is sent again', () => {
  const { source, next, current } = bench();
  source.say(ONLINE);
  next();
  source.say(OFFLINE);
  next();
  assert.ok(source.reload(1));
  assert.equal(current(), '1 online');
  assert.ok(source.reload(2));
  assert.equal(current(), '2 offline');
  assert.ok(!source.reload(3));
});

test('two words are on their way at most; the third waits for a place', () => {
  const { source, next } = bench();
  for (const word of [ONLINE, OFFLINE]) {
    source.say(word);
    next();
  }
  source.say(ONLINE);
  assert.equal(STATUS_WINDOW, 2);
  assert.equal(next(), 'nothing');
  source.settled(2, 0);
  assert.equal(next(), '3 online');
  assert.ok(source.reload(1));
});

test('a refusal has the word sent again, after a pause that doubles up to a minute', () => {
  const { source, next, due } = bench();
  source.say(ONLINE);
  let now = 0;
  const pauses: number[] = [];
  for (let token = 1; token <= 12; token += 1) {
    assert.equal(next(now), `${token} online`);
    source.settled(token, REFUSED);
    assert.equal(next(due() - 1), 'nothing');
    pauses.push(due() - now);
    now = due();
  }
  assert.deepEqual(pauses.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
  assert.deepEqual(pauses.slice(-2), [60_000, 60_000]);
});

test('a new word, and a new connection, do not wait for the pause', () => {
  for (const word of [ONLINE, OFFLINE]) {
    const { source, next } = bench();
    source.say(ONLINE);
    next();
    source.settled(1, REFUSED);
    assert.equal(next(10), 'nothing');
    source.say(word);
    assert.match(next(10), /^2 o/);
  }
});

test('a refusal of a word that was replaced changes nothing', () => {
  const { source, next, due } = bench();
  source.say(ONLINE);
  next();
  source.say(OFFLINE);
  next();
  source.settled(1, REFUSED);
  assert.equal(due(), Number.POSITIVE_INFINITY);
  source.settled(2, 0);
  assert.ok(source.isAcknowledged);
});

test('a message that was put back goes out as soon as there is room', () => {
  const { source, next } = bench();
  source.say(ONLINE);
  next(5);
  source.putBack();
  assert.equal(next(5), '2 online');
  source.settled(2, REFUSED);
  next(1_005);
  source.putBack();
  assert.equal(next(1_005), '4 online');
});

test('without a session the newest word goes out anew, and older ones are gone', () => {
  const { source, next } = bench();
  source.say(ONLINE);
  next();
  source.say(OFFLINE);
  next();
  source.rewind();
  assert.equal(source.isAcknowledged, false);
  assert.equal(next(), '3 offline');
  assert.equal(next(), 'nothing');
  source.settled(3, 0);
  source.rewind();
  assert.equal(next(), 'nothing');
  assert.ok(source.isAcknowledged);
});

test('the observer is told of each sending and of each end', () => {
  const { source, told, next } = bench();
  source.say(ONLINE);
  next();
  source.published();
  source.settled(1, 0);
  source.settled(1, 0);
  source.settled(77, 0);
  assert.deepEqual(told, ['published', 'settled 0']);
});
