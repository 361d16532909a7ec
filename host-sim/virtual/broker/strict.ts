/**
 * A second, byte-level look at every packet that a client sends, beside `mqtt-packet`: flags,
 * lengths to the byte, UTF-8, properties in their places, reason codes that a client may use.
 *
 * It looks at one packet alone; what depends on the connection's or session's state is checked
 * where that state is kept.
 */

import type { Version } from './codec.ts';
import { type Fault, Malformed, Walk } from './strict-fields.ts';
import { type Place, walkProperties } from './strict-properties.ts';
import { isTopicFilter, isTopicName } from './topics.ts';

const CONNECT = 1;
const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBREL = 6;
const PUBCOMP = 7;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const PINGREQ = 12;
const DISCONNECT = 14;
const AUTH = 15;

const RECEIVED_REASONS = [0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASED_REASONS = [0x00, 0x92];
const DISCONNECT_REASONS = [
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
];
const AUTH_REASONS = [0x18, 0x19];

/** The protocol level that a CONNECT asks for; undefined when it cannot be read. */
export function askedVersion(frame: Uint8Array): number | undefined {
  const walk = bodyOf(frame);
  try {
    const name = walk.text('protocol name');
    const level = walk.byte('protocol level');
    return name === 'MQTT' || name === 'MQIsdp' ? level : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what is wrong with a whole packet of a client, or undefined. */
export function inspect(frame: Uint8Array, version: Version): Fault | undefined {
  try {
    inspectPacket(frame, version);
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return error.fault;
    throw error;
  }
}

function bodyOf(frame: Uint8Array): Walk {
  let at = 1;
  while (frame[at] >= 0x80) at += 1;
  return new Walk(frame, at + 1, frame.length);
}

function inspectPacket(frame: Uint8Array, version: Version): void {
  const type = frame[0] >> 4;
  const flags = frame[0] & 0x0f;
  const walk = bodyOf(frame);
  if (type !== PUBLISH) {
    const wanted = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0;
    if (flags !== wanted) {
      throw new Malformed('MQTT-2.1.3-1', `flags ${flags} on packet type ${type}`);
    }
  }
  if (type === CONNECT) inspectConnect(walk);
  else if (type === PUBLISH) inspectPublish(walk, flags, version);
  else if (type >= PUBACK && type <= PUBCOMP) inspectAcknowledgement(walk, type, version);
  else if (type === SUBSCRIBE) inspectSubscribe(walk, version);
  else if (type === UNSUBSCRIBE) inspectUnsubscribe(walk, version);
  else if (type === PINGREQ) walk.finish();
  else if (type === DISCONNECT) inspectDisconnect(walk, version);
  else if (type === AUTH && version === 5) inspectAuth(walk);
  else throw new Malformed('MQTT-2.1.2', `a client sent packet type ${type}`, 0x82);
}

function inspectConnect(walk: Walk): void {
  if (walk.text('protocol name') !== 'MQTT') {
    throw new Malformed('MQTT-3.1.2-1', 'the protocol name is not MQTT', 0x84);
  }
  const level = walk.byte('protocol level');
  const flags = walk.byte('connect flags');
  if (flags & 1) throw new Malformed('MQTT-3.1.2-3', 'the reserved connect flag is set');
  const hasWill = (flags & 0x04) !== 0;
  const willQos = (flags >> 3) & 3;
  if (willQos === 3) throw new Malformed('MQTT-3.1.2-12', 'will QoS 3');
  if (!hasWill && flags & 0x38) {
    throw new Malformed('MQTT-3.1.2-11', 'will QoS or retain without a will');
  }
  const hasUser = (flags & 0x80) !== 0;
  const hasPassword = (flags & 0x40) !== 0;
  if (level < 5 && hasPassword && !hasUser) {
    throw new Malformed('MQTT-3.1.2-22', 'a password without a user name');
  }
  walk.uint16('keep alive');
  if (level === 5) walkProperties(walk, 'CONNECT');
  walk.text('client identifier');
  if (hasWill) {
    if (level === 5) walkProperties(walk, 'will');
    if (!isTopicName(walk.text('will topic'))) {
      throw new Malformed('MQTT-3.1.3-11', 'the will topic is no topic name', 0x82);
    }
    walk.binary('will payload');
  }
  if (hasUser) walk.text('user name');
  if (hasPassword) walk.binary('password');
  walk.finish();
}

function inspectPublish(walk: Walk, flags: number, version: Version): void {
  const qos = (flags >> 1) & 3;
  if (qos === 3) throw new Malformed('MQTT-3.3.1-4', 'QoS 3');
  if (qos === 0 && flags & 8) throw new Malformed('MQTT-3.3.1-2', 'DUP with QoS 0');
  const topic = walk.text('topic');
  if (!isTopicName(topic) && !(topic === '' && version === 5)) {
    throw new Malformed('MQTT-3.3.2-2', `'${topic}' is no topic name`, 0x90);
  }
  if (qos > 0) walk.identifier();
  if (version === 5) walkProperties(walk, 'PUBLISH');
}

function inspectAcknowledgement(walk: Walk, type: number, version: Version): void {
  walk.identifier();
  if (version === 5 && walk.left > 0) {
    const reason = walk.byte('reason code');
    const allowed = type === PUBACK || type === PUBREC ? RECEIVED_REASONS : RELEASED_REASONS;
    if (!allowed.includes(reason)) {
      throw new Malformed('MQTT-3.4.2-1', `reason code ${reason} in packet type ${type}`);
    }
    if (walk.left > 0) walkProperties(walk, 'acknowledgement');
  }
  walk.finish();
}

function startOfSubscription(walk: Walk, version: Version, place: Place): void {
  walk.identifier();
  if (version === 5) walkProperties(walk, place);
  if (walk.left === 0) throw new Malformed('MQTT-3.8.3-2', `no topic filter in a ${place}`, 0x82);
}

function inspectFilter(walk: Walk): string {
  const filter = walk.text('topic filter');
  if (!isTopicFilter(filter)) {
    throw new Malformed('MQTT-4.7.1-1', `'${filter}' is no topic filter`, 0x8f);
  }
  return filter;
}

function inspectSubscribe(walk: Walk, version: Version): void {
  startOfSubscription(walk, version, 'SUBSCRIBE');
  while (walk.left > 0) {
    const filter = inspectFilter(walk);
    const options = walk.byte('subscription options');
    if (options & (version === 5 ? 0xc0 : 0xfc)) {
      throw new Malformed('MQTT-3.8.3-5', 'reserved subscription options are set');
    }
    if ((options & 3) === 3) throw new Malformed('MQTT-3.8.3-4', 'maximum QoS 3');
    if (options >> 4 === 3) throw new Malformed('MQTT-3.8.3.1', 'retain handling 3', 0x82);
    if (options & 4 && filter.startsWith('$share/')) {
      throw new Malformed('MQTT-3.8.3-4', 'no local on a shared subscription', 0x82);
    }
  }
}

function inspectUnsubscribe(walk: Walk, version: Version): void {
  startOfSubscription(walk, version, 'UNSUBSCRIBE');
  while (walk.left > 0) inspectFilter(walk);
}

function inspectDisconnect(walk: Walk, version: Version): void {
  if (version === 5 && walk.left > 0) {
    const reason = walk.byte('reason code');
    if (!DISCONNECT_REASONS.includes(reason)) {
      throw new Malformed('MQTT-3.14.2-1', `a client disconnected with reason ${reason}`, 0x82);
    }
    if (walk.left > 0) walkProperties(walk, 'DISCONNECT');
  }
  walk.finish();
}

function inspectAuth(walk: Walk): void {
  const reason = walk.left > 0 ? walk.byte('reason code') : 0;
  if (!AUTH_REASONS.includes(reason)) {
    throw new Malformed('MQTT-3.15.2-1', `a client sent AUTH with reason ${reason}`, 0x82);
  }
  if (walk.left > 0) walkProperties(walk, 'AUTH');
  walk.finish();
}
