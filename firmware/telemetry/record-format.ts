/**
 * The payload of a stored reading, as it goes out: number, boot and time around its values.
 *
 * A reading of this boot that was taken before the time was known is stamped on its way out, once
 * the time is known; one of an earlier boot keeps its uptime.
 */

import { decodeUtf8, utf8Length, writeUtf8 } from '../base/utf8.ts';
import type { Outbox, OutboxRecord } from '../outbox/outbox.ts';
import type { TimeQuality } from '../ports.ts';
import { TelemetryWriter } from './reading.ts';
import type { ReadingStamp } from './stamp.ts';

/** The part of an outbox record that a message needs. */
export type StoredReading = Pick<
  OutboxRecord,
  'sequence' | 'boot' | 'quality' | 'at' | 'view' | 'start' | 'end'
>;

const NOTHING: Pick<Outbox, 'inFlight'> = Object.freeze({ inFlight: 0 });
const QUALITIES: readonly TimeQuality[] = Object.freeze(['none', 'estimated', 'sync']);

/** What an alarm's record begins with, before its name. */
const NAME_AT = '"alarm":"'.length;
const QUOTE = 0x22;

/** The number under which a time quality is stored. */
export function qualityCode(quality: TimeQuality): 0 | 1 | 2 {
  return quality === 'sync' ? 2 : quality === 'estimated' ? 1 : 0;
}

export class ReadingFormat {
  readonly topic: Uint8Array;
  private readonly alarms: string;
  private readonly boot: number;
  private readonly writer = new TelemetryWriter();
  private readonly stamp: ReadingStamp = {
    sequence: 0,
    boot: 0,
    quality: 'none',
    unixMs: 0,
    upMs: 0,
  };
  /** Unix time at this boot's start in ms, once known. */
  private bootedAt = 0;
  private bootedQuality: TimeQuality = 'none';

  /**
   * @param topic of readings, encoded
   * @param alarms those of alarms without their names
   * @param boot the number of this boot
   */
  constructor(topic: Uint8Array, alarms: string, boot: number) {
    this.topic = topic;
    this.alarms = alarms;
    this.boot = boot;
  }

  /**
   * Tells the time, so that readings without one can be stamped; `none` tells nothing.
   * @param bootedAt Unix ms at this boot's start
   * @param sent readings in flight may have to be sent again: as the same messages [MQTT-4.4.0-1],
   *   so the time that they were stamped with stays until there are none
   */
  setTime(bootedAt: number, quality: TimeQuality, sent: typeof NOTHING = NOTHING): void {
    if (quality === 'none') return;
    if (bootedAt === this.bootedAt && quality === this.bootedQuality) return;
    if (sent.inFlight > 0) return;
    this.bootedAt = bootedAt;
    this.bootedQuality = quality;
  }

  /** An alarm's topic: its record, also one of other rules than today's, begins with its name. */
  alarmTopic({ bytes, start }: Pick<OutboxRecord, 'bytes' | 'start'>): Uint8Array {
    const from = start + NAME_AT;
    const name = `${this.alarms}${decodeUtf8(bytes, from, bytes.indexOf(QUOTE, from))}`;
    const topic = new Uint8Array(utf8Length(name));
    writeUtf8(topic, 0, name);
    return topic;
  }

  /**
   * Writes the payload, or nothing where there is no room for it.
   * @param view on the memory of `into`
   * @returns the position after it as if there had been room
   */
  write(into: Uint8Array, at: number, reading: StoredReading, view: DataView): number {
    const stamp = this.stamp;
    const quality = reading.quality;
    stamp.sequence = reading.sequence;
    stamp.boot = reading.boot;
    stamp.quality = QUALITIES[quality];
    stamp.unixMs = stamp.upMs = reading.at;
    if (quality === 0 && reading.boot === this.boot && this.bootedQuality !== 'none') {
      stamp.quality = this.bootedQuality;
      stamp.unixMs = this.bootedAt + reading.at;
    }
    return this.writer.write(into, at, view, stamp, reading.view, reading.start, reading.end);
  }
}
