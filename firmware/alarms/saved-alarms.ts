/**
 * Where alarms stand, as bytes for a small value in flash. Big-endian:
 *
 *     0   1  version: 1
 *     1   1  alarms, n
 *     2   n  alarms, each: length of the name (1), name, state (1; 0x80: what its rule says holds),
 *            since (4) and shelved until (4) in Unix seconds, seconds on the shelf (4), number of
 *            the message that told so (4)
 *     +n  4  CRC-32 of all before
 *
 * What is not whole is nothing: the alarms then begin anew.
 */

import { asciiBytes } from '../base/ascii.ts';
import { readUint32, writeBytes, writeUint32 } from '../base/bytes.ts';
import { crc32 } from '../base/crc32.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import type { AlarmState } from './alarm-state.ts';
import type { KeptAlarm } from './rule-alarm.ts';

const VERSION = 1;
const HEAD_BYTES = 2;
const CRC_BYTES = 4;
/** Of an alarm, beside its name. */
const FIXED_BYTES = 18;
const IS_ON = 0x80;
/** By the number under which a state is stored. */
const STATES: readonly AlarmState[] = Object.freeze([
  'normal',
  'active',
  'acknowledged',
  'cleared',
  'shelved',
]);
/** Above the number of any message that was told. */
const UNTOLD = 0xffff_ffff;
const NONE: readonly KeptAlarm[] = Object.freeze([]);

/** What is stored of an alarm; a `RuleAlarm` has it. */
type Stored = Omit<KeptAlarm, 'name'> & { readonly rule: Pick<KeptAlarm, 'name'> };

export function encodeAlarms(alarms: readonly Stored[]): Uint8Array {
  const length = alarms.reduce((sum, { rule }) => sum + rule.name.length + FIXED_BYTES, HEAD_BYTES);
  const bytes = new Uint8Array(length + CRC_BYTES);
  bytes[0] = VERSION;
  bytes[1] = alarms.length;
  let at = HEAD_BYTES;
  for (const { rule, state, isOn, sinceS, untilS, shelfS, sequence } of alarms) {
    const { name } = rule;
    bytes[at] = name.length;
    at = writeBytes(bytes, at + 1, asciiBytes(name));
    bytes[at] = STATES.indexOf(state) | (isOn ? IS_ON : 0);
    at = writeUint32(bytes, at + 1, sinceS);
    at = writeUint32(bytes, at, untilS);
    at = writeUint32(bytes, at, shelfS);
    at = writeUint32(bytes, at, sequence);
  }
  writeUint32(bytes, at, crc32(bytes, 0, at));
  return bytes;
}

/** @returns none for bytes that are not what `encodeAlarms` wrote */
export function decodeAlarms(bytes: Uint8Array): readonly KeptAlarm[] {
  const end = bytes.length - CRC_BYTES;
  if (end < HEAD_BYTES || bytes[0] !== VERSION) return NONE;
  if (readUint32(bytes, end) !== crc32(bytes, 0, end)) return NONE;
  const alarms: KeptAlarm[] = [];
  let at = HEAD_BYTES;
  for (let i = 0; i < bytes[1]; i += 1) {
    const start = at + 1;
    at = start + bytes[at];
    const state = STATES[bytes[at] & ~IS_ON];
    // The sum is right, and these are no alarms: whoever wrote them had others in mind.
    if (at + FIXED_BYTES - 1 > end || state === undefined) return NONE;
    alarms.push({
      name: decodeUtf8(bytes, start, at),
      state,
      isOn: (bytes[at] & IS_ON) !== 0,
      sinceS: readUint32(bytes, at + 1),
      untilS: readUint32(bytes, at + 5),
      shelfS: readUint32(bytes, at + 9),
      sequence: readUint32(bytes, at + 13),
    });
    at += FIXED_BYTES - 1;
  }
  return alarms;
}

/** The same alarms, and nobody has been told of them: another broker knows none. */
export function untoldAlarms(bytes: Uint8Array): Uint8Array {
  const untold = (kept: KeptAlarm): Stored => ({ ...kept, rule: kept, sequence: UNTOLD });
  return encodeAlarms(decodeAlarms(bytes).map(untold));
}
