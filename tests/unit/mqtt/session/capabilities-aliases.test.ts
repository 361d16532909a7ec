import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../../support/mqtt-bytes.ts';
import { type ListedMessage, ListSource } from '../../../support/mqtt-list-source.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

const TOPICS = [utf8('a'), utf8('b'), utf8('c')];
const [A, B, C] = TOPICS.map((topic): ListedMessage => ({ topic, repeats: true }));

/** Accepts with a topic alias maximum. */
function allowing(max: number): string {
  return `20 06 00 00 03 22 000${max}`;
}

function sent(max: number, ...messages: ListedMessage[]): string[] {
  return new Solo({ aliasesOut: 4 }, new ListSource(...messages))
    .online(5, allowing(max))
    .written();
}

test('a repeated topic gets an alias at its first PUBLISH, which then stands for it', () => {
  const [first, again] = sent(4, A, A);
  assert.deepEqual([first, again], ['3007000161 03230001', '30060000 03230001'].map(tight));
});

test('no alias is above the maximum of the broker, and none is 0 [5.0 MQTT-3.2.2-17, 3.3.2-8, 3.3.2-9]', () => {
  const packets = sent(2, A, B, C, C, B, A);
  const expected = ['3007000161 03230001', '3007000162 03230002', '300400016300', '300400016300'];
  expected.push('30060000 03230002', '30060000 03230001');
  assert.deepEqual(packets, expected.map(tight));
});

test('without a Topic Alias Maximum, or in 3.1.1, no alias is sent [5.0 MQTT-3.2.2-18]', () => {
  const source = () => new ListSource(A, A);
  assert.deepEqual(new Solo({}, source()).online(5).written(), ['300400016100', '300400016100']);
  assert.deepEqual(new Solo({}, source()).online(4).written(), ['3003000161', '3003000161']);
  assert.deepEqual(sent(0, A), ['300400016100']);
});

test('a topic that does not repeat takes no alias away', () => {
  assert.deepEqual(sent(1, { topic: 'x' }, A), ['300400017800', tight('3007000161 03230001')]);
});

test('aliases do not outlive their connection, in either direction [5.0 MQTT-3.3.2-7]', () => {
  const source = new ListSource(A, A);
  const solo = new Solo({ aliasesIn: 1 }, source).online(5, allowing(1));
  solo.feed('30 07 0001 7a 03 23 0001', '30 06 0000 03 23 0001');
  assert.deepEqual(
    solo.told.map((event) => event.topic),
    ['z', 'z'],
  );
  solo.drop().online(5, allowing(1));
  source.add(A);
  assert.deepEqual(solo.written(), [tight('3007000161 03230001')]);
  solo.feed('30 06 0000 03 23 0001');
  assert.deepEqual([solo.ending?.cause, solo.ending?.reason], ['protocol error', 0x82]);
});

test('a message that only its alias would make too large goes out without one', () => {
  const payload = 'x'.repeat(4);
  const connack = '20 0b 00 00 08 22 0004 27 0000000a';
  const source = new ListSource({ ...A, payload }, { ...A, payload: '' }, { ...A, payload });
  const packets = new Solo({}, source).online(5, connack).written();
  assert.deepEqual(packets, ['30080001610078787878', tight('3007000161 03230001'), packets[2]]);
  assert.deepEqual(source.ended, ['1:0', '2:0', '3:0']);
});

test('every alias from 1 to the announced maximum is taken, and may be defined anew [5.0 MQTT-3.3.2-10]', () => {
  const solo = new Solo({ aliasesIn: 3 }).online(5);
  for (const alias of [1, 2, 3]) solo.feed(`30 07 0001 6${alias} 03 23 000${alias}`);
  for (const alias of [3, 1, 2]) solo.feed(`30 06 0000 03 23 000${alias}`);
  solo.feed('30 07 0001 7a 03 23 0002', '30 06 0000 03 23 0002');
  const topics = solo.told.map((event) => event.topic);
  assert.deepEqual(topics, ['a', 'b', 'c', 'c', 'a', 'b', 'z', 'z']);
});

test('a client that announced no Topic Alias Maximum refuses every alias [5.0 MQTT-3.1.2-27]', () => {
  const solo = new Solo({ aliasesIn: 0 });
  assert.ok(!solo.open(5).includes('2200'));
  solo.feed('20 03 00 00 00', '30 07 0001 61 03 23 0001');
  assert.deepEqual([solo.ending?.cause, solo.ending?.reason], ['protocol error', 0x94]);
});

function tight(text: string): string {
  return text.replaceAll(' ', '');
}
