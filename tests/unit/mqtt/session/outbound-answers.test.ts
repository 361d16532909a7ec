/** What becomes of messages in flight: acknowledgements, and sending again in a session that is present. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PUBCOMP, PUBREC } from '../../../../firmware/mqtt/codec/constants.ts';
import type { ReceiveBuffer } from '../../../../firmware/mqtt/session/receive-buffer.ts';
import { hex } from '../../../support/mqtt-bytes.ts';
import { type ListedMessage, ListSource } from '../../../support/mqtt-list-source.ts';
import { OutboundBench, receivedPuback, USUAL } from '../../../support/mqtt-outbound.ts';

test('the PUBACK of the message that has waited longest is taken in four bytes', () => {
  for (const [before, behind] of [
    ['', ''],
    ['d000', ''],
    ['', 'd0'],
    ['d000', '40020002'],
  ]) {
    for (const at of [0, 1]) {
      const source = new ListSource(USUAL, { ...USUAL, packetId: 2 });
      const sources = at === 0 ? [source, new ListSource()] : [new ListSource(), source];
      const bench = new OutboundBench({ sources });
      bench.outbound.fill(0);
      const received = receivedPuback('0001', before, behind);
      assert.equal(bench.outbound.fastPathPuback(received), true);
      assert.equal(received.start, hex(before).length + 4);
      assert.deepEqual(source.ended, ['1:0']);
      assert.equal(bench.outbound.inFlight.span, 1);
      assert.equal(bench.outbound.inFlight.find(1), -1);
      assert.equal(bench.outbound.inFlight.outstanding, 1);
    }
  }
});

test('PUBACK after PUBACK is taken in four bytes, all round the ring of what is in flight', () => {
  const bench = new OutboundBench({ windowMax: 3 });
  bench.send({ ...USUAL, packetId: 0 }, { ...USUAL, packetId: 0 });
  for (let round = 0; round < 9; round++) {
    bench.send({ ...USUAL, packetId: 0 });
    const received = receivedPuback((0x8000 + round).toString(16));
    assert.equal(bench.outbound.fastPathPuback(received), true, `${round}`);
    assert.equal(bench.source.ended.length, round + 1);
    assert.equal(bench.outbound.inFlight.outstanding, 2);
    assert.equal(bench.outbound.fastPathPuback(received), false, 'nothing came');
  }
});

test('whatever PUBACK is unusual is left for the long way', () => {
  const two = [USUAL, { ...USUAL, packetId: 2 }, { ...USUAL, packetId: 3 }];
  const left = (name: string, bench: OutboundBench, received: ReceiveBuffer) => {
    const { start } = received;
    const { span, outstanding } = bench.outbound.inFlight;
    const ended = [...bench.source.ended];
    assert.equal(bench.outbound.fastPathPuback(received), false, name);
    const { inFlight } = bench.outbound;
    const after = [received.start, inFlight.span, inFlight.outstanding, bench.source.ended];
    assert.deepEqual(after, [start, span, outstanding, ended], name);
  };
  const sent = (...messages: readonly ListedMessage[]) => {
    const bench = new OutboundBench();
    bench.send(...messages);
    return bench;
  };
  const cut = receivedPuback('0001');
  cut.end -= 1;
  left('cut short', sent(...two), cut);
  const shifted = receivedPuback('0001', 'd000d000');
  shifted.end -= 1;
  left('cut short, behind another', sent(...two), shifted);
  const skipping = receivedPuback('0001');
  skipping.skipLeft = 1;
  left('in the body of what is skipped', sent(...two), skipping);
  left('of a younger message', sent(...two), receivedPuback('0002'));
  left('of nobody', sent(...two), receivedPuback('0009'));
  left('of nobody, with none in flight', sent(), receivedPuback('0000'));
  left('of a message with QoS 2', sent({ ...USUAL, qos: 2 }), receivedPuback('0001'));
  const holed = sent(...two);
  holed.puback(2);
  left('of one that was overtaken', holed, receivedPuback('0001'));
  const behind = sent(...two, { ...USUAL, packetId: 4 });
  behind.puback(3, 1);
  // 2 was overtaken before it was the oldest: it waits before a hole.
  left('of one before a hole', behind, receivedPuback('0002'));
  // A QoS 2 message that is refused leaves a hole, and overtakes nobody.
  const last = sent(USUAL, { ...USUAL, qos: 2, packetId: 2 });
  last.outbound.acknowledge(PUBREC, 2, 0x97, 0);
  left('of one before the last hole', last, receivedPuback('0001'));
  const round = new OutboundBench({ windowMax: 4 });
  for (const packetId of [7, 8, 9]) {
    round.send({ ...USUAL, packetId });
    round.puback(packetId);
  }
  round.send(USUAL, { ...USUAL, qos: 2, packetId: 2 }, { ...USUAL, packetId: 3 });
  round.outbound.acknowledge(PUBREC, 2, 0x97, 0);
  left('of one before a hole at the front of the ring', round, receivedPuback('0001'));
  // With one place the next look finds the same one.
  const once = new OutboundBench({ windowMax: 1 });
  once.send(USUAL);
  assert.ok(once.outbound.fastPathPuback(receivedPuback('0001')));
  left('of one that was answered', once, receivedPuback('0001'));
  const unsent = sent(...two).resume(true);
  left('of one that was not sent on this connection', unsent, receivedPuback('0001'));
});

test('the longest PUBACK settles the message of whichever source, and tells whom it overtook', () => {
  const sources = [new ListSource(), new ListSource()];
  const bench = new OutboundBench({ sources, windowMax: 4 });
  for (let id = 1; id <= 4; id++) sources[1].add({ ...USUAL, packetId: id });
  bench.outbound.fill(0);
  const { inFlight } = bench.outbound;
  // The ring is full: the youngest lies before the oldest.
  bench.outbound.puback(4, 0x97);
  assert.deepEqual(sources[1].ended, ['4:97']);
  assert.ok(inFlight.isOvertaken(inFlight.at(0)));
  assert.ok(!inFlight.isOvertaken(inFlight.at(1)));
  bench.puback(1);
  assert.ok(!inFlight.isOvertaken(inFlight.at(0)));
});

test('messages in flight are sent again before any other, once there is time, room and a window for them', () => {
  const three = [1, 2, 3].map((packetId) => ({ ...USUAL, packetId }));
  const bench = new OutboundBench({ windowMax: 4 });
  bench.send(...three);
  bench.resume(true);
  bench.source.add({ ...USUAL, packetId: 4 });
  bench.outbound.limit(2, 1);
  assert.equal(bench.outbound.fill(0), false);
  assert.deepEqual(bench.written(), []);
  // The new one waits behind the third.
  assert.equal(bench.outbound.fill(1), false);
  assert.deepEqual(bench.written(), ['3a0a0001740001757375616c', '3a0a0001740002757375616c']);
  bench.puback(1);
  assert.equal(bench.outbound.fill(1), true);
  assert.deepEqual(bench.written(), ['3a0a0001740003757375616c']);
  bench.puback(2);
  assert.deepEqual(bench.send(), ['320a0001740004757375616c']);
  assert.deepEqual(bench.source.sent, ['1', '2', '3', '1 again', '2 again', '3 again', '4']);
});

test('a limit without a time leaves what is to be sent again as it is', () => {
  const bench = new OutboundBench();
  bench.send(USUAL);
  bench.resume(true);
  bench.outbound.limit(5, 0);
  assert.deepEqual(bench.send({ ...USUAL, packetId: 2 }), [
    '3a0a0001740001757375616c',
    '320a0001740002757375616c',
  ]);
});

test('what no longer exists, or is too large now, is given up, and the next one is sent again', () => {
  const bench = new OutboundBench();
  const { source } = bench;
  const long = { ...USUAL, payload: 'x'.repeat(90) };
  bench.send({ ...long, packetId: 1 }, { ...USUAL, packetId: 2 }, { ...USUAL, packetId: 3 });
  const { reload } = source;
  source.reload = (token) => token !== 2 && reload.call(source, token);
  bench.resume(true, { maximumPacketSize: 50 });
  assert.ok(bench.outbound.fill(0));
  assert.deepEqual(bench.written(), ['3a0a0001740003757375616c']);
  assert.deepEqual(source.ended, ['1:95']);
  assert.equal(bench.outbound.inFlight.outstanding, 1);
  assert.equal(bench.outbound.inFlight.span, 1);
});

test('a broker that takes QoS 0 alone has what is in flight as such, and it is done with', () => {
  const bench = new OutboundBench();
  bench.send(USUAL, { ...USUAL, qos: 2, packetId: 2 });
  bench.resume(true, { maximumQos: 0 });
  assert.deepEqual(bench.send(), ['3008000174757375616c', '3008000174757375616c']);
  assert.deepEqual(bench.source.ended, ['1:0', '2:0']);
  assert.deepEqual(bench.source.sent, ['1', '2', '1 again', '2 again']);
  assert.equal(bench.outbound.inFlight.span, 0);
});

test('what is to be sent again and finds no room goes with the next writing', () => {
  const bench = new OutboundBench({ transmitBytes: 128 });
  const payload = 'x'.repeat(30);
  const messages = [1, 2, 3, 4].map((packetId) => ({ ...USUAL, payload, packetId }));
  for (const message of messages) bench.send(message);
  bench.resume(true);
  // 37 bytes each, and 96 for messages.
  for (const [isAll, count] of [
    [false, 2],
    [true, 2],
    [true, 0],
  ] as const) {
    assert.equal(bench.outbound.fill(0), isAll);
    assert.equal(bench.written().length, count);
  }
});

test('PUBREL goes again for all that await PUBCOMP, as many as find room at once', () => {
  const bench = new OutboundBench({ transmitBytes: 128, windowMax: 40 });
  for (let packetId = 1; packetId <= 40; packetId++) {
    bench.send({ ...USUAL, qos: 2, packetId });
    bench.outbound.acknowledge(PUBREC, packetId, 0, 0);
    bench.written();
  }
  bench.resume(true);
  // The last five bytes are for an answer with a reason.
  for (const [isAll, first, count] of [
    [false, '62020001', 31],
    [true, '62020020', 9],
  ] as const) {
    assert.equal(bench.outbound.fill(0), isAll);
    const packets = bench.written();
    assert.deepEqual([packets[0], packets.length], [first, count]);
  }
  for (let packetId = 1; packetId <= 40; packetId++) {
    bench.outbound.acknowledge(PUBCOMP, packetId, 0, 0);
  }
  assert.equal(bench.outbound.inFlight.span, 0);
});

test('a PUBREC that refuses, from 0x80 up, ends the exchange, and any other is answered', () => {
  for (const [reason, answer] of [
    [0x10, ['62020001']],
    [0x80, []],
    [0x97, []],
  ] as const) {
    const sources = [new ListSource(), new ListSource({ ...USUAL, qos: 2 })];
    const bench = new OutboundBench({ sources, v5: true });
    bench.outbound.fill(0);
    bench.written();
    bench.outbound.acknowledge(PUBREC, 1, reason, 0);
    assert.deepEqual(bench.written(), answer);
    assert.deepEqual(sources[1].ended, [`1:${reason.toString(16)}`]);
    assert.equal(bench.outbound.inFlight.outstanding, answer.length);
  }
});
