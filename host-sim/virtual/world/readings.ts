/**
 * Finds the readings in a payload of the telemetry topic (one object) or the history topic (an
 * array of them), by a strict walk over the bytes: a payload that is not exactly as `telemetry.md`
 * of the product says is refused in words.
 *
 * It parses no values. What identifies a reading is its number, its boot, and the bytes after its
 * time quality, which are those that the outbox was given.
 */

/** Told of each reading: its number, its boot, and where its values lie in the payload. */
export type SeeReading = (sequence: number, boot: number, start: number, end: number) => void;

/** The earliest time that a board with a set clock may tell, in Unix seconds: 2025. */
const TIME_S_MIN = 1_735_689_600;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LIST_OPEN = 0x5b;
const LIST_CLOSE = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const ZERO = 0x30;
const SEQUENCE = bytesOf('"seq":');
const BOOT = bytesOf(',"boot":');
const TIME = bytesOf(',"ts":');
const UPTIME = bytesOf(',"up":');
const QUALITY = bytesOf(',"tq":"');
const NONE = bytesOf('none"');

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Walks payloads. One object may be used for any number of them. */
export class ReadingWalk {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** @returns what is wrong with the payload, or '' */
  walk(payload: Uint8Array, see: SeeReading): string {
    this.#bytes = payload;
    this.#at = 0;
    if (payload[0] !== LIST_OPEN) {
      const problem = this.#object(see);
      return problem === '' && this.#at !== payload.length ? 'more bytes after it' : problem;
    }
    do {
      this.#at += 1;
      const problem = this.#object(see);
      if (problem !== '') return problem;
    } while (payload[this.#at] === COMMA);
    return payload[this.#at] === LIST_CLOSE && this.#at + 1 === payload.length
      ? ''
      : 'the list does not end where it should';
  }

  #object(see: SeeReading): string {
    if (this.#bytes[this.#at] !== OPEN) return 'no object';
    this.#at += 1;
    if (!this.#take(SEQUENCE)) return 'no number';
    const sequence = this.#number();
    if (!this.#take(BOOT)) return 'no boot';
    const boot = this.#number();
    const hasTime = this.#take(TIME);
    if (!hasTime && !this.#take(UPTIME)) return 'no time';
    const time = this.#number();
    if (!this.#take(QUALITY)) return 'no time quality';
    if (this.#take(NONE) === hasTime) return 'a time that contradicts its quality';
    if (hasTime && time < TIME_S_MIN) return `a time before 2025: ${time}`;
    if (hasTime) this.#skipTo(QUOTE);
    const start = this.#bytes[this.#at] === COMMA ? this.#at + 1 : this.#at;
    const end = this.#end();
    if (end < 0) return 'an object without an end';
    see(sequence, boot, start, end);
    return '';
  }

  #take(word: Uint8Array): boolean {
    for (let i = 0; i < word.length; i += 1) {
      if (this.#bytes[this.#at + i] !== word[i]) return false;
    }
    this.#at += word.length;
    return true;
  }

  #number(): number {
    let value = 0;
    for (;;) {
      const digit = this.#bytes[this.#at] - ZERO;
      if (!(digit >= 0 && digit <= 9)) return value;
      value = value * 10 + digit;
      this.#at += 1;
    }
  }

  #skipTo(byte: number): void {
    while (this.#at < this.#bytes.length && this.#bytes[this.#at] !== byte) this.#at += 1;
    this.#at += 1;
  }

  #end(): number {
    const end = this.#bytes.indexOf(CLOSE, this.#at);
    this.#at = end + 1;
    return end;
  }
}
