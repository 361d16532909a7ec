import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../../../firmware/base/errors.ts';
import { checkFilter, encodeTopic, isPlainTopic } from '../../../../firmware/mqtt/codec/topics.ts';
import { toHex } from '../../../support/mqtt-bytes.ts';

function assertRefused(filters: readonly string[]): void {
  for (const filter of filters) assert.throws(() => checkFilter(filter), ConfigError, filter);
}

test('# is refused unless it stands alone or after a slash at the end [3.1.1 MQTT-4.7.1-2] [5.0 MQTT-4.7.1-1]', () => {
  for (const filter of ['#', '/#', 'a/#', 'a/b/c/#', '+/#']) checkFilter(filter);
  assertRefused(['a#', 'a/b#', '##', 'a/#/b', '#/a', '#/', 'a/+#']);
});

test('+ is refused unless it fills a whole level [3.1.1 MQTT-4.7.1-3] [5.0 MQTT-4.7.1-2]', () => {
  for (const filter of ['+', '/+', '+/', 'a/+/c', '+/+', '+/a/#']) {
    checkFilter(filter);
  }
  assertRefused(['a+', '+a', 'a/b+/c', '++', 'a/+b']);
});

test('a filter has one character or more, no NUL and at most 65,535 bytes [3.1.1 MQTT-4.7.3-1, 4.7.3-2, 4.7.3-3] [5.0 MQTT-4.7.3-1, 4.7.3-2, 4.7.3-3]', () => {
  assertRefused(['', '\0', 'a/\0/b', 'x'.repeat(65_536), 'é'.repeat(32_768)]);
  for (const filter of ['/', ' ', 'é'.repeat(32_767), 'x'.repeat(65_535)]) {
    checkFilter(filter);
  }
});

test('a shared filter has a share name without wildcards, and a filter [5.0 MQTT-4.8.2-1, 4.8.2-2]', () => {
  for (const filter of ['$share/g/a', '$share/g/#', '$share/g//', '$share/g/+/b', '$sharea']) {
    checkFilter(filter);
  }
  assertRefused(['$share', '$share/', '$share/g', '$share/g/', '$share//a', '$share/+/a']);
  assertRefused(['$share/#/a', '$share/g+/a', '$share/#']);
});

test('a topic name to send has no wildcard and no NUL, is not empty and not too long [3.1.1 MQTT-3.3.2-2, 4.7.1-1, 4.7.3-1, 4.7.3-2, 4.7.3-3] [5.0 MQTT-3.3.2-2, 4.7.0-1, 4.7.3-1, 4.7.3-2, 4.7.3-3]', () => {
  for (const name of ['', 'a/+', '#', 'a+b', 'a\0', 'x'.repeat(65_536)]) {
    assert.throws(() => encodeTopic(name), ConfigError, name.slice(0, 5));
  }
  assert.equal(encodeTopic('x'.repeat(65_535)).length, 65_535);
});

test('a topic name to send is well-formed UTF-8 whatever its string holds [3.1.1 MQTT-1.5.3-1, 3.3.2-1] [5.0 MQTT-1.5.4-1, 3.3.2-1]', () => {
  assert.equal(toHex(encodeTopic('é/😀')), 'c3a92ff09f9880');
  assert.equal(toHex(encodeTopic('a\ud800b')), '61efbfbd62');
});

/** What `isPlainTopic` promises, byte by byte. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 16 && bytes.subarray(start, end).every((byte) => byte > 0x2c && byte < 0x80)
  );
}

test('a plain topic is found plain whatever its length and place, and one byte too short is not', () => {
  const bytes = new Uint8Array(120).fill(0x23);
  const view = new DataView(bytes.buffer);
  for (let start = 1; start < 5; start += 1) {
    for (let length = 0; length < 100; length += 1) {
      bytes.fill(0x23).fill(0x61, start, start + length);
      bytes[start] = 0x2d;
      if (length > 0) bytes[start + length - 1] = 0x7f;
      assert.equal(isPlainTopic(view, start, start + length), length >= 16, `${length}`);
    }
  }
});

test('one byte that is not plain is found in each place of a topic, whichever it is', () => {
  const bytes = new Uint8Array(80).fill(0x61);
  const view = new DataView(bytes.buffer);
  for (let length = 16; length <= 66; length += 1) {
    for (let at = 0; at < length; at += 1) {
      for (let byte = 0; byte < 0x100; byte += 1) {
        bytes[3 + at] = byte;
        const isRight = isPlainTopic(view, 3, 3 + length) === (byte > 0x2c && byte < 0x80);
        if (!isRight) assert.fail(`byte ${byte} at ${at} of ${length}`);
      }
      bytes[3 + at] = 0x61;
    }
  }
});

test('bytes that are not plain hide no other, as a plain look at each shows', () => {
  const byte = fc.oneof(fc.constantFrom(0x2c, 0x2d, 0x7f, 0x80), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 70 }), fc.nat(3), (list, start) => {
      const bytes = Uint8Array.from([...list.slice(0, start), ...list]);
      const view = new DataView(bytes.buffer);
      const from = Math.min(start, bytes.length);
      assert.equal(isPlainTopic(view, from, bytes.length), isPlain(bytes, from, bytes.length));
    }),
    { seed: 20_413, numRuns: 5_000 },
  );
});

test('a topic of 16 bytes or more is plain where each of its bytes is from 0x2D to 0x7F', () => {
  const view = new DataView(new ArrayBuffer(80));
  const bytes = new Uint8Array(view.buffer);
  for (const length of [0, 15, 16, 17, 20, 31, 32, 33, 47, 48, 49]) {
    for (const start of [0, 5]) {
      // What is beside it does not count.
      bytes.fill(0);
      bytes.fill(0x61, start, start + length);
      assert.equal(isPlainTopic(view, start, start + length), length >= 16, `${length} bytes`);
      if (length < 16) continue;
      for (let at = start; at < start + length; at += 1) {
        for (const byte of [0, 1, 0x20, 0x23, 0x2b, 0x2c, 0x2d, 0x2f, 0x7f, 0x80, 0xac, 0xff]) {
          bytes[at] = byte;
          const expected = byte >= 0x2d && byte <= 0x7f;
          assert.equal(isPlainTopic(view, start, start + length), expected, `${byte} at ${at}`);
        }
        bytes[at] = 0x2d;
      }
    }
  }
});
