import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FrameReader,
  OVERHEAD_BYTES,
  writeClose,
  writeData,
  writePong,
} from '../../../../firmware/network/websocket/frames.ts';
import {
  type Answered,
  HandshakeAnswer,
  handshakeKey,
} from '../../../../firmware/network/websocket/handshake.ts';
import { sha1 } from '../../../../firmware/network/websocket/sha1.ts';

const ascii = (text: string) => Uint8Array.from([...text], (letter) => letter.charCodeAt(0));
const hex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Feeds a header. @returns what the last byte gave */
function header(reader: FrameReader, ...bytes: number[]) {
  return bytes.map((byte) => reader.take(byte)).pop();
}

const HEAD = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: WebSocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Protocol: mqtt',
];
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const BLANK = '\r\n\r\n';

/** What an answer comes to, and how many of its bytes that took. */
function judge(text: string): [verdict: Answered | undefined, bytes: number] {
  const answer = new HandshakeAnswer(KEY);
  for (let i = 0; i < text.length; i++) {
    const verdict = answer.take(text.charCodeAt(i));
    if (verdict !== undefined) return [verdict, i + 1];
  }
  return [undefined, text.length];
}

const verdictOf = (lines: readonly string[]) => judge(`${lines.join('\r\n')}${BLANK}`)[0];
const accepted = (lines: readonly string[]) => verdictOf(lines) === 'accepted';

