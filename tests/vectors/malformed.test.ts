import { test } from 'node:test';
import { assertAllRefused } from '../support/mqtt-busy.ts';
import * as vectors from './malformed.ts';
import * as properties from './malformed-properties.ts';

test('wrong reserved flags end the connection [3.1.1 MQTT-2.2.2-1, 2.2.2-2, 3.6.1-1] [5.0 MQTT-2.1.3-1, 3.6.1-1, 3.14.1-1, 3.15.1-1]', () => {
  assertAllRefused(vectors.RESERVED_FLAGS);
});

test('a PUBLISH with QoS 3, or with DUP at QoS 0, ends the connection [3.1.1 MQTT-3.3.1-2, 3.3.1-4] [5.0 MQTT-3.3.1-2, 3.3.1-4]', () => {
  assertAllRefused(vectors.PUBLISH_FLAGS);
});

test('packets that only a client sends, and reserved types, end the connection [3.1.1 MQTT-4.8.0-1] [5.0 MQTT-4.13.1-1]', () => {
  assertAllRefused(vectors.DIRECTIONS);
});

test('a length that is malformed or does not match its content ends the connection [5.0 MQTT-1.5.5-1, 2.2.2-1]', () => {
  assertAllRefused(vectors.LENGTHS);
});

test('a topic name that is empty, not UTF-8, or has a wildcard or NUL ends the connection [3.1.1 MQTT-1.5.3-1, 1.5.3-2, 3.3.2-1, 3.3.2-2, 4.7.1-1, 4.7.3-1, 4.7.3-2] [5.0 MQTT-1.5.4-1, 1.5.4-2, 3.3.2-1, 3.3.2-2, 4.7.0-1, 4.7.3-1, 4.7.3-2]', () => {
  assertAllRefused(vectors.TOPICS);
});

test('the packet identifier 0 ends the connection [3.1.1 MQTT-2.3.1-1, 2.3.1-4] [5.0 MQTT-2.2.1-4]', () => {
  assertAllRefused(vectors.IDENTIFIERS);
});

test('an acknowledgement of the wrong kind ends the connection [3.1.1 MQTT-2.3.1-6, 2.3.1-7] [5.0 MQTT-2.2.1-5, 2.2.1-6]', () => {
  assertAllRefused(vectors.WRONG_KINDS);
});

test('another number of codes than of filters ends the connection [3.1.1 MQTT-3.8.4-5] [5.0 MQTT-3.8.4-6]', () => {
  assertAllRefused(vectors.CODE_COUNTS);
});

test('a reason code that its packet does not list ends the connection [3.1.1 MQTT-3.9.3-2] [5.0 MQTT-3.4.2-1, 3.5.2-1, 3.6.2-1, 3.7.2-1, 3.8.4-7, 3.9.3-2, 3.11.3-2, 3.14.2-1, 3.15.2-1]', () => {
  assertAllRefused(vectors.REASON_CODES);
});

test('a property section that is cut off, overlong or holds an unknown property ends the connection', () => {
  assertAllRefused(properties.SECTIONS);
});

test('a property in a packet that may not have it ends the connection [5.0 MQTT-3.14.2-2]', () => {
  assertAllRefused(properties.PLACES);
});

test('a property that comes twice ends the connection', () => {
  assertAllRefused(properties.REPEATED);
});

test('a property out of its range ends the connection', () => {
  assertAllRefused(properties.RANGES);
});

test('a property text that is not UTF-8 or has a NUL ends the connection [5.0 MQTT-1.5.4-1, 1.5.4-2, 1.5.7-1, 3.3.2-13, 3.3.2-19]', () => {
  assertAllRefused(properties.TEXTS);
});

test('a response topic with a wildcard ends the connection [5.0 MQTT-3.3.2-14]', () => {
  assertAllRefused(properties.RESPONSE_TOPICS);
});

test('a topic alias of zero, over the announced maximum or never set ends the connection [5.0 MQTT-3.1.2-26, 3.3.2-8, 3.3.2-11]', () => {
  assertAllRefused(properties.ALIASES);
});
