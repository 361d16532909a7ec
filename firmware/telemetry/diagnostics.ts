/** The diagnostics message: how the device does, as one flat JSON object. */

import { JsonObjectWriter } from './json.ts';

/** What is reported; a field that is undefined is left out. */
export interface Diagnostics {
  firmwareVersion: string;
  boots: number;
  resetReason: string;
  uptimeMs: number;
  rssi?: number;
  channel?: number;
  bssid?: string;
  freeBytes?: number;
  freeBytesMin?: number;
  reconnects: number;
  takeovers: number;
  lastError?: string;
  /** Kinds of messages that the broker does not take, separated by commas. */
  leftOut?: string;
  outboxDepth: number;
  /** The numbers of readings that are set aside, separated by commas. */
  setAside?: string;
  oldestAgeMs?: number;
  dropped: number;
  /** Of these, what no message can hold: only while there is any. */
  oversized?: number;
  refused: number;
  missedSamples: number;
  /** Readings that were not stored, because nothing had moved; undefined where all are. */
  unchanged?: number;
  timeQuality: string;
  /**
   * Whole days that the client certificate is still valid; negative: it is not. Undefined while that
   * is no matter, or not known.
   */
  certificateDays?: number;
  /** Alarms whose detectors do not know enough yet, separated by commas. */
  learning?: string;
  /** Alarms of rules about quantities that no sensor has, separated by commas. */
  alarmsMissing?: string;
}

/** What is reported of a sensor. */
export interface SensorReport {
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string;
}

export class DiagnosticsWriter {
  private readonly json: JsonObjectWriter;

  /** @param into where messages are written */
  constructor(into: Uint8Array) {
    this.json = new JsonObjectWriter(into);
  }

  /**
   * Writes the message to `into[start..start + bytesMax)`; fields beyond that are left out. Without
   * so much room in `into` the message is not whole, and longer than the room.
   * @returns its length
   */
  write(
    report: Diagnostics,
    sensors: readonly SensorReport[],
    start: number,
    bytesMax: number,
  ): number {
    const json = this.json;
    json.begin(start, bytesMax);
    json.text('firmware', report.firmwareVersion);
    json.number('boots', report.boots);
    json.text('reset', report.resetReason);
    json.number('uptime', Math.floor(report.uptimeMs / 1000));
    json.number('outbox', report.outboxDepth);
    json.text('set_aside', report.setAside);
    if (report.oldestAgeMs !== undefined) {
      json.number('oldest_age', Math.floor(report.oldestAgeMs / 1000));
    }
    json.number('dropped', report.dropped);
    json.number('oversized', report.oversized);
    json.number('refused', report.refused);
    json.number('missed_samples', report.missedSamples);
    json.number('unchanged', report.unchanged);
    json.number('reconnects', report.reconnects);
    json.number('takeovers', report.takeovers);
    json.text('tq', report.timeQuality);
    json.number('rssi', report.rssi);
    json.number('channel', report.channel);
    json.text('bssid', report.bssid);
    json.number('heap_free', report.freeBytes);
    json.number('heap_free_min', report.freeBytesMin);
    const days = report.certificateDays;
    if (days !== undefined) {
      json.text('certificate', days < 0 ? 'expired' : 'expires soon');
      json.number('certificate_days', days);
    }
    json.text('last_error', report.lastError);
    json.text('left_out', report.leftOut);
    json.text('learning', report.learning);
    json.text('alarms_missing', report.alarmsMissing);
    for (let i = 0; i < sensors.length; i++) {
      const sensor = sensors[i];
      if (!sensor.ok) json.text(`sensor_${sensor.name}`, sensor.reason);
    }
    return json.end();
  }
}
