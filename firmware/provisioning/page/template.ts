/**
 * The template engine of the set-up page: bytes with markers in, bytes out, piece by piece.
 *
 * A page is never whole in memory: `PageBody` copies from the template, from the table of words and
 * from values straight into the buffer that it is given, and goes on from there the next time.
 *
 * Markers, in templates and in words alike:
 *   {{_key}}              a word; `{{_fail $failure}}` looks for the key `fail ` + that value
 *   {{$name}}             a value, always escaped: it may stand in text and in quoted attributes
 *   {{?name}}…{{/}}       for each item of a list, or once for what is true and not empty
 *   {{?name more}}…{{/}}  once, if the view's `test` says so
 *   {{!name}}…{{/}}       once, where `?` would leave it out
 *   {{=block}}…{{/}}      a block, defined before it is used
 *   {{>block field more}} that block, for a field, and `more` where it says {{@}}
 *
 * Template and words are the firmware's own and trusted; only values are hostile.
 */

import { asciiBytes } from '../../base/ascii.ts';
import { decodeUtf8, isValidUtf8, utf8Length, writeUtf8 } from '../../base/utf8.ts';
import type { BodySource } from '../http/request.ts';

/** Names and what they stand for: bytes, ASCII, a number, a condition, or a list. */
export type Scope = Readonly<Record<string, unknown>>;

/** What fills a template. */
export interface TemplateView {
  /** The names that are known everywhere. */
  readonly root: Scope;
  /** The names of a block's field. */
  field(name: string): Scope;
  test(condition: string): boolean;
}

/** The UTF-8 of a text. Allocates. */
export const utf8Bytes = (text: string): Uint8Array => {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
};

/** Whether bytes, of any length, are this ASCII text. */
export const isText = (bytes: Uint8Array, text: string): boolean => {
  if (bytes.length !== text.length) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
};

/**
 * A table in a resource: lines of `key=text`, each ended by a newline, sorted by the bytes of their
 * keys. Keys are ASCII without `=`; texts are UTF-8.
 */
export class Table {
  readonly bytes: Uint8Array;
  /** The range of the text that was found last. */
  start = 0;
  end = 0;
  /** Where each line begins. */
  private readonly lines: Uint16Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    let count = 0;
    for (let at = 0; at < bytes.length; at = bytes.indexOf(0x0a, at) + 1) count += 1;
    this.lines = new Uint16Array(count);
    for (let at = 0, i = 0; i < count; at = bytes.indexOf(0x0a, at) + 1) this.lines[i++] = at;
  }

  /** Whether there is a line for the key; `bytes[start..end)` is its text then. */
  find(key: string): boolean {
    const { bytes, lines } = this;
    let start = 0;
    let end = lines.length;
    while (start < end) {
      const middle = (start + end) >> 1;
      let at = lines[middle];
      let i = 0;
      while (bytes[at] !== 0x3d && bytes[at] === key.charCodeAt(i)) {
        at += 1;
        i += 1;
      }
      const isAtEnd = bytes[at] === 0x3d;
      if (isAtEnd && i === key.length) {
        this.start = at + 1;
        this.end = bytes.indexOf(0x0a, at);
        return true;
      }
      // The key that is over is the lesser one; NaN, at the end of `key`, is less than all.
      if (isAtEnd || key.charCodeAt(i) > bytes[at]) start = middle + 1;
      else end = middle;
    }
    return false;
  }
}

/** A stretch of template or words that is being written, once for each item. */
interface Frame {
  readonly up: Frame | undefined;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly items: readonly Scope[];
  index: number;
  at: number;
}

/**
 * The body of a page: a template as a view fills it. The template's first line is not part of the
 * document.
 */
export class PageBody implements BodySource {
  readonly byteLength = -1;
  private readonly template: Uint8Array;
  private readonly words: Table;
  private readonly view: TemplateView;
  /** What defines each block: its frame, never written. */
  private readonly blocks: Record<string, Frame> = {};
  private frame: Frame | undefined;
  /** What is written next: `piece[at..end)`, as it is or escaped. */
  private piece: Uint8Array;
  private at = 0;
  private end = 0;
  private isEscaped = false;
  /** Whether an escaped piece is UTF-8. */
  private isText = false;
  /** The rest of the marker that used the block, in the template. */
  private restStart = 0;
  private restEnd = 0;

  constructor(template: Uint8Array, words: Table, view: TemplateView) {
    this.template = template;
    this.words = words;
    this.view = view;
    this.piece = template;
    this.frame = this.frameOf(template, template.indexOf(0x0a) + 1, template.length, [view.root]);
  }

  get finished(): boolean {
    return this.frame === undefined;
  }

  write(into: Uint8Array, at: number): number {
    while (this.frame !== undefined) {
      if (this.isEscaped) {
        at = this.writeEscaped(into, at);
      } else {
        const end = Math.min(this.end, this.at + into.length - at);
        into.set(this.piece.subarray(this.at, end), at);
        at += end - this.at;
        this.at = end;
      }
      if (this.at < this.end) break;
      this.step(this.frame);
    }
    return at;
  }

