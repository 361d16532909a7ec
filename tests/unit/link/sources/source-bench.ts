/** An outbox with both of its sources, and a format that writes payloads as they are. */

import { Deadlines } from '../../../../firmware/base/deadlines.ts';
import { HistorySource } from '../../../../firmware/link/sources/history.ts';
import {
  OutboxSource,
  type RecordFormat,
  type RecordObserver,
} from '../../../../firmware/link/sources/outbox.ts';
import { RecordKind, RecordQuality } from '../../../../firmware/outbox/outbox.ts';
import { openMemoryOutbox } from '../../../support/memory-outbox.ts';

export const TELEMETRY = new Uint8Array([1]);
export const ALARM = new Uint8Array([2]);
export const HISTORY = new Uint8Array([3]);

export class SourceBench implements RecordObserver {
  readonly log: string[] = [];
  readonly deadlines = Deadlines.ofDevice();
  readonly outbox;
  readonly live: OutboxSource;
  readonly history: HistorySource;
  readonly format: RecordFormat = {
    topic: TELEMETRY,
    alarmTopic: () => ALARM,
    write: (into, at, { bytes, start, end }) => {
      into.set(bytes.subarray(start, Math.min(end, start + Math.max(0, into.length - at))), at);
      return at + end - start;
    },
  };

  constructor(window = 4, bytes = 64 * 1024) {
    this.outbox = openMemoryOutbox({ bytes, window });
    this.live = new OutboxSource(this.outbox, this.format, this);
    this.history = new HistorySource(this.outbox, this.format, this, HISTORY, this.deadlines);
    this.history.resume(1000, 0);
  }

  recordPublished({ sequence }: { sequence: number }, late: boolean, again: boolean): void {
    this.log.push(`sent ${sequence}${late ? ' late' : ''}${again ? ' again' : ''}`);
  }

  recordSettled(sequence: number, late: boolean, reason: number): void {
    this.log.push(`settled ${sequence}${late ? ' late' : ''} ${reason}`);
  }

  append(...texts: string[]): this {
    for (const text of texts) {
      const payload = Buffer.from(text);
      const { reading } = RecordKind;
      const { none } = RecordQuality;
      this.outbox.append(reading, 0, none, 1, 0, payload, 0, payload.length);
    }
    return this;
  }

  numbers(from: number, to: number): this {
    for (let i = from; i <= to; i += 1) this.append(String(i));
    return this;
  }
}

/** The payload of a source's current message. */
export function payloadOf(source: OutboxSource | HistorySource): string {
  const into = Buffer.alloc(2000);
  const view = new DataView(into.buffer, into.byteOffset, into.length);
  return into.toString('utf8', 0, source.writePayload(into, 0, view));
}
