/**
 * The template engine of the set-up page: bytes with markers in, bytes out, piece by piece.
 *
 * A page is never whole in memory: `PageReader` copies from the template, from the table of words
 * and from values straight into the buffer that it is given, and goes on from there the next time.
 *
 * Markers, in templates and in words alike:
 *   {{_key}}             a word; `{{_fail $failure}}` looks for the key `fail ` + that value
 *   {{$name}}            a value, always escaped: it may stand in text and in quoted attributes
 *   {{?section}}…{{/}}   as often as the view says, 0 to n times
 *   {{!section}}…{{/}}   once, where `?` would leave it out
 *   {{=block}}…{{/}}     a block, defined before the document begins
 *   {{>block name rest}} that block, with `name` as its subject, and `rest` where it says {{@}}
 *
 * Template and words are the firmware's own and trusted; only values are hostile.
 */

import { decodeUtf8, isValidUtf8, utf8Length, writeUtf8 } from '../base/text.ts';
import type { BodySource } from './http-request.ts';

const NEWLINE = 0x0a;
const BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const EQUALS = 0x3d;
/** What follows the braces of a marker. */
const WORD = 0x5f;
const VALUE = 0x24;
const UNLESS = 0x21;
const SECTION = 0x3f;
const END = 0x2f;
const DEFINE = EQUALS;
const BLOCK = 0x3e;
const REST = 0x40;

/** What fills a template. Names and sections are those that the template's markers use. */
export interface TemplateView {
  /** The bytes of a value, any; they are escaped on their way out. */
  value(name: string): Uint8Array;
  /** How often a section stands. */
  count(section: string): number;
  /** Before the section is written for the `index`-th time. */
  select(section: string, index: number): void;
  /** What the block that follows is about. */
  subject(name: string): void;
}

/** The UTF-8 of a text. Allocates. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}

/**
 * A table of words in one language: lines of `key=text`, each ended by a newline, sorted by the
 * bytes of their keys. Keys are ASCII; texts are UTF-8, escaped already, with markers.
 */
export class Words {
  readonly bytes: Uint8Array;
  /** The range of the word that was found last. */
  start = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Whether there is a word for the key; `bytes[start..end)` is its text then. */
  find(key: string): boolean {
    const { bytes } = this;
    let low = 0;
    let high = bytes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const line = middle === 0 ? 0 : bytes.lastIndexOf(NEWLINE, middle - 1) + 1;
      const order = this.#compare(key, line);
      if (order === 0) return true;
      if (order < 0) high = line;
      else low = bytes.indexOf(NEWLINE, line) + 1;
    }
    return false;
  }

  #compare(key: string, line: number): number {
    for (let i = 0; i < key.length; i += 1) {
      const byte = this.bytes[line + i];
      const order = byte === EQUALS ? 1 : key.charCodeAt(i) - byte;
      if (order !== 0) return order;
    }
    const equals = line + key.length;
    if (this.bytes[equals] !== EQUALS) return -1;
    this.start = equals + 1;
    this.end = this.bytes.indexOf(NEWLINE, equals);
    return 0;
  }
}

/** Where the next marker begins, or `end`. */
function markerAt(bytes: Uint8Array, at: number, end: number): number {
  let open = bytes.indexOf(BRACE, at);
  while (open >= 0 && bytes[open + 1] !== BRACE) open = bytes.indexOf(BRACE, open + 1);
  return open < 0 || open > end ? end : open;
}

/** Where the section whose content begins at `at` ends: at its `{{/}}`. */
function sectionEnd(bytes: Uint8Array, at: number): number {
  for (let depth = 1; ; at += 2) {
    at = markerAt(bytes, at, bytes.length);
    const kind = bytes[at + 2];
    if (kind === END) depth -= 1;
    else if (kind === SECTION || kind === UNLESS || kind === DEFINE) depth += 1;
    if (depth === 0) return at;
  }
}

const NOTHING = new Uint8Array(0);
const textOf = (bytes: Uint8Array) => decodeUtf8(bytes, 0, bytes.length);

/**
 * The body of a page: a template as a view fills it. The template's first line is not part of the
 * document; blocks stand behind it.
 */
export class PageBody implements BodySource {
  readonly byteLength = -1;
  finished = false;
  readonly #template: Uint8Array;
  readonly #words: Words;
  readonly #view: TemplateView;
  readonly #pieces: Generator<void>;
  /** Where the content of each block begins. */
  readonly #blocks = new Map<string, number>();
  /** One character that is escaped. */
  readonly #escape = new Uint8Array(5);
  /** What is written next: `#piece[#at..#end)`. */
  #piece: Uint8Array;
  #at = 0;
  #end = 0;
  /** The rest of the marker that used the block, in the template. */
  #restStart = 0;
  #restEnd = 0;