test('SHA-1 gives the digests of FIPS 180', () => {
  assert.equal(hex(sha1(ascii('abc'))), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  assert.equal(hex(sha1(new Uint8Array(0))), 'da39a3ee5e6b4b0d3255bfef95601890afd80709');
  const long = ascii('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq');
  assert.equal(hex(sha1(long)), '84983e441c3bd26ebaae4aa1f95129e5e54670f1');
});

test('the key is the nonce in base64, and the answer of RFC 6455 1.3 is accepted', () => {
  assert.equal(handshakeKey(ascii('the sample nonce')), KEY);
  assert.equal(accepted(HEAD), true);
  assert.equal(accepted(HEAD.map((line) => line.replace('Sec-WebSocket', 'sec-websocket'))), true);
});

test('an answer that lacks or changes anything is refused', () => {
  for (let i = 0; i < HEAD.length; i++) {
    assert.equal(accepted(HEAD.filter((_, k) => k !== i)), false, `without ${HEAD[i]}`);
  }
  assert.equal(accepted([...HEAD, 'Sec-WebSocket-Extensions: permessage-deflate']), false);
  assert.equal(accepted(['HTTP/1.1 403 Forbidden', ...HEAD.slice(1)]), false);
});

test('headers that nobody reads may take kilobytes, in one line or in many', () => {
  const cookie = `Set-Cookie: session=${'x'.repeat(4000)}; Path=/`;
  const policies = Array.from({ length: 60 }, (_, i) => `X-Policy-${i}: ${'y'.repeat(40)}`);
  assert.equal(accepted([HEAD[0], cookie, ...HEAD.slice(1)]), true);
  assert.equal(accepted([...HEAD, ...policies, 'Via: 1.1 proxy']), true);
  assert.equal(accepted([...HEAD.slice(0, 2), 'Connection: keep-alive', ...HEAD.slice(2)]), true);
});

test('an answer has an end: over 8 KB it is refused, whether it is one line or many', () => {
  assert.deepEqual(judge(`HTTP/1.1 101 ${'x'.repeat(10_000)}`), ['refused', 8192]);
  assert.deepEqual(judge(`${HEAD[0]}\r\n${'A: b\r\n'.repeat(2000)}`), ['refused', 8192]);
  assert.deepEqual(judge(`${HEAD[0]}\r\n${'\n'.repeat(9000)}`)[0], 'refused');
});

test('a server that refuses is told from one that does not speak HTTP, at the first odd byte', () => {
  assert.equal(verdictOf(['HTTP/1.1 404 Not Found']), 'refused');
  assert.equal(verdictOf(['HTTP/1.0 101 Switching Protocols', ...HEAD.slice(1)]), 'refused');
  assert.deepEqual(judge('SSH-2.0-OpenSSH_9.6\r\n'), ['foreign', 1]);
  assert.deepEqual(judge('\x20\x02\x00\x01'), ['foreign', 1]);
  assert.deepEqual(judge('HTTP/2'), ['foreign', 6]);
  assert.deepEqual(judge('\r\n'), ['foreign', 1]);
  assert.deepEqual(judge('HTTP\r\n'), ['foreign', 5]);
});

test('a frame is masked, and its header as short as its length allows (RFC 6455 5.7)', () => {
  const out = new Uint8Array(70_000);
  const end = writeData(out, 0, 0x37fa213d, ascii('Hello'), 0, 5);
  assert.equal(hex(out.subarray(0, end)), '828537fa213d7f9f4d5158');
  const bytes = new Uint8Array(65_535);
  assert.equal(writeData(out, 0, 0, bytes, 0, 125), 125 + 6);
  assert.equal(writeData(out, 0, 0, bytes, 0, 126), 126 + OVERHEAD_BYTES);
  assert.equal(writeData(out, 0, 0, bytes, 0, 65_535), 65_535 + OVERHEAD_BYTES);
  assert.deepEqual([...out.subarray(0, 4)], [0x82, 0xfe, 0xff, 0xff]);
});

test('a pong carries what the ping carried, and a close says that all is done', () => {
  const out = new Uint8Array(32);
  assert.equal(hex(out.subarray(0, writePong(out, 0, 0, ascii('Hi'), 2))), '8a82000000004869');
  assert.equal(hex(out.subarray(0, writeClose(out, 0, 0, 1000))), '88820000000003e8');
});

test('headers of each size are read byte by byte', () => {
  const reader = new FrameReader();
  assert.equal(reader.take(0x82), undefined);
  assert.equal(reader.take(5), 'data');
  assert.equal(reader.remaining, 5);
  assert.equal(header(reader, 0x82, 126, 1, 0), 'data');
  assert.equal(reader.remaining, 256);
  assert.equal(header(reader, 0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0), 'data');
  assert.equal(reader.remaining, 65_536);
});

test('what a server must not send is refused', () => {
  const refused = (...bytes: number[]) =>
    assert.equal(header(new FrameReader(), ...bytes), 'refused', hex(Uint8Array.from(bytes)));
  refused(0x81, 1);
  refused(0x82, 0x85);
  refused(0xc2, 1);
  refused(0x83, 1);
  refused(0x09, 1);
  refused(0x89, 126, 0, 200);
  refused(0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0);
});

test('a ping gives what it carried', () => {
  const reader = new FrameReader();
  assert.equal(header(reader, 0x89, 2), 'control');
  assert.equal(reader.isPing, true);
  assert.deepEqual([reader.keep(7), reader.keep(8)], [false, true]);
  assert.deepEqual([...reader.control.subarray(0, reader.controlLength)], [7, 8]);
});

test('a message may come in pieces with pings between; a piece has its place', () => {
  const reader = new FrameReader();
  assert.equal(header(reader, 0x02, 1), 'data');
  assert.equal(header(reader, 0x89, 0), 'control');
  assert.equal(header(reader, 0x00, 0), 'data');
  assert.equal(header(reader, 0x80, 1), 'data');
  assert.equal(header(reader, 0x80, 1), 'refused');
  const other = new FrameReader();
  assert.equal(header(other, 0x02, 1), 'data');
  assert.equal(header(other, 0x82, 1), 'refused');
});

test('a header says the length of its frame, in each form and up to 32 bits', () => {
  const lengths = [
    [[0x82, 0], 0],
    [[0x82, 125], 125],
    [[0x82, 126, 0, 125], 125],
    [[0x82, 126, 1, 2], 0x102],
    [[0x82, 126, 255, 255], 65_535],
    [[0x82, 127, 0, 0, 0, 0, 0, 1, 2, 3], 0x10203],
    [[0x82, 127, 0, 0, 0, 0, 255, 255, 255, 255], 0xffff_ffff],
  ] as const;
  for (const [bytes, length] of lengths) {
    const reader = new FrameReader();
    for (const byte of bytes.slice(0, -1)) assert.equal(reader.take(byte), undefined);
    assert.equal(reader.take(bytes[bytes.length - 1]), 'data');
    assert.equal(reader.remaining, length, `${bytes}`);
  }
  assert.equal(header(new FrameReader(), 0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0), 'refused');
});

test('a control frame is whole and short, and its first byte says which one it is', () => {
  for (const [first, isPing, isClose] of [
    [0x88, false, true],
    [0x89, true, false],
    [0x8a, false, false],
  ] as const) {
    const reader = new FrameReader();
    assert.equal(header(reader, first, 125), 'control');
    assert.deepEqual([reader.isPing, reader.isClose], [isPing, isClose]);
    assert.equal(header(new FrameReader(), first, 126, 0, 126), 'refused');
    assert.equal(header(new FrameReader(), first - 0x80, 1), 'refused', 'in pieces');
  }
});

test('kinds of frames that are not known, text, reserved bits and masks are refused', () => {
  for (let first = 0; first < 256; first += 1) {
    const isData = first === 0x02 || first === 0x82;
    const isControl = first === 0x88 || first === 0x89 || first === 0x8a;
    const expected = isData ? 'data' : isControl ? 'control' : 'refused';
    assert.equal(header(new FrameReader(), first, 1), expected, `${first}`);
    assert.equal(header(new FrameReader(), first, 0x81), 'refused', `${first}, masked`);
  }
});

test('an answer’s head has 8,192 bytes at most, wherever its lines end', () => {
  const text = HEAD.join('\r\n');
  const filled = (bytes: number) => {
    const fill = `${text}\r\nX: `;
    return `${fill}${'y'.repeat(bytes - fill.length - BLANK.length)}${BLANK}`;
  };
  assert.deepEqual(judge(filled(8192)), ['accepted', 8192]);
  assert.deepEqual(judge(filled(8193)), ['refused', 8192]);
  assert.deepEqual(judge(filled(8194)), ['refused', 8192]);
  const lines = `${HEAD[0]}\r\n${'X: 345\r\n'.repeat(2000)}`;
  assert.deepEqual(judge(lines), ['refused', 8192]);
});

test('a line’s first 128 bytes are looked at, and lines may end without a carriage return', () => {
  const padded = (line: string, bytes: number) => {
    const [name, value] = line.split(': ');
    return `${name}: ${value.padStart(bytes - name.length - 2)}`;
  };
  for (const line of HEAD.slice(1)) {
    const others = HEAD.filter((each) => each !== line);
    assert.ok(accepted([...others, padded(line, 128)]), line);
    assert.ok(!accepted([...others, padded(line, 129)]), line);
  }
  const text = `${HEAD.join('\n')}\n\n`;
  assert.deepEqual(judge(text), ['accepted', text.length]);
});

test('a status line is HTTP’s with 101, with words or without, and its length is no matter', () => {
  const verdict = (status: string) => verdictOf([status, ...HEAD.slice(1)]);
  assert.equal(verdict('HTTP/1.1 101'), 'accepted');
  assert.equal(verdict(`HTTP/1.1 101 ${'x'.repeat(300)}`), 'accepted');
  assert.equal(verdict('HTTP/1.1 1010'), 'refused');
  assert.equal(verdict('HTTP/1.0 101 Switching Protocols'), 'refused');
  assert.equal(verdict('HTTP/1.'), 'refused');
  assert.equal(verdict('HTTP/1'), 'foreign');
  assert.equal(verdict(' HTTP/1.1 101'), 'foreign');
});
