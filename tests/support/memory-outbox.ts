/** An outbox in RAM, which stands for the one on flash where a test is not about storage. */

import { LogOutbox } from '../../firmware/outbox/log-outbox.ts';
import { type Outbox, WINDOW_MAX } from '../../firmware/outbox/outbox.ts';
import { MemoryLog } from './memory-log.ts';

/** An average payload; it decides how many records the slots are made for. */
const PAYLOAD_BYTES_USUAL = 32;
/** Memory per slot beside the payload, in bytes. */
const SLOT_BYTES = 31;
const BYTES_MIN = 1024;

export interface MemoryOutboxOptions {
  /** Memory to take in all, in bytes, at least 1024; a quarter of it is for alarms. */
  readonly bytes: number;
  /** Records in flight per lane, 1 to 128. */
  readonly window: number;
}

/** @throws RangeError naming the option that is out of range. */
export function openMemoryOutbox(options: MemoryOutboxOptions): Outbox {
  const { bytes, window } = options;
  if (!(bytes >= BYTES_MIN)) throw new RangeError(`outbox.bytes must be at least ${BYTES_MIN}`);
  if (!(window >= 1 && window <= WINDOW_MAX)) {
    throw new RangeError(`outbox.window must be 1 to ${WINDOW_MAX}`);
  }
  const alarms = Math.floor(bytes / 4);
  return new LogOutbox(memoryLog(alarms, window), memoryLog(bytes - alarms, window));
}

function memoryLog(bytes: number, window: number): MemoryLog {
  const records = Math.floor(bytes / (PAYLOAD_BYTES_USUAL + SLOT_BYTES));
  return new MemoryLog(records * PAYLOAD_BYTES_USUAL, records, window);
}
