/** Hostile sizes for each kind of input; what they are written with is `SizesWriter`. */

import { FIELDS } from '../../firmware/config/fields.ts';
import type { SizesWriter } from './sizes-writer.ts';

/** What stands between things in forms, heads, lists, addresses and texts. */
const SEPARATORS = Object.freeze([
  ...['&', '=', '%', '%00', '%20', '+', 'a=&', '&a', ',', '/', ':', '@', '.', '-', '[', '::'],
  ...['://', '\r\n', '\t', ';', '{', '{{', '<', '&lt;', "'", '"'],
] as const);

function separators(w: SizesWriter, max: number): void {
  w.repeat(SEPARATORS[w.random(SEPARATORS.length)], w.size(max));
}

/** A form: up to what a request may carry. */
export function writeForm(w: SizesWriter): void {
  const way = w.random(6);
  if (way === 0) separators(w, 12_288);
  const count = way === 1 ? w.size(200) : way === 2 ? w.size(4000) : 1 + w.random(6);
  for (let i = 0; i < count && w.length < 12_000; i++) {
    if (way === 2) w.text(w.random(2) === 0 ? `f${i}=&` : '&');
    else writeField(w, way === 1 ? 40 : 9000);
  }
  w.spoil();
}

function writeField(w: SizesWriter, max: number): void {
  if (w.random(8) === 0) w.value(w.size(200));
  else w.text(FIELDS[w.random(FIELDS.length)].name);
  w.text('=');
  const way = w.random(7);
  if (way === 0) separators(w, max);
  else if (way === 1) writeAddress(w, max);
  else if (way === 2) writePem(w, max);
  else if (way === 3) w.repeat('bme280,', w.size(max));
  else w.value(w.size(max));
  w.text('&');
}

function writeAddress(w: SizesWriter, max: number): void {
  w.text(w.random(2) === 0 ? 'mqtts://' : 'ws://');
  for (let part = 0; part < 5; part++) {
    w.value(w.size(w.random(4) === 0 ? max : 60));
    w.text(['', ':', '@', ':1883', '/'][w.random(5)]);
  }
}

/** PEM: one block with much, or many with little, or parts of it. */
export function writePem(w: SizesWriter, max: number): void {
  const count = w.random(3) === 0 ? w.size(400) : 1;
  const size = count > 1 ? w.size(100) : w.size(max);
  for (let i = 0; i < count && w.length < max; i++) {
    if (w.random(8) > 0) w.text('-----BEGIN ');
    if (w.random(8) === 0) w.value(w.size(2000));
    else w.text('CERTIFICATE');
    w.text(w.random(6) === 0 ? '-----' : '-----\n');
    w.text('M');
    if (w.random(4) === 0) w.value(size);
    else w.repeat('IIB\n', size >> 2);
    if (w.random(8) > 0) w.text('\n-----END CERTIFICATE-----\n');
  }
  if (w.random(4) === 0) w.fill(0x2d, w.size(max));
}

/** A request: its line, its headers, its body. */
export function writeRequest(w: SizesWriter): void {
  const isPost = w.random(3) === 0;
  w.text(isPost ? 'POST /' : 'GET /');
  const way = w.random(7);
  if (way === 0) w.value(w.size(6000));
  if (way === 1) separators(w, 5000);
  w.text(' HTTP/1.1\r\nHost: a\r\n');
  if (way === 2) w.repeat('X: y\r\n', w.size(2000));
  if (way === 3) {
    w.value(w.size(6000));
    w.text(w.random(2) === 0 ? ': x\r\n' : '\r\n');
  }
  if (way === 4) {
    w.text(['Host: ', 'Origin: ', 'Accept-Language: ', 'Cookie: '][w.random(4)]);
    if (w.random(2) === 0) separators(w, 3000);
    else w.value(w.size(5000));
    w.text('\r\n');
  }
  if (!isPost) {
    w.text(way === 5 ? '' : '\r\n');
    w.spoil();
    return;
  }
  w.text('Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ');
  if (way === 5) w.fill(0x39, w.size(3000));
  else w.text(`${w.size(12_289)}`);
  w.text('\r\n\r\n');
  writeForm(w);
}

/** A question to the name server: labels of any length, as many as a datagram holds. */
export function writeQuestion(w: SizesWriter): void {
  w.text('\x12\x34\x01\0\0\x01\0\0\0\0\0\0');
  const count = w.size(700);
  for (let i = 0; i < count && w.length < 1400; i++) {
    const size = w.random(3) === 0 ? w.size(255) : w.random(5);
    w.byte(size);
    w.value(w.random(6) === 0 ? w.size(255) : size);
  }
  w.text('\0\0\x01\0\x01');
  if (w.random(3) === 0) w.value(w.size(1000));
  w.length = Math.min(w.length, 1500);
  w.spoil();
}

/** JSON: deep, wide, long, and with long numbers, names, texts and escapes. */
export function writeJson(w: SizesWriter, max: number): void {
  const way = w.random(9);
  const size = w.size(max);
  if (way === 0) w.repeat(['[', '{"a":', '[{"a":', '{"a":['][w.random(4)], size);
  else if (way === 1) w.repeat(['{}', '[]', '"', '\\', '[[],'][w.random(5)], size);
  w.text('{"id":');
  if (way === 2) w.fill(0x39, size);
  else if (way === 3) w.text(`1e${size}`);
  else if (way === 4) {
    w.text('"');
    w.repeat(['\\u00e4', '\\\\', '\\ud800', 'a', '\u00c3\u00a4'][w.random(5)], size >> 2);
    w.text('"');
  } else w.text('7');
  if (way === 5) for (let i = 0; i < size && w.length < max; i++) w.text(`,"k${i}":[]`);
  if (way === 6) {
    w.text(',"');
    w.value(size);
    w.text('":1');
  }
  if (way === 7) {
    w.text(',"a":[');
    w.repeat('1,', size >> 1);
    w.text('1]');
  }
  w.text(',"seconds":30}');
  w.length = Math.min(w.length, max);
  w.spoil();
}

