/**
 * Wishes for the settings as they come by MQTT: a document on `<base>/desired`, single values below
 * it, and long values in pieces, `<base>/desired/<field>/<piece>/<pieces>`.
 *
 * They are gathered until nothing has come for a moment, for what is retained comes all at once, in
 * any order, and a certificate and its key belong together. What carried a secret is emptied at the
 * broker once it is settled. All of it is bounded: in bytes, names and pieces.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { type Deadlines, Timer } from '../base/deadlines.ts';
import type { FieldProblem } from '../config/fields.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';
import type { Mailbox } from '../mqtt/mailbox.ts';
import type { RemoteDoor, RemoteOutcome } from './ports.ts';

/** After the last of them, and where something is under way. */
const QUIET_MS = 2_000;
const LATER_MS = 10_000;
/** Bytes of all that waits; the three PEM fields together are 6 KB at most. */
const BYTES_MAX = 8_192;
/** Single values that wait; there are not so many settings. */
const VALUES_MAX = 48;
const PIECES_MAX = 16;
const REFUSED_MAX = 8;
/** Emptied topics: the document's, and the pieces of three secrets. */
const EMPTIED_MAX = 64;
const NAME_CHARACTERS_MAX = 32;

/** A value in pieces, as far as it has come. */
interface Cut {
  readonly pieces: (Uint8Array | undefined)[];
  missing: number;
}

export interface DesiredParts {
  readonly remote: RemoteDoor;
  readonly mailbox: Mailbox;
  /** `Timer.desired`: when `wake` is due. */
  readonly deadlines: Deadlines;
  /** `<base>/desired` */
  readonly topic: string;
  /** Something is to be told. */
  report(now: number): void;
}

export class DesiredReceiver {
  private readonly parts: DesiredParts;
  private document: Uint8Array | undefined;
  private readonly values = new Map<string, Uint8Array>();
  private readonly cuts = new Map<string, Cut>();
  private bytes = 0;
  /** What found no room, by setting (empty for the document), and why. */
  private readonly refused = new Map<string, string>();
  /** Something was published just now, and not retained from before. */
  private isNew = false;
  /** Paths below the topic, with their slashes, that are to be emptied at the broker. */
  private readonly toEmpty: string[] = [];

  constructor(parts: DesiredParts) {
    this.parts = parts;
  }

  /**
   * @param path what follows the topic: empty for the document, else with its slash
   * @param isRetained from before the subscription
   */
  message(path: string, payload: Uint8Array, isRetained: boolean, now: number): void {
    // What was emptied comes back empty.
    if (payload.length === 0) return;
    this.isNew ||= !isRetained;
    this.parts.deadlines.set(Timer.desired, now + QUIET_MS);
    if (this.bytes + payload.length > BYTES_MAX || this.values.size >= VALUES_MAX) {
      this.refuse('', 'too large in all');
      return;
    }
    this.bytes += payload.length;
    if (path === '') this.document = payload.slice();
    else this.gather(path.slice(1), payload);
  }

  /** Something came that was larger than the receive buffer. @param path as above */
  skipped(path: string, now: number): void {
    this.refuse(path.slice(1).split('/', 1)[0], 'too large for one message');
    this.parts.deadlines.set(Timer.desired, now + QUIET_MS);
  }

  /** Judges what has come, and empties what was secret. */
  wake(now: number): void {
    if (now < this.parts.deadlines.at[Timer.desired]) return;
    this.parts.deadlines.set(Timer.desired, Number.POSITIVE_INFINITY);
    if (!this.takeDocument(now) || !this.takeValues(now)) {
      this.parts.deadlines.set(Timer.desired, now + LATER_MS);
    } else {
      this.bytes = 0;
      this.refused.clear();
      this.isNew = false;
    }
    this.emptyNext(now);
  }

  private refuse(name: string, code: string): void {
    const { refused } = this;
    if (refused.size < REFUSED_MAX) refused.set(name.slice(0, NAME_CHARACTERS_MAX), code);
  }

  private gather(path: string, payload: Uint8Array): void {
    const [name, piece, pieces, more] = path.split('/', 4);
    if (piece === undefined) {
      this.values.set(name.slice(0, NAME_CHARACTERS_MAX), payload.slice());
      return;
    }
    const count = Number(pieces);
    const index = Number(piece) - 1;
    const isPossible = Number.isInteger(count) && count >= 1 && count <= PIECES_MAX;
    if (!isPossible || !Number.isInteger(index) || index < 0 || index >= count || more) {
      this.values.set(path.slice(0, NAME_CHARACTERS_MAX), NO_BYTES);
      return;
    }
    let cut = this.cuts.get(name);
    if (cut?.pieces.length !== count) {
      if (this.cuts.size >= PIECES_MAX) return;
      cut = { pieces: new Array(count).fill(undefined), missing: count };
      this.cuts.set(name, cut);
    }
    if (cut.pieces[index] === undefined) cut.missing -= 1;
    cut.pieces[index] = payload.slice();
  }

  /** @returns false: it has to wait */
  private takeDocument(now: number): boolean {
    if (this.document === undefined) return true;
    const { remote } = this.parts;
    if (!this.isSettled(remote.takeDocument(this.document), now)) return false;
    if (remote.hadSecret) this.willEmpty('');
    this.document = undefined;
    return true;
  }

  private takeValues(now: number): boolean {
    const { values, cuts, refused } = this;
    if (values.size === 0 && cuts.size === 0 && refused.size === 0) return true;
    const whole = new Map(values);
    const problems: FieldProblem[] = [];
    cuts.forEach(({ pieces, missing }, name) => {
      if (missing === 0) whole.set(name, joined(pieces as Uint8Array[]));
      else problems.push({ field: name.slice(0, NAME_CHARACTERS_MAX), code: 'incomplete' });
    });
    refused.forEach((code, field) => {
      problems.push({ field, code });
    });
    const { remote } = this.parts;
    if (!this.isSettled(remote.takeValues(whole, problems, this.isNew), now)) return false;
    values.forEach((_value, name) => {
      if (remote.isSecret(name)) this.willEmpty(`/${name}`);
    });
    cuts.forEach(({ pieces }, name) => {
      pieces.forEach((_piece, i) => {
        this.willEmpty(`/${name}/${i + 1}/${pieces.length}`);
      });
    });
    values.clear();
    cuts.clear();
    return true;
  }

  /** What is tried first comes again, and is settled then. */
  private isSettled(outcome: RemoteOutcome, now: number): boolean {
    if (outcome === 'settled' || outcome === 'trying') this.parts.report(now);
    return outcome === 'settled' || outcome === 'old';
  }

  private willEmpty(path: string): void {
    const { toEmpty } = this;
    if (toEmpty.length < EMPTIED_MAX && !toEmpty.includes(path)) toEmpty.push(path);
  }

  /** As many as find room; the others in a moment. */
  private emptyNext(now: number): void {
    const { mailbox, topic, deadlines } = this.parts;
    while (this.toEmpty.length > 0) {
      const emptied = encodeTopic(`${topic}${this.toEmpty[0]}`);
      if (mailbox.post(emptied, NO_BYTES, 0, { qos: 1, retain: true }) === 0) {
        deadlines.set(Timer.desired, Math.min(deadlines.at[Timer.desired], now + QUIET_MS));
        return;
      }
      this.toEmpty.shift();
    }
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
