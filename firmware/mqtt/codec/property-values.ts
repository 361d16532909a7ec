/** MQTT 5 properties to send: plain objects, encoded once at set-up or per rare packet. */

import { writeBytes, writeUint16, writeUint32 } from '../../base/bytes.ts';
import { ConfigError } from '../../base/errors.ts';
import { utf8Length, writeUtf8 } from '../../base/utf8.ts';
import { checkLength, checkText, checkWhole } from '../session/checks.ts';
import { Property, VARINT_MAX } from './constants.ts';
import { BINARY, STRING, shapeOf, UINT16, UINT32 } from './property-rules.ts';
import { writeVarint } from './varint.ts';

/** Properties by name; a field left out is not sent. Seconds where a time is meant. */
export interface PropertyValues {
  readonly payloadFormat?: 0 | 1;
  readonly messageExpiry?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly sessionExpiry?: number;
  readonly authenticationMethod?: string;
  readonly authenticationData?: Uint8Array;
  readonly willDelay?: number;
  readonly requestResponseInformation?: 0 | 1;
  readonly receiveMaximum?: number;
  readonly topicAliasMaximum?: number;
  readonly maximumPacketSize?: number;
  readonly user?: readonly (readonly [string, string])[];
}

/** The largest number by shape: a byte, which is a boolean, is written as a variable integer. */
const MAXIMA: readonly number[] = Object.freeze([0, 1, 0xffff, 0xffff_ffff, VARINT_MAX]);

/**
 * Encodes properties without their length. Allocates the result.
 * @throws ConfigError when a number is out of its range, a text longer than 65,535 bytes or with
 * U+0000, or the response topic no topic name
 */
export function encodeProperties(values: PropertyValues): Uint8Array {
  const bytes = new Uint8Array(writeProperties(new Uint8Array(0), values));
  writeProperties(bytes, values);
  return bytes;
}

function writeProperties(into: Uint8Array, values: PropertyValues): number {
  let at = 0;
  for (const name of Object.keys(values)) {
    const value = values[name as keyof PropertyValues];
    if (value === undefined) continue;
    if (name === 'user') {
      at = writeUsers(into, at, value as readonly (readonly [string, string])[]);
      continue;
    }
    const id = Property[name as keyof typeof Property];
    into[at] = id;
    at = writeValue(into, at + 1, shapeOf(id), value, name);
  }
  return at;
}

function writeUsers(
  into: Uint8Array,
  start: number,
  pairs: readonly (readonly [string, string])[],
): number {
  let at = start;
  for (const pair of pairs) {
    into[at] = Property.userProperty;
    at = writeText(into, writeText(into, at + 1, pair[0], 'user'), pair[1], 'user');
  }
  return at;
}

function writeValue(
  into: Uint8Array,
  at: number,
  shape: number,
  value: unknown,
  name: string,
): number {
  if (shape === STRING) {
    if (name === 'responseTopic') checkResponseTopic(value as string);
    return writeText(into, at, value as string, name);
  }
  if (shape === BINARY) {
    const data = value as Uint8Array;
    checkLength(name, data.length);
    return writeBytes(into, writeUint16(into, at, data.length), data);
  }
  const number = value as number;
  checkWhole(name, number, 0, MAXIMA[shape]);
  if (shape === UINT16) return writeUint16(into, at, number);
  if (shape === UINT32) return writeUint32(into, at, number);
  return writeVarint(into, at, number);
}

function writeText(into: Uint8Array, at: number, value: string, name: string): number {
  checkText(name, value);
  return writeUtf8(into, writeUint16(into, at, utf8Length(value)), value);
}

/** A response topic is a topic name [5.0 MQTT-3.3.2-14]. */
function checkResponseTopic(value: string): void {
  if (value === '' || value.indexOf('+') >= 0 || value.indexOf('#') >= 0) {
    throw new ConfigError('responseTopic', 'is empty or has a wildcard');
  }
}
