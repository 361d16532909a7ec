/**
 * What a board keeps of the settings that it was sent: the version that was settled last, what became
 * of it, and what is still under way. One small value; a damaged one counts as none.
 *
 *     0  1  format: 2
 *     1  1  trials that were begun
 *     2  1  1 while the settings may be what crashes the board
 *     3  4  the version that was settled before the one under way
 *     7  4  what failed last (`riskOf`); 0 for nothing
 *    11     JSON: v, state, reason, problems
 */

import { readUint32, writeUint32 } from '../base/bytes.ts';
import { parseJsonObject } from '../base/json.ts';
import { utf8 } from '../config/values.ts';
import type { KeyValue } from '../ports.ts';
import { REMOTE } from './saved-values.ts';

/** What became of a document: `reported` says the same. */
export type RemoteState = 'none' | 'applied' | 'trying' | 'reverted' | 'refused';

export interface RemoteRecord {
  /** The version of the last document; 0 before the first. */
  readonly v: number;
  readonly state: RemoteState;
  /** Why it was reverted or refused, in words; undefined where it was not. */
  readonly reason?: string;
  /** What was not taken over: by field, in words. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What is under way, and `RemoteRecord` does not tell. */
export interface RemoteProgress {
  /** Trials that were begun. */
  readonly tries: number;
  /** The settings may be what crashes the board. */
  readonly isWatched: boolean;
  /** The version that was settled before. */
  readonly before: number;
  /** What is tried, or failed last, as `riskOf` has it; 0 for nothing. */
  readonly risk: number;
}

const FORMAT = 2;
const BEFORE_AT = 3;
const RISK_AT = 7;
const HEADER_BYTES = 11;
/** The most that is kept, and so the most that a report holds beside the settings. */
export const RECORD_BYTES_MAX = 1024;
const STATES: readonly unknown[] = Object.freeze([
  'none',
  'applied',
  'trying',
  'reverted',
  'refused',
]);
const NOTHING: RemoteRecord = Object.freeze({ v: 0, state: 'none', problems: Object.freeze({}) });
export const IDLE: RemoteProgress = Object.freeze({
  tries: 0,
  isWatched: false,
  before: 0,
  risk: 0,
});

export class RemoteMemory {
  record: RemoteRecord = NOTHING;
  progress: RemoteProgress = IDLE;
  private readonly values: KeyValue;

  constructor(values: KeyValue) {
    this.values = values;
    const bytes = values.get(REMOTE);
    if (bytes === undefined || bytes.length > RECORD_BYTES_MAX || bytes[0] !== FORMAT) return;
    if (bytes.length < HEADER_BYTES) return;
    const record = readRecord(bytes.subarray(HEADER_BYTES));
    if (record === undefined) return;
    this.record = record;
    this.progress = {
      tries: bytes[1],
      isWatched: bytes[2] === 1,
      before: readUint32(bytes, BEFORE_AT),
      risk: readUint32(bytes, RISK_AT),
    };
  }

  /** @throws where the storage fails; nothing has changed then */
  keep(record: RemoteRecord, progress: RemoteProgress = IDLE): void {
    const text = utf8(JSON.stringify(record));
    // A report whose words found no room: what counts is kept.
    const json = text.length + HEADER_BYTES <= RECORD_BYTES_MAX ? text : utf8(shortened(record));
    const bytes = new Uint8Array(HEADER_BYTES + json.length);
    bytes[0] = FORMAT;
    bytes[1] = progress.tries;
    bytes[2] = progress.isWatched ? 1 : 0;
    writeUint32(bytes, BEFORE_AT, progress.before);
    writeUint32(bytes, RISK_AT, progress.risk);
    bytes.set(json, HEADER_BYTES);
    this.values.set(REMOTE, bytes);
    this.record = record;
    this.progress = progress;
  }
}

function shortened({ v, state }: RemoteRecord): string {
  return JSON.stringify({ v, state, problems: {} });
}

function readRecord(json: Uint8Array): RemoteRecord | undefined {
  const values = parseJsonObject(json);
  if (values === undefined || !Number.isInteger(values.v) || !STATES.includes(values.state)) {
    return undefined;
  }
  return { problems: {}, ...values } as unknown as RemoteRecord;
}