  constructor(template: Uint8Array, words: Words, view: TemplateView) {
    this.#template = template;
    this.#words = words;
    this.#view = view;
    this.#piece = template;
    this.#pieces = this.#render(template, template.indexOf(NEWLINE) + 1, template.length);
    this.#advance();
  }

  write(into: Uint8Array, at: number): number {
    while (at < into.length && !this.finished) {
      const length = Math.min(into.length - at, this.#end - this.#at);
      into.set(this.#piece.subarray(this.#at, this.#at + length), at);
      this.#at += length;
      at += length;
      if (this.#at === this.#end) this.#advance();
    }
    return at;
  }

  /** On to the next piece that is not empty. */
  #advance(): void {
    do {
      this.finished = this.#pieces.next().done === true;
    } while (!this.finished && this.#at === this.#end);
  }

  #emit(piece: Uint8Array, start: number, end: number): void {
    this.#piece = piece;
    this.#at = start;
    this.#end = end;
  }

  *#render(bytes: Uint8Array, at: number, end: number): Generator<void> {
    while (at < end) {
      const open = markerAt(bytes, at, end);
      this.#emit(bytes, at, open);
      yield;
      if (open === end) return;
      const close = bytes.indexOf(CLOSING_BRACE, open);
      const argument = decodeUtf8(bytes, open + 3, close);
      at = close + 2;
      switch (bytes[open + 2]) {
        case WORD:
          yield* this.#word(argument);
          break;
        case VALUE:
          yield* this.#escaped(this.#view.value(argument));
          break;
        case BLOCK:
          yield* this.#block(argument, close);
          break;
        case REST:
          this.#emit(this.#template, this.#restStart, this.#restEnd);
          yield;
          break;
        default: {
          const last = sectionEnd(bytes, at);
          if (bytes[open + 2] === DEFINE) this.#blocks.set(argument, at);
          else yield* this.#section(argument, bytes[open + 2] === UNLESS, bytes, at, last);
          at = last + 5;
        }
      }
    }
  }

  *#section(
    name: string,
    isNegated: boolean,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): Generator<void> {
    const count = this.#view.count(name);
    const times = isNegated ? Number(count === 0) : count;
    for (let i = 0; i < times; i += 1) {
      if (!isNegated) this.#view.select(name, i);
      yield* this.#render(bytes, at, end);
    }
  }

  *#block(argument: string, close: number): Generator<void> {
    const [name, subject] = argument.split(' ', 2);
    if (subject !== undefined) {
      this.#view.subject(subject);
      this.#restStart = close - argument.length + name.length + 1 + subject.length;
      this.#restEnd = close;
    }
    const start = this.#blocks.get(name) as number;
    yield* this.#render(this.#template, start, sectionEnd(this.#template, start));
  }

  /** Where there is no word for a variable key, the variable is written as it is. */
  *#word(argument: string): Generator<void> {
    const words = this.#words;
    const dollar = argument.indexOf('$');
    const value = dollar < 0 ? NOTHING : this.#view.value(argument.slice(dollar + 1));
    if (words.find(dollar < 0 ? argument : argument.slice(0, dollar) + textOf(value))) {
      yield* this.#render(words.bytes, words.start, words.end);
    } else {
      yield* this.#escaped(value);
    }
  }

  *#escaped(value: Uint8Array): Generator<void> {
    const bytes = isValidUtf8(value, 0, value.length) ? value : utf8Bytes(textOf(value));
    let from = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const length = this.#escapeOf(bytes[at]);
      if (length === 0) continue;
      this.#emit(bytes, from, at);
      yield;
      this.#emit(this.#escape, 0, length);
      yield;
      from = at + 1;
    }
    this.#emit(bytes, from, bytes.length);
    yield;
  }

  /** Fills `#escape` with what stands for the byte. @returns its length; 0: the byte is itself. */
  #escapeOf(byte: number): number {
    if (byte === 0x22 || byte === 0x26 || byte === 0x27 || byte === 0x3c || byte === 0x3e) {
      this.#escape.set([0x26, 0x23, 0x30 + ((byte / 10) | 0), 0x30 + (byte % 10), 0x3b]);
      return 5;
    }
    // Control characters are no text, apart from tab, newline and carriage return.
    if ((byte > 0x1f && byte !== 0x7f) || byte === 9 || byte === 10 || byte === 13) return 0;
    this.#escape.set([0xef, 0xbf, 0xbd]);
    return 3;
  }
}
