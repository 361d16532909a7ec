import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packet } from '../../../../firmware/mqtt/codec/packet.ts';
import { SessionEvent } from '../../../../firmware/mqtt/session/event.ts';

test('an event has no topic, no reason and no words before something has come', () => {
  const event = new SessionEvent(new Packet());
  assert.equal(event.topic(), '');
  assert.deepEqual([event.topicStart, event.topicEnd, event.reason], [0, 0, 0]);
  assert.deepEqual([event.detail, event.serverReference], ['', '']);
});

test('an end says its cause, its reason and its words, and nothing of an earlier one', () => {
  const event = new SessionEvent(new Packet());
  event.serverReference = 'other.example';
  event.end('disconnected by server', 0x8b, 'shutting down');
  const { type, cause, reason, detail, serverReference } = event;
  assert.deepEqual(
    [type, cause, reason, detail, serverReference],
    ['ended', 'disconnected by server', 0x8b, 'shutting down', ''],
  );
  assert.equal(event.as('message'), true);
  assert.equal(event.type, 'message');
});

test('a topic is the part of its bytes that is told', () => {
  const event = new SessionEvent(new Packet());
  event.topicBytes = Uint8Array.of(0x78, 0x61, 0x2f, 0xc3, 0xa9, 0x78);
  event.topicStart = 1;
  event.topicEnd = 5;
  assert.equal(event.topic(), 'a/é');
});