function writeVarint(w: SizesWriter, value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>= 7) w.byte(0x80 | (rest & 0x7f));
  w.byte(rest);
}

/** Where each property may stand does not matter: most of them are refused somewhere. */
const PROPERTIES = Object.freeze([
  0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x1f, 0x23, 0x26, 0x26,
] as const);

function writeProperties(w: SizesWriter): void {
  const start = w.length;
  const count = w.random(3) === 0 ? w.size(600) : w.random(4);
  for (let i = 0; i < count && w.length < start + 4000; i++) {
    const id = PROPERTIES[w.random(PROPERTIES.length)];
    w.byte(id);
    if (id === 0x01) w.byte(w.random(2));
    else if (id === 0x0b) writeVarint(w, 1 + w.random(0xfffffff));
    else if (id === 0x02) w.fill(1, 4);
    else if (id === 0x23) w.word(1 + w.random(9));
    else for (let k = id === 0x26 ? 2 : 1; k > 0; k--) writeRun(w, count > 4 ? 8 : 900);
  }
}

/** A text with its length before it, which may say otherwise. */
function writeRun(w: SizesWriter, max: number): void {
  const size = w.size(max);
  w.word(w.random(12) === 0 ? w.random(0x1_0000) : size);
  if (w.random(3) === 0) w.repeat(['/', 'a/', '+/', '#', '\0'][w.random(5)], size >> 1);
  else w.value(size);
}

/** Packets of a broker, one behind another. */
export function writePackets(w: SizesWriter, isV5: boolean): void {
  const count = w.random(4) === 0 ? w.size(400) : 1 + w.random(3);
  const kinds = [0x20, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0, 0xf0];
  for (let i = 0; i < count && w.length < 8000; i++) {
    const first = kinds[w.random(kinds.length)];
    w.byte(first);
    // The length is written over, in three bytes, once it is known.
    const lengthAt = w.length;
    w.fill(0, isV5 ? 2 : 3);
    writeBody(w, first, isV5);
    const body = w.length - lengthAt - (isV5 ? 2 : 3);
    const told = w.random(20) === 0 ? w.size(0x1f_ffff) : body;
    const end = w.length;
    w.length = lengthAt;
    w.byte(0x80 | (told & 0x7f));
    if (isV5) w.byte(Math.max(1, (told >> 7) & 0x7f));
    else {
      w.byte(0x80 | ((told >> 7) & 0x7f));
      w.byte((told >> 14) & 0x7f);
    }
    w.length = end;
  }
  w.spoil();
}

function writeBody(w: SizesWriter, first: number, isV5: boolean): void {
  const isPublish = first >> 4 === 3;
  if (isPublish) writeRun(w, 2000);
  if (first === 0x20 || first >= 0xe0) w.text(first === 0x20 ? '\0\0' : '\0');
  else if (first !== 0x30 && first !== 0xd0) w.word(1 + w.random(3));
  if (!isPublish && isV5 && first >= 0x40 && first < 0x90) w.byte(0);
  if (isV5 && first !== 0xd0) {
    const lengthAt = w.length;
    w.fill(0, 2);
    writeProperties(w);
    const length = w.length - lengthAt - 2;
    w.bytes[lengthAt] = 0x80 | (length & 0x7f);
    w.bytes[lengthAt + 1] = length >> 7;
  }
  if (isPublish || first === 0x90 || first === 0xb0) w.value(w.size(3000));
}

/** An answer to the WebSocket handshake. */
export function writeAnswer(w: SizesWriter, accept: string): void {
  const way = w.random(6);
  w.text('HTTP/1.1 101 ');
  if (way === 0) w.value(w.size(9000));
  w.text('\r\n');
  if (way === 1) w.repeat(['a:b\r\n', ':\r\n', '\t\r\n'][w.random(3)], w.size(3000));
  if (way === 2) {
    w.text('Set-Cookie: ');
    w.value(w.size(9000));
    w.text('\r\n');
  }
  w.text('Upgrade: websocket\r\nConnection: ');
  if (way === 3) separators(w, 4000);
  if (way === 4) w.repeat('upgrad, ', w.size(1000));
  w.text(`Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`);
  w.spoil();
}

/** Frames behind a good handshake. */
export function writeFrames(w: SizesWriter): void {
  const count = w.random(3) === 0 ? w.size(3000) : 1 + w.random(5);
  for (let i = 0; i < count && w.length < 10_000; i++) {
    const way = w.random(8);
    w.byte(way === 0 ? w.random(256) : [0x82, 0x82, 0x02, 0x80, 0x89, 0x8a][w.random(6)]);
    const size = count > 9 ? w.random(4) : w.size(3000);
    if (way === 1) w.text('\x7f\0\0\0\0\xff\xff\xff\xff');
    else if (way === 2) w.text('\x7f\0\0\0\0\0\0\0\x05');
    else if (size < 126) w.byte(size);
    else {
      w.byte(126);
      w.word(size);
    }
    w.value(size);
  }
}
