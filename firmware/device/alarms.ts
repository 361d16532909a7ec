/**
 * The board's alarms as the device does them: each sample is judged by the rules, and what changes is
 * kept in flash and told through the outbox, in its class of alarms.
 *
 * What is kept has the number that the message will get, and is written first: after a power cut in
 * between, the outbox has not given that number yet, and it is told then. So a restart forgets no
 * alarm and raises none a second time. What a detector has learnt is kept once an hour, and before
 * the device leaves: flash wears.
 */

import type { Rule } from '../alarms/rule.ts';
import { RuleAlarm } from '../alarms/rule-alarm.ts';
import { readRules } from '../alarms/rule-reader.ts';
import { decodeAlarms, encodeAlarms } from '../alarms/saved-alarms.ts';
import { Unusual } from '../alarms/unusual/unusual.ts';
import { RecordKind } from '../outbox/outbox.ts';
import type { Quantity } from '../sensors/sensor.ts';
import { JsonObjectWriter } from '../telemetry/json.ts';
import { qualityCode } from '../telemetry/record-format.ts';
import type { DevicePorts } from './ports.ts';

const KEEP_LEARNT_MS = 3_600_000;
/** The longest message, with its braces. */
const MESSAGE_BYTES_MAX = 256;
/** Of a limit, as somebody has typed it. */
const LIMIT_DECIMALS = 6;
/** What no sensor has gives no values, and so has no decimals. */
const NO_QUANTITY = Object.freeze({ decimals: 0 });
const NO_SUCH = 'there is no such alarm';

export class DeviceAlarms {
  readonly list: readonly RuleAlarm[];
  /** Alarms of rules about quantities that no sensor has, with commas between; undefined for none. */
  readonly missing: string | undefined;
  /** By alarm, the place of its quantity; -1 where no sensor has it: a sensor may come back. */
  private readonly places: readonly number[];
  private readonly ports: Pick<DevicePorts, 'clock' | 'outbox' | 'alarmStore'>;
  private readonly boot: number;
  private readonly startedAt: number;
  private readonly bytes = new Uint8Array(MESSAGE_BYTES_MAX);
  private readonly json = new JsonObjectWriter(this.bytes);
  private keepLearntAt: number;

  /** @param text as the setting has it: it is checked before, and what is wrong is no rule */
  constructor(
    text: string,
    quantities: readonly Quantity[],
    ports: Pick<DevicePorts, 'clock' | 'outbox' | 'alarmStore'>,
    boot: number,
  ) {
    const placeOf = (rule: Rule) => quantities.findIndex(({ name }) => name === rule.quantity);
    const { rules } = readRules(text);
    const now = ports.clock.now();
    this.ports = ports;
    this.boot = boot;
    this.startedAt = now;
    this.keepLearntAt = now + KEEP_LEARNT_MS;
    this.missing = namesOf(rules.filter((rule) => placeOf(rule) < 0));
    this.places = rules.map(placeOf);
    this.list = rules.map((rule, i) => {
      const quantity = quantities[this.places[i]] ?? NO_QUANTITY;
      const isDetected = rule.kind === 'unusual' && quantity !== NO_QUANTITY;
      const learnt = isDetected ? ports.alarmStore?.learnt(i, rule.quantity) : undefined;
      const detector = isDetected ? new Unusual(learnt) : undefined;
      return new RuleAlarm(rule, quantity, detector, now);
    });
  }

  /** The alarms' names. */
  get names(): readonly string[] {
    return this.list.map(({ rule }) => rule.name);
  }

  /** Detectors that do not know enough yet, by their alarms; undefined for none. */
  get learning(): string | undefined {
    const learning = this.list.filter(({ detector }) => detector?.isLearning);
    return namesOf(learning.map(({ rule }) => rule));
  }

  /**
   * Goes on where the last boot stood. An alarm that nobody was told of yet is told now: those of new
   * rules, and one whose message a power cut has prevented. So is the end of one whose rule is gone.
   */
  start(): void {
    const { outbox, clock, alarmStore } = this.ports;
    const now = clock.now();
    const bytes = alarmStore?.alarms;
    const kept = bytes === undefined ? [] : decodeAlarms(bytes);
    const untold = this.list.filter((alarm) => {
      const before = kept.find(({ name }) => name === alarm.rule.name);
      if (before === undefined) return true;
      alarm.restore(before, now);
      return before.sequence >= outbox.headSequence;
    });
    const gone = kept.filter(({ name }) => !this.list.some(({ rule }) => rule.name === name));
    for (const { name, state } of gone) if (state !== 'normal') this.append(name, undefined, now);
    if (untold.length > 0 || gone.length > 0) this.tell(untold, now);
  }

