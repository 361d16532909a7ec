/**
 * MQTT packets as lines for people: the packet's name, then its fields in the order in which they
 * lie in it, what is usual left out. Secrets are never in it: of a password, of what proves one, and
 * of settings that may hold some, only the length is told.
 */

import type { Packet, UserProperties } from 'mqtt-packet';
import { printable } from '../view/text.ts';
import type { Direction } from './tapped-network.ts';

const PAYLOAD_CHARACTERS_MAX = 120;
const TEXT_CHARACTERS_MAX = 120;
/** A broker may send properties without end. */
const LINE_CHARACTERS_MAX = 1000;
/** Below these a payload may hold a secret: settings from afar, also in pieces. */
const SECRET_TOPIC = /\/desired(\/|$)/;
/** Fields whose bytes are told by their number alone. */
const SECRETS: readonly string[] = Object.freeze(['password', 'authenticationData']);
/** What each packet has, and what says the same in another way. */
const HIDDEN: readonly string[] = Object.freeze([
  ...['cmd', 'length', 'dup', 'retain', 'qos', 'payload', 'topic', 'messageId', 'protocolId'],
  ...['bridgeMode', 'returnCode', 'properties', 'will', 'subscriptions', 'unsubscriptions'],
  ...[
    'reasonCode',
    'granted',
    'clean',
    'sessionPresent',
    'protocolVersion',
    'clientId',
    'keepalive',
  ],
]);

/** `→ PUBLISH 7 q1 retain mote/a/status 'online'`. @param packet or why there is none */
export function packetText(direction: Direction, packet: Packet | string): string {
  const arrow = direction === 'out' ? '→' : '←';
  if (typeof packet === 'string')
    return `${arrow} ${printable(packet).slice(0, TEXT_CHARACTERS_MAX)}`;
  const line = `${arrow} ${[packet.cmd.toUpperCase(), ...partsOf(packet)].join(' ')}`;
  return line.length <= LINE_CHARACTERS_MAX ? line : `${line.slice(0, LINE_CHARACTERS_MAX)}…`;
}

function partsOf(packet: Packet): string[] {
  const parts: string[] = [];
  const { messageId } = packet;
  if (messageId !== undefined) parts.push(String(messageId));
  switch (packet.cmd) {
    case 'connect': {
      const { protocolVersion, clientId, keepalive, clean, will } = packet;
      parts.push(
        `v${protocolVersion === 5 ? '5.0' : '3.1.1'}`,
        text(clientId),
        `keep-alive ${keepalive}`,
      );
      if (clean === true) parts.push('clean');
      if (will !== undefined) {
        const { topic, payload, qos, retain, properties } = will;
        parts.push(`will q${qos}${retain ? ' retain' : ''} ${text(topic)} ${body(topic, payload)}`);
        parts.push(...members(properties));
      }
      break;
    }
    case 'connack':
      parts.push(packet.sessionPresent ? 'session present' : 'no session', reason(packet));
      break;
    case 'publish': {
      const { qos, dup, retain, topic, payload } = packet;
      parts.push(
        `q${qos}`,
        dup ? 'dup' : '',
        retain ? 'retain' : '',
        text(topic),
        body(topic, payload),
      );
      break;
    }
    case 'subscribe':
      parts.push(...packet.subscriptions.map(({ topic, qos }) => `${text(topic)} q${qos}`));
      break;
    case 'suback':
    case 'unsuback':
      parts.push([...(packet.granted as unknown as (number | string)[])].map(hex).join(' '));
      break;
    case 'unsubscribe':
      parts.push(...packet.unsubscriptions.map(text));
      break;
    default:
      parts.push(reason(packet));
  }
  const own = Object.entries(packet).filter(([name]) => !HIDDEN.includes(name));
  parts.push(...members(Object.fromEntries(own)));
  // A PUBACK has none in 3.1.1.
  if ('properties' in packet) parts.push(...members(packet.properties));
  return parts.filter((part) => part !== '');
}

/** What went wrong; nothing where nothing did. */
function reason(packet: Packet): string {
  const { reasonCode, returnCode } = packet as { reasonCode?: number; returnCode?: number };
  const code = reasonCode ?? returnCode ?? 0;
  return code === 0 ? '' : hex(code);
}

function hex(code: number | string): string {
  return `0x${Number(code).toString(16).padStart(2, '0')}`;
}

/** Fields with their names. */
function members(fields: object | undefined): string[] {
  return Object.entries(fields ?? {}).flatMap(([name, value]) => {
    if (value === undefined || value === null || value === false) return [];
    if (name === 'userProperties') return userProperties(value as UserProperties);
    return `${name}=${shownValue(name, value)}`;
  });
}

function userProperties(values: UserProperties): string[] {
  return Object.entries(values).map(([name, value]) => `${text(name)}=${text(String(value))}`);
}

function shownValue(name: string, value: unknown): string {
  if (value instanceof Uint8Array) {
    return SECRETS.includes(name) ? bytes(value) : Buffer.from(value).toString('hex').slice(0, 64);
  }
  return SECRETS.includes(name) ? bytes(Buffer.from(String(value))) : text(String(value));
}

function body(topic: string, payload: string | Buffer): string {
  const data = Buffer.from(payload);
  if (SECRET_TOPIC.test(topic) && data.length > 0) return bytes(data);
  const whole = printable(data.subarray(0, 4 * PAYLOAD_CHARACTERS_MAX).toString());
  if (whole.length <= PAYLOAD_CHARACTERS_MAX) return `'${whole}'`;
  return `'${whole.slice(0, PAYLOAD_CHARACTERS_MAX)}…' ${bytes(data)}`;
}

function bytes({ length }: Uint8Array): string {
  return `(${length} bytes)`;
}

function text(value: string): string {
  const shown = printable(value).slice(0, TEXT_CHARACTERS_MAX);
  return shown === '' || /\s/.test(shown) ? `'${shown}'` : shown;
}