  /** As far as there is room for the longest of what one byte can become. */
  private writeEscaped(into: Uint8Array, at: number): number {
    while (this.at < this.end && at + 5 <= into.length) {
      const byte = this.piece[this.at++];
      if (byte === 0x22 || byte === 0x26 || byte === 0x27 || byte === 0x3c || byte === 0x3e) {
        at = writeUtf8(into, at, `&#${byte};`);
      } else if (
        // Control characters are no text, apart from tab, newline and carriage return.
        (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) ||
        byte === 0x7f ||
        (byte > 0x7f && !this.isText)
      ) {
        at = writeUtf8(into, at, '\ufffd');
      } else {
        into[at++] = byte;
      }
    }
    return at;
  }

  private frameOf(bytes: Uint8Array, start: number, end: number, items: readonly Scope[]): Frame {
    return { up: this.frame, bytes, start, end, items, index: 0, at: start };
  }

  private emit(piece: Uint8Array, start: number, end: number, isEscaped: boolean): void {
    this.piece = piece;
    this.at = start;
    this.end = end;
    this.isEscaped = isEscaped;
  }

  private emitValue(value: unknown): void {
    let bytes: Uint8Array;
    this.isText = true;
    if (value instanceof Uint8Array) {
      bytes = value;
      this.isText = isValidUtf8(bytes, 0, bytes.length);
    } else {
      bytes = asciiBytes(`${value}`);
    }
    this.emit(bytes, 0, bytes.length, true);
  }

  /** On to the next text, or past the next marker. */
  private step(frame: Frame): void {
    const { bytes, at, end } = frame;
    if (at === end) {
      frame.at = frame.start;
      frame.index += 1;
      if (frame.index === frame.items.length) this.frame = frame.up;
      return;
    }
    const open = markerAt(bytes, at, end);
    frame.at = open;
    if (open > at) this.emit(bytes, at, open, false);
    else this.follow(frame, bytes, open, frame.items[frame.index]);
  }

  /** Follows the marker at `open`. */
  private follow(frame: Frame, bytes: Uint8Array, open: number, item: Scope): void {
    const close = bytes.indexOf(0x7d, open);
    const start = close + 2;
    const name = decodeUtf8(bytes, open + 3, close);
    const kind = bytes[open + 2];
    frame.at = start;
    if (kind === 0x24) this.emitValue(this.valueOf(name, item));
    else if (kind === 0x5f) this.word(name, item);
    else if (kind === 0x3e) this.block(name, item, close);
    else if (kind === 0x40) this.emit(this.template, this.restStart, this.restEnd, false);
    else {
      const end = sectionEnd(bytes, start);
      frame.at = end + 5;
      // The line that a block is defined on is no line of the document.
      if (kind === 0x3d && bytes[frame.at] === 0x0a) frame.at += 1;
      let items = kind === 0x3d ? [item] : this.itemsOf(name, item);
      if (kind === 0x21) items = items.length > 0 ? [] : [item];
      if (kind === 0x3d) this.blocks[name] = this.frameOf(bytes, start, end, items);
      else if (items.length > 0) this.frame = this.frameOf(bytes, start, end, items);
    }
  }

  private valueOf(name: string, item: Scope): unknown {
    return item[name] ?? this.view.root[name];
  }

  private itemsOf(name: string, item: Scope): readonly Scope[] {
    const value = name.includes(' ') ? this.view.test(name) : this.valueOf(name, item);
    if (Array.isArray(value)) return value;
    return value ? [item] : [];
  }

  /** Where there is no word for a key with a value, the value is written as it is. */
  private word(name: string, item: Scope): void {
    const { words } = this;
    const parts = name.split('$');
    const value = parts.length > 1 ? this.valueOf(parts[1], item) : '';
    if (words.find(`${parts[0]}${value}`)) {
      // A view of its own, so that the search for markers ends with the word.
      const bytes = words.bytes.subarray(words.start, words.end);
      this.frame = this.frameOf(bytes, 0, bytes.length, [item]);
    } else {
      this.emitValue(value);
    }
  }

  private block(name: string, item: Scope, close: number): void {
    const parts = name.split(' ');
    if (parts.length > 1) {
      item = this.view.field(parts[1]);
      this.restStart = close - name.length + parts[0].length + 1 + parts[1].length;
      this.restEnd = close;
    }
    const { bytes, start, end } = this.blocks[parts[0]];
    this.frame = this.frameOf(bytes, start, end, [item]);
  }
}

/** Where the next marker begins, or `end`. */
const markerAt = (bytes: Uint8Array, at: number, end: number): number => {
  do at = bytes.indexOf(0x7b, at) + 1;
  while (at > 0 && bytes[at] !== 0x7b);
  return at > 0 && at <= end ? at - 1 : end;
};

/** Where the section whose content begins at `at` ends: at its `{{/}}`. */
const sectionEnd = (bytes: Uint8Array, at: number): number => {
  for (let depth = 1; ; at += 3) {
    at = markerAt(bytes, at, bytes.length);
    const kind = bytes[at + 2];
    if (kind === 0x2f) depth -= 1;
    else if (kind === 0x3f || kind === 0x21 || kind === 0x3d) depth += 1;
    if (depth === 0) return at;
  }
};