  /** Judges a sample. @param values by quantity @param at when it was taken, monotonic milliseconds */
  judge(values: Float64Array, at: number): void {
    const { list, places } = this;
    const wallS = this.wallS(at);
    let isNew = false;
    for (let i = 0; i < list.length; i += 1) {
      const alarm = list[i];
      const value = places[i] < 0 ? Number.NaN : values[places[i]];
      if (!alarm.judge(value, at, wallS)) continue;
      isNew = alarm.isUntold = true;
    }
    if (isNew)
      this.tell(
        list.filter((alarm) => alarm.isUntold),
        at,
      );
    if (at >= this.keepLearntAt) this.flush(at);
  }

  /** Somebody has seen one, or all of them. @returns what prevented it, in words; empty: done */
  acknowledge(name: string): string {
    const named = name === '' ? this.list : this.list.filter(({ rule }) => rule.name === name);
    if (named.length === 0) return NO_SUCH;
    const seen = named.filter((alarm) => alarm.acknowledge());
    if (seen.length > 0) this.tell(seen, this.ports.clock.now());
    return '';
  }

  /** Silences one for so many seconds. @returns as above */
  shelve(name: string, seconds: number): string {
    const alarm = this.list.find(({ rule }) => rule.name === name);
    if (alarm === undefined) return NO_SUCH;
    const now = this.ports.clock.now();
    alarm.shelve(seconds, now, this.wallS(now));
    this.tell([alarm], now);
    return '';
  }

  /** Keeps what the detectors have learnt. */
  flush(at = this.ports.clock.now()): void {
    this.keepLearntAt = at + KEEP_LEARNT_MS;
    const { alarmStore } = this.ports;
    this.list.forEach(({ rule, detector }, i) => {
      if (detector !== undefined) alarmStore?.keepLearnt(i, rule.quantity, detector.state);
    });
  }

  /** Unix seconds; 0 where the time is not known. */
  private wallS(at: number): number {
    const { clock } = this.ports;
    if (clock.quality() === 'none') return 0;
    return Math.floor((clock.wall() - (clock.now() - at)) / 1000);
  }

  /** Keeps where all stand, then tells these. */
  private tell(alarms: readonly RuleAlarm[], at: number): void {
    const { outbox, alarmStore } = this.ports;
    alarms.forEach((alarm, i) => {
      alarm.sequence = outbox.headSequence + i;
      alarm.isUntold = false;
    });
    if (alarmStore !== undefined) {
      alarmStore.alarms = this.list.length === 0 ? undefined : encodeAlarms(this.list);
    }
    for (const alarm of alarms) this.append(alarm.rule.name, alarm, at);
  }

  /** @param alarm undefined: there is none of that name any more */
  private append(name: string, alarm: RuleAlarm | undefined, at: number): void {
    const { json, bytes } = this;
    const { clock, outbox } = this.ports;
    const quality = clock.quality();
    json.begin();
    json.text('alarm', name);
    json.text('state', alarm?.state ?? 'normal');
    if (alarm !== undefined) {
      const { state, rule, value, decimals, sinceS, untilS } = alarm;
      json.number('value', value, decimals);
      if (rule.kind !== 'unusual') json.number('limit', rule.limit, LIMIT_DECIMALS);
      if (sinceS > 0 && state !== 'normal') json.number('since', sinceS);
      if (untilS > 0) json.number('until', untilS);
    }
    // The stamp comes before it, and both in one pair of braces.
    const end = json.end() - 1;
    const { alarm: kind } = RecordKind;
    const uptime = at - this.startedAt;
    const time = quality === 'none' ? uptime : clock.wall() - (clock.now() - at);
    outbox.append(kind, time, qualityCode(quality), this.boot, 0, bytes, 1, end);
  }
}

function namesOf(rules: readonly Rule[]): string | undefined {
  return rules.length === 0 ? undefined : rules.map(({ name }) => name).join();
}
