/**
 * Commands that come by MQTT, on `<base>/command/<name>`: checked, counted against a rate, handed
 * to whoever can do them, and answered in words.
 *
 * A payload is empty or one JSON object of at most 512 bytes:
 *
 *     id        text of at most 64 bytes, or a number: comes back in the response
 *     seconds   interval: 1 to 86400, needed; identify: 1 to 300, else 10; shelve: 1 to 604800, else 3600
 *     alarm     shelve: the alarm's name, needed; acknowledge: likewise, else all
 *     confirm   forget: "forget", needed
 *
 * The response is `{"command":"interval","id":7,"ok":true}`, or with `"ok":false` and `error`.
 * What is malformed or unknown gets a response and does nothing. What is retained does nothing and
 * gets none: a retained reboot would come again after each one.
 */

import { parseJsonObject } from '../base/json.ts';
import { utf8Length, writeUtf8 } from '../base/utf8.ts';

export type CommandName =
  | 'interval'
  | 'identify'
  | 'reboot'
  | 'sample'
  | 'diagnostics'
  | 'setup'
  | 'forget'
  | 'probe'
  | 'rediscover'
  | 'acknowledge'
  | 'shelve';

/** Does what commands ask for. */
export interface CommandHandler {
  /**
   * Called before the response goes out: what ends the connection must let it go out first.
   * @param seconds of `interval`, `identify` and `shelve`; 0 for the others
   * @param alarm of `acknowledge` and `shelve`; empty where none is named
   * @returns what prevented it, in words; empty when it is done or under way
   */
  perform(command: CommandName, seconds: number, alarm: string): string;
}

export interface CommandResponse {
  readonly ok: boolean;
  /** Words without a full stop; empty where `ok`. */
  readonly error: string;
  /** As the request had it; undefined for none. */
  readonly id: string | number | undefined;
  /** JSON for `<base>/response`, or for the response topic of MQTT 5.0 where there was one. */
  readonly payload: Uint8Array;
}

interface Rule {
  /** The range of `seconds` is 1 to this; 0: it takes none. */
  readonly secondsMax: number;
  /** The default of `seconds`; 0: it must be given. */
  readonly secondsDefault: number;
  readonly isConfirmed: boolean;
  /** Whether it takes the name of an alarm. */
  readonly alarm: 'none' | 'one' | 'one or all';
}

function rule(
  secondsMax = 0,
  secondsDefault = 0,
  isConfirmed = false,
  alarm: Rule['alarm'] = 'none',
): Rule {
  return Object.freeze({ secondsMax, secondsDefault, isConfirmed, alarm });
}

const PLAIN = rule();
const RULES: Readonly<Record<CommandName, Rule>> = Object.freeze({
  interval: rule(86_400),
  identify: rule(300, 10),
  reboot: PLAIN,
  sample: PLAIN,
  diagnostics: PLAIN,
  setup: PLAIN,
  forget: rule(0, 0, true),
  probe: PLAIN,
  rediscover: PLAIN,
  acknowledge: rule(0, 0, false, 'one or all'),
  shelve: rule(604_800, 3600, false, 'one'),
});

export const PAYLOAD_BYTES_MAX = 512;
/** Of an `id`, and of an alarm's name. */
const ID_BYTES_MAX = 64;
/** A response repeats at most this much of an unknown name. */
const NAME_CHARACTERS_MAX = 32;
/** Commands that may come at once, and the milliseconds until one more may. */
const BURST = 8;
const REFILL_MS = 1000;

type Arguments = Readonly<Record<string, unknown>>;

export class CommandTable {
  /** Commands since the start that came too fast. */
  refused = 0;
  private readonly handler: CommandHandler;
  /** Commands have been paid for up to this time. */
  private paidUntil = Number.NEGATIVE_INFINITY;
  private isFlooded = false;

  constructor(handler: CommandHandler) {
    this.handler = handler;
  }

  /**
   * Takes a message that came on a command topic.
   * @param name the topic's last level
   * @param now monotonic milliseconds
   * @returns what to answer; undefined for nothing: it was retained, or one of a flood, of which
   *   the first is answered
   */
  take(
    name: string,
    payload: Uint8Array,
    isRetained: boolean,
    now: number,
  ): CommandResponse | undefined {
    if (isRetained) return undefined;
    if (!this.pay(now)) {
      this.refused += 1;
      if (this.isFlooded) return undefined;
      this.isFlooded = true;
      return response(name, undefined, 'too many commands');
    }
    this.isFlooded = false;
    const values = payload.length === 0 ? {} : readArguments(payload);
    if (values === undefined) {
      return response(
        name,
        undefined,
        `the payload is no JSON object of at most ${PAYLOAD_BYTES_MAX} bytes`,
      );
    }
    const { id } = values;
    if (!isId(id)) return response(name, undefined, 'id is no number and no short text');
    return response(name, id, this.perform(name, values));
  }

  /** A token bucket, kept as the time up to which it was emptied. */
  private pay(now: number): boolean {
    const from = Math.max(this.paidUntil, now - BURST * REFILL_MS);
    if (from + REFILL_MS > now) return false;
    this.paidUntil = from + REFILL_MS;
    return true;
  }

  /** @returns what is wrong, or empty */
  private perform(name: string, values: Arguments): string {
    if (!Object.keys(RULES).includes(name)) return 'there is no such command';
    const command = name as CommandName;
    const { secondsMax, secondsDefault, isConfirmed } = RULES[command];
    if (isConfirmed && values.confirm !== name) return `confirm must be "${name}"`;
    const alarm = alarmOf(command, values);
    if (alarm === undefined) return 'alarm must be the name of an alarm';
    if (secondsMax === 0) return this.handler.perform(command, 0, alarm);
    const seconds = values.seconds === undefined ? secondsDefault : values.seconds;
    if (!Number.isInteger(seconds) || (seconds as number) < 1 || (seconds as number) > secondsMax) {
      return `seconds must be a whole number from 1 to ${secondsMax}`;
    }
    return this.handler.perform(command, seconds as number, alarm);
  }
}

function readArguments(payload: Uint8Array): Arguments | undefined {
  return payload.length > PAYLOAD_BYTES_MAX ? undefined : parseJsonObject(payload);
}

/** The alarm that is named, empty where none needs to be; undefined for what is no name. */
function alarmOf(command: CommandName, { alarm }: Arguments): string | undefined {
  const wanted = RULES[command].alarm;
  if (wanted === 'none' || (alarm === undefined && wanted !== 'one')) return '';
  const isName = typeof alarm === 'string' && alarm !== '' && utf8Length(alarm) <= ID_BYTES_MAX;
  return isName ? alarm : undefined;
}

function isId(id: unknown): id is string | number | undefined {
  if (typeof id === 'string') return utf8Length(id) <= ID_BYTES_MAX;
  return id === undefined || Number.isFinite(id);
}

function response(name: string, id: string | number | undefined, error: string): CommandResponse {
  const ok = error === '';
  const command = name.slice(0, NAME_CHARACTERS_MAX);
  // What is undefined, JSON leaves out.
  const json = JSON.stringify({ command, id, ok, error: ok ? undefined : error });
  const payload = new Uint8Array(utf8Length(json));
  writeUtf8(payload, 0, json);
  return { ok, error, id, payload };
}
