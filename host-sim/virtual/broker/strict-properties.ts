/**
 * MQTT 5.0 properties (2.2.2.2): which may stand in which packet of a client, how often, and with
 * which values. `mqtt-packet` accepts any known property anywhere.
 */

import { Malformed, type Walk } from './strict-fields.ts';

/** Where a client's properties can stand. */
export type Place =
  | 'CONNECT'
  | 'will'
  | 'PUBLISH'
  | 'acknowledgement'
  | 'SUBSCRIBE'
  | 'UNSUBSCRIBE'
  | 'DISCONNECT'
  | 'AUTH';

type Kind = 'flag' | 'byte' | 'two' | 'four' | 'variable' | 'text' | 'binary' | 'pair';

interface Rule {
  name: string;
  kind: Kind;
  /** Places where a client may send it; empty for properties that only a server sends. */
  places: readonly Place[];
  zeroIsError?: boolean;
}

const EVERYWHERE: readonly Place[] = [
  'CONNECT',
  'will',
  'PUBLISH',
  'acknowledgement',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'DISCONNECT',
  'AUTH',
];
const MESSAGE: readonly Place[] = ['PUBLISH', 'will'];
const SERVER_ONLY: readonly Place[] = [];

const RULES: Readonly<Record<number, Rule>> = Object.freeze({
  1: { name: 'payload format indicator', kind: 'flag', places: MESSAGE },
  2: { name: 'message expiry interval', kind: 'four', places: MESSAGE },
  3: { name: 'content type', kind: 'text', places: MESSAGE },
  8: { name: 'response topic', kind: 'text', places: MESSAGE },
  9: { name: 'correlation data', kind: 'binary', places: MESSAGE },
  11: {
    name: 'subscription identifier',
    kind: 'variable',
    places: ['SUBSCRIBE'],
    zeroIsError: true,
  },
  17: { name: 'session expiry interval', kind: 'four', places: ['CONNECT', 'DISCONNECT'] },
  18: { name: 'assigned client identifier', kind: 'text', places: SERVER_ONLY },
  19: { name: 'server keep alive', kind: 'two', places: SERVER_ONLY },
  21: { name: 'authentication method', kind: 'text', places: ['CONNECT', 'AUTH'] },
  22: { name: 'authentication data', kind: 'binary', places: ['CONNECT', 'AUTH'] },
  23: { name: 'request problem information', kind: 'flag', places: ['CONNECT'] },
  24: { name: 'will delay interval', kind: 'four', places: ['will'] },
  25: { name: 'request response information', kind: 'flag', places: ['CONNECT'] },
  26: { name: 'response information', kind: 'text', places: SERVER_ONLY },
  28: { name: 'server reference', kind: 'text', places: SERVER_ONLY },
  31: {
    name: 'reason string',
    kind: 'text',
    places: ['acknowledgement', 'DISCONNECT', 'AUTH'],
  },
  33: { name: 'receive maximum', kind: 'two', places: ['CONNECT'], zeroIsError: true },
  34: { name: 'topic alias maximum', kind: 'two', places: ['CONNECT'] },
  35: { name: 'topic alias', kind: 'two', places: ['PUBLISH'] },
  36: { name: 'maximum QoS', kind: 'flag', places: SERVER_ONLY },
  37: { name: 'retain available', kind: 'flag', places: SERVER_ONLY },
  38: { name: 'user property', kind: 'pair', places: EVERYWHERE },
  39: { name: 'maximum packet size', kind: 'four', places: ['CONNECT'], zeroIsError: true },
  40: { name: 'wildcard subscription available', kind: 'flag', places: SERVER_ONLY },
  41: { name: 'subscription identifiers available', kind: 'flag', places: SERVER_ONLY },
  42: { name: 'shared subscription available', kind: 'flag', places: SERVER_ONLY },
});

const USER_PROPERTY = 38;
const RESPONSE_TOPIC = 8;
const AUTHENTICATION_METHOD = 21;
const AUTHENTICATION_DATA = 22;

/** Walks over one property section. @throws Malformed */
export function walkProperties(walk: Walk, place: Place): void {
  const length = walk.variable('property length');
  const outerEnd = walk.end;
  const end = walk.at + length;
  if (end > outerEnd) throw new Malformed('length', 'the properties are longer than the packet');
  if (length === 0) return;
  walk.end = end;
  const seen = new Set<number>();
  while (walk.left > 0) {
    const id = walk.variable('property identifier');
    const rule = RULES[id];
    if (rule === undefined) throw new Malformed('MQTT-2.2.2.2', `unknown property ${id}`);
    if (!rule.places.includes(place)) {
      throw new Malformed('MQTT-2.2.2.2', `a client sent ${rule.name} in its ${place}`, 0x82);
    }
    if (seen.has(id) && id !== USER_PROPERTY) {
      throw new Malformed('MQTT-2.2.2.2', `${rule.name} stands twice`, 0x82);
    }
    seen.add(id);
    walkValue(walk, id, rule);
  }
  walk.end = outerEnd;
  if (seen.has(AUTHENTICATION_DATA) && !seen.has(AUTHENTICATION_METHOD)) {
    throw new Malformed('MQTT-3.1.2.11.10', 'authentication data without a method', 0x82);
  }
}

function walkValue(walk: Walk, id: number, rule: Rule): void {
  if (rule.kind === 'pair') {
    walk.text('user property name');
    walk.text('user property value');
  } else if (rule.kind === 'binary') walk.binary(rule.name);
  else if (rule.kind === 'text') {
    const text = walk.text(rule.name);
    if (id === RESPONSE_TOPIC && (text === '' || /[#+]/.test(text))) {
      throw new Malformed('MQTT-3.3.2-14', 'the response topic has wildcards or is empty', 0x82);
    }
  } else walkNumber(walk, rule);
}

function walkNumber(walk: Walk, rule: Rule): void {
  let value: number;
  if (rule.kind === 'two') value = walk.uint16(rule.name);
  else if (rule.kind === 'four') value = walk.uint32(rule.name);
  else if (rule.kind === 'variable') value = walk.variable(rule.name);
  else value = walk.byte(rule.name);
  if (rule.kind === 'flag' && value > 1) {
    throw new Malformed('MQTT-2.2.2.2', `${rule.name} is ${value}, not 0 or 1`, 0x82);
  }
  if (rule.zeroIsError && value === 0) {
    throw new Malformed('MQTT-2.2.2.2', `${rule.name} is 0`, 0x82);
  }
}
