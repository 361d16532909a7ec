/**
 * What goes wrong on the way to the broker, as lines for people: each said once until something
 * changes, and final where trying again cannot help.
 *
 * Whether anything is left to be tried is for the firmware to say: it falls back to other versions
 * of MQTT by itself. A problem is final only while no device has ever connected: then it is a
 * mistake in what the user gave. Later the same words are weather, and are retried.
 */

import {
  type EndCause,
  FAILURES,
  failureOfCause,
  failureOfCode,
} from '../../firmware/link/failures.ts';
import type { Outlook } from '../../firmware/link/statistics.ts';
import type { Failure } from '../live/close-reason.ts';

/** MQTT 5 reason codes that are about who the user is. */
const CREDENTIALS = Object.freeze([0x86, 0x87]);
const CERTIFICATE = Object.freeze([
  'certificate not trusted',
  'certificate name mismatch',
  'certificate expired',
  'certificate has no names',
  'certificate not for servers',
  'certificate not understood',
  'certificate algorithm',
  'certificate malformed',
] as const);
/** Reasons that say too little without the detail. */
const VAGUE = Object.freeze(['tls failed', 'websocket refused', 'local error']);
/** A board without `--state` forgets its session at the end, a broker of MQTT 5 does not. */
const FORGOTTEN = 'session present for a client that has none';
const FORGOTTEN_WORDS = 'the broker still has a session of an earlier run, which starts anew';
/** Told below MQTT by the network, with more detail than the device has. */
const NETWORK: readonly EndCause[] = Object.freeze([
  'reset',
  'refused',
  'unreachable',
  ...CERTIFICATE,
  'tls failed',
  'websocket refused',
  'local error',
] as const);
const NAME_TRIES = 3;
const SAME_LINE_MS = 10_000;
const LINES_KEPT = 64;

export interface ProblemSink {
  /** A line for people; it is retried. */
  note(line: string): void;
  /** A line after which nothing is tried any more. */
  final(line: string): void;
}

export class Problems {
  /** As problems name it. */
  broker: string;
  readonly #sink: ProblemSink;
  readonly #now: () => number;
  readonly #canBeFinal: boolean;
  /** Line to the time until which it is not said again. */
  readonly #said = new Map<string, number>();
  readonly #nameTries = new Map<string, number>();
  #last = '';
  #everConnected = false;
  #over = false;

  /**
   * @param now monotonic milliseconds.
   * @param canBeFinal false: what is wrong can be put right while the boards run
   */
  constructor(broker: string, sink: ProblemSink, now: () => number, canBeFinal = true) {
    this.#canBeFinal = canBeFinal;
    this.broker = broker;
    this.#sink = sink;
    this.#now = now;
  }

  /** What was last wrong, without what follows from it; empty for nothing. */
  get last(): string {
    return this.#last;
  }

  /** A device is connected: later problems are new ones. */
  connected(): void {
    this.#everConnected = true;
    this.#nameTries.clear();
    const now = this.#now();
    for (const line of this.#said.keys()) this.#said.set(line, now + SAME_LINE_MS);
  }

  /** The name of the broker was not found, for one device. */
  unresolved(device: string, host: string, code: string): void {
    const line = `the name '${host}' could not be looked up (${code})`;
    const tries = (this.#nameTries.get(device) ?? 0) + 1;
    this.#nameTries.set(device, tries);
    this.#last = line;
    if (this.#everConnected) this.#note(line);
    else if (tries >= NAME_TRIES) this.#final(line);
  }

  /** A connection failed below MQTT. */
  failed(failure: Failure): void {
    const { words } = failureOfCause(failure.reason);
    const certificate = CERTIFICATE.some((reason) => reason === failure.reason);
    const line = certificate || VAGUE.includes(failure.reason) ? plus(words, failure) : words;
    this.#last = line;
    if (certificate && !this.#everConnected) this.#final(line);
    else this.#note(line);
  }

  /** A device lost its connection, or was not let in; `reason` is a failure's name or words. */
  disconnected(reason: string, outlook: Outlook): void {
    if (outlook === 'another way') return;
    const told = [FAILURES.nameUnknown, ...NETWORK.map(failureOfCause)];
    if (reason === '' || told.some((failure) => same(reason, failure))) return;
    const line = reason.endsWith(FORGOTTEN) ? FORGOTTEN_WORDS : reason;
    this.#last = line;
    if (outlook === 'no way left' && !this.#everConnected) this.#final(withAdvice(line));
    else this.#note(line);
  }

  /** The set-up page of a device cannot be served. */
  setUpFailed(device: string, error: Error): void {
    this.#sink.final(`${device}: the set-up page cannot be served: ${error.message}`);
  }

  #note(line: string): void {
    const now = this.#now();
    const until = this.#said.get(line) ?? Number.NEGATIVE_INFINITY;
    if (this.#over || now < until) return;
    if (this.#said.size >= LINES_KEPT) this.#said.clear();
    this.#said.set(line, Number.POSITIVE_INFINITY);
    this.#sink.note(`${this.broker}: ${line}; retrying`);
  }

  #final(line: string): void {
    if (!this.#canBeFinal) {
      this.#note(line);
      return;
    }
    if (this.#over) return;
    this.#over = true;
    this.#sink.final(`${this.broker}: ${line}`);
  }
}

function withAdvice(reason: string): string {
  const aboutUser = CREDENTIALS.some((code) => same(reason, failureOfCode(code, 5)));
  return aboutUser ? `${reason}; check --user and --password` : reason;
}

function plus(words: string, failure: Failure): string {
  const detail = failure.detail.split('\n', 1)[0];
  if (detail === '') return words;
  return `${words} (${detail.length > 120 ? `${detail.slice(0, 117)}...` : detail})`;
}

/** A reason may be the name, the words, or either with more behind it. */
function same(reason: string, failure: { readonly name: string; readonly words: string }): boolean {
  return [failure.name, failure.words].some(
    (text) => reason === text || reason.startsWith(`${text}:`) || reason.startsWith(`${text} (`),
  );
}
