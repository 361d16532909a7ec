import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes, writeRange } from '../../../firmware/base/ascii.ts';
import {
  NUMBER_BYTES_MAX,
  NUMBER_MAX,
  writeInteger,
  writeNumber,
} from '../../../firmware/base/decimal.ts';
import { writeJsonString } from '../../../firmware/base/json-string.ts';
import {
  decodeUtf8,
  hasNul,
  isValidUtf8,
  utf8Length,
  writeUtf8,
} from '../../../firmware/base/utf8.ts';

const OFFSET = 3;
const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Runs a writer at an offset and returns what it wrote, checking that it kept within. */
function written(write: (into: Uint8Array, at: number) => number): string {
  const into = new Uint8Array(2000).fill(0xee);
  const end = write(into, OFFSET);
  assert.ok(into.subarray(0, OFFSET).every((byte) => byte === 0xee));
  assert.ok(into.subarray(end).every((byte) => byte === 0xee));
  return strict.decode(into.subarray(OFFSET, end));
}

const number = (value: number, decimals: number) =>
  written((into, at) => writeNumber(into, at, value, decimals));

/** The exact binary value of a double as numerator over 2^shift. */
function exact(value: number): { numerator: bigint; shift: bigint } {
  let shift = 0n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift += 1n;
  }
  return { numerator: BigInt(scaled), shift };
}

/** Rounds the exact value with whole numbers only, halves away from zero. */
function oracle(value: number, decimals: number): string {
  const { numerator, shift } = exact(Math.abs(value));
  const scale = 10n ** BigInt(decimals);
  const rounded = (2n * numerator * scale + (1n << shift)) / (2n << shift);
  const fraction = (rounded % scale).toString().padStart(decimals, '0').replace(/0+$/, '');
  const digits = `${rounded / scale}${scale > 1n && fraction !== '' ? `.${fraction}` : ''}`;
  return value < 0 && rounded > 0n ? `-${digits}` : digits;
}

describe('numbers', () => {
  test('a value with float noise is written with the decimals of the sensor', () => {
    assert.equal(number(21.399999999999995, 2), '21.4');
    assert.equal(number(0.1 + 0.2, 6), '0.3');
    assert.equal(number(1013.25, 1), '1013.3');
    assert.equal(number(-40.005, 2), '-40.01');
  });

  test('zeros at the end of the decimals are left out, those inside are kept', () => {
    assert.equal(number(20, 2), '20');
    assert.equal(number(20.5, 2), '20.5');
    assert.equal(number(20.05, 2), '20.05');
    assert.equal(number(100.000001, 6), '100.000001');
    assert.equal(number(1200, 0), '1200');
  });

  test('zero never has a sign, not even when a negative value is rounded to it', () => {
    for (const value of [0, -0, -0.004, 0.004, -5e-324]) assert.equal(number(value, 2), '0');
  });

  test('halves are rounded away from zero at every number of decimals', () => {
    assert.equal(number(0.5, 0), '1');
    assert.equal(number(2.5, 0), '3');
    assert.equal(number(-2.5, 0), '-3');
    assert.equal(number(0.25, 1), '0.3');
    assert.equal(number(0.125, 2), '0.13');
    assert.equal(number(0.0625, 3), '0.063');
    assert.equal(number(0.03125, 4), '0.0313');
    assert.equal(number(0.015625, 5), '0.01563');
    assert.equal(number(0.0078125, 6), '0.007813');
  });

  test('a value just below a half is rounded down although its product with 10^d is not', () => {
    assert.equal(1.005 * 100, 100.49999999999999);
    assert.equal(number(1.005, 2), '1');
    assert.equal(1.45 * 10, 14.5);
    assert.equal(number(1.45, 1), oracle(1.45, 1));
    assert.equal(number(0.49999999999999994, 0), '0');
    assert.equal(number(8.345, 2), '8.35');
    assert.equal(number(4503599627370495.5, 0), '4503599627370496');
  });

  test('a carry runs through to the whole part', () => {
    assert.equal(number(9.999, 2), '10');
    assert.equal(number(-0.9999999, 6), '-1');
    assert.equal(number(999999999.96, 1), '1000000000');
  });

  test('any double up to 2^53 agrees with whole-number arithmetic on its exact value', () => {
    const doubles = fc.double({ min: -NUMBER_MAX, max: NUMBER_MAX, noNaN: true });
    const small = fc.double({ min: -2000, max: 2000, noNaN: true });
    const nearHalves = fc
      .tuple(fc.integer({ min: -3_000_000, max: 3_000_000 }), fc.integer({ min: 0, max: 6 }))
      .map(([n, d]) => (n + 0.5) / 10 ** d);
    const values = fc.oneof(doubles, small, nearHalves);
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        assert.equal(number(value, decimals), oracle(value, decimals));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  test('the neighbours of halves are told from the halves', () => {
    const steps = fc.integer({ min: -2, max: 2 });
    const halves = fc.tuple(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: 6 }));
    const view = new DataView(new ArrayBuffer(8));
    fc.assert(
      fc.property(halves, steps, ([n, decimals], step) => {
        view.setFloat64(0, (n + 0.5) / 10 ** decimals);
        view.setBigInt64(0, view.getBigInt64(0) + BigInt(step));
        const value = view.getFloat64(0);
        assert.equal(number(value, decimals), oracle(value, decimals));
      }),
      { numRuns: 5000, seed: 2 },
    );
  });

  test('rounding agrees with toFixed, but for its minus sign on zero', () => {
    const values = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        const fixed = Number(value.toFixed(decimals));
        assert.equal(number(value, decimals), oracle(value, decimals));
        assert.equal(Number(number(value, decimals)), fixed === 0 ? 0 : fixed);
      }),
      { seed: 3 },
    );
  });

  test('whole numbers up to 2^53 are written digit by digit', () => {
    const integer = (value: number) => written((into, at) => writeInteger(into, at, value));
    const edges = [0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 1e15 - 1, NUMBER_MAX - 1, NUMBER_MAX];
    for (const value of edges) {
      assert.equal(integer(value), String(value));
      assert.equal(integer(-value), value === 0 ? '0' : `-${value}`);
    }
    const thousands = fc
      .tuple(fc.integer({ min: 0, max: 9_007_199 }), fc.constantFrom(0, 1, -1))
      .map(([n, d]) => n * 1e9 + d);
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), thousands), (value) => {
        assert.equal(integer(value), String(value));
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  test('what JSON cannot say is refused: not finite, too large, too many decimals', () => {
    const into = new Uint8Array(40);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1e300, NUMBER_MAX + 2]) {
      assert.throws(() => writeNumber(into, 0, value, 2), RangeError);
      assert.throws(() => writeInteger(into, 0, value), RangeError);
    }
    assert.throws(() => writeInteger(into, 0, 1.5), /whole number/);
    for (const decimals of [-1, 7, 1.5]) {
      assert.throws(() => writeNumber(into, 0, 1, decimals), /decimals must be 0 to 6/);
    }
    assert.ok(into.every((byte) => byte === 0));
  });

  test('no number is longer than the documented maximum', () => {
    const longest = number(-(2 ** 31) - 0.123456, 6);
    assert.ok(longest.length <= NUMBER_BYTES_MAX);
    assert.ok(number(-NUMBER_MAX, 6).length <= NUMBER_BYTES_MAX);
  });
});

describe('strings', () => {
  test('UTF-8 and its length agree with an independent encoder, lone surrogates included', () => {
    const strings = fc.string({ unit: 'binary', maxLength: 40 });
    const halves = fc
      .array(fc.constantFrom('a', '\ud83d', '\ude00', '\u{1F600}', 'é', '\0'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    const long = fc
      .tuple(fc.integer({ min: 60, max: 66 }), halves, halves)
      .map(([n, one, two]) => 'x'.repeat(n) + one + 'y'.repeat(126 - n) + two);
    fc.assert(
      fc.property(fc.oneof(strings, halves, long), (text) => {
        const bytes = encoder.encode(text);
        assert.equal(utf8Length(text), bytes.length);
        const into = new Uint8Array(bytes.length + OFFSET);
        assert.equal(writeUtf8(into, OFFSET, text), into.length);
        assert.deepEqual(into.subarray(OFFSET), bytes);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  test('half a surrogate pair is written as the replacement character', () => {
    assert.equal(
      written((into, at) => writeUtf8(into, at, '\ud83dx\ude00')),
      '\ufffdx\ufffd',
    );
  });

  test('a JSON string reads back as the text that was written', () => {
    const strings = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\0', '\x1f', '/', '\x7f', 'é', '😀') }),
    );
    fc.assert(
      fc.property(strings, (text) => {
        const json = written((into, at) => writeJsonString(into, at, text));
        assert.equal(JSON.parse(json), strict.decode(encoder.encode(text)));
      }),
      { numRuns: 2000, seed: 6 },
    );
  });

  test('quotes, backslashes and control characters are escaped as JSON asks', () => {
    const text = '"\\\b\f\n\r\t\0\x1f\x7f/é';
    const json = written((into, at) => writeJsonString(into, at, text));
    assert.equal(json, JSON.stringify(text));
  });

  test('where the room ends, nothing is thrown and the offset tells the length needed', () => {
    const into = new Uint8Array(6);
    assert.equal(writeUtf8(into, 4, 'grün'), 4 + 5);
    assert.equal(writeJsonString(into, 0, 'a\nb\u0001'), 12);
    assert.equal(writeNumber(into, 4, -1234.5, 1), 4 + 7);
    assert.equal(writeRange(into, 5, asciiBytes('abc'), 1, 3), 7);
    assert.equal(into[5], 'b'.charCodeAt(0));
  });

  test('a constant that is not ASCII is refused', () => {
    assert.deepEqual([...asciiBytes('{"a"')], [0x7b, 0x22, 0x61, 0x22]);
    assert.throws(() => asciiBytes('°C'), RangeError);
  });
});

describe('reading UTF-8', () => {
  const cases: readonly (readonly [string, readonly number[], boolean])[] = [
    ['nothing', [], true],
    ['the last of two bytes', [0xdf, 0xbf], true],
    ['the last before the surrogates', [0xed, 0x9f, 0xbf], true],
    ['the first after them', [0xee, 0x80, 0x80], true],
    ['U+10FFFF', [0xf4, 0x8f, 0xbf, 0xbf], true],
    ['U+FEFF', [0xef, 0xbb, 0xbf], true],
    ['U+0000 in one byte', [0x00], true],
    ['U+0000 in two bytes', [0xc0, 0x80], false],
    ['a slash in two bytes', [0xc1, 0xaf], false],
    ['a slash in three bytes', [0xe0, 0x80, 0xaf], false],
    ['three bytes that two can say', [0xe0, 0x9f, 0xbf], false],
    ['four bytes that three can say', [0xf0, 0x8f, 0xbf, 0xbf], false],
    ['the first surrogate', [0xed, 0xa0, 0x80], false],
    ['the last surrogate', [0xed, 0xbf, 0xbf], false],
    ['U+110000', [0xf4, 0x90, 0x80, 0x80], false],
    ['a lead byte beyond', [0xf5, 0x80, 0x80, 0x80], false],
    ['a continuation alone', [0x80], false],
    ['a pair cut short', [0xc3], false],
    ['three bytes cut short', [0xe2, 0x82], false],
    ['four bytes cut short', [0xf0, 0x9f, 0x98], false],
    ['a letter inside a sequence', [0xe2, 0x41, 0xac], false],
  ];

  for (const [what, bytes, valid] of cases) {
    test(`${what} is ${valid ? 'well formed' : 'ill formed'}`, () => {
      const range = Uint8Array.from([0xff, 0x41, ...bytes, 0xbf]);
      assert.equal(isValidUtf8(range, 1, range.length - 1), valid);
    });
  }

  test('validity and text agree with an independent decoder on arbitrary bytes', () => {
    const likely = fc.constantFrom(0, 0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc1, 0xc3, 0xe0, 0xed, 0xef);
    const astral = fc.constantFrom(0x8f, 0x90, 0xf0, 0xf4, 0xf5);
    const arrays = fc.array(fc.oneof(likely, astral, fc.integer({ min: 0, max: 255 })), {
      maxLength: 150,
    });
    fc.assert(
      fc.property(
        fc.oneof(arrays, fc.array(fc.oneof(likely, astral), { maxLength: 5 })),
        (list) => {
          const bytes = Uint8Array.from([0xf0, ...list, 0x80]);
          const inner = bytes.subarray(1, bytes.length - 1);
          assert.equal(decodeUtf8(bytes, 1, bytes.length - 1), lenient.decode(inner));
          assert.equal(isValidUtf8(bytes, 1, bytes.length - 1), isStrict(inner));
        },
      ),
      { numRuns: 5000, seed: 7 },
    );
  });

  test('every character comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const bytes = encoder.encode(text);
        assert.ok(isValidUtf8(bytes, 0, bytes.length));
        assert.equal(decodeUtf8(bytes, 0, bytes.length), text);
        assert.equal(hasNul(bytes, 0, bytes.length), text.includes('\0'));
      }),
      { seed: 8 },
    );
  });

  test('U+0000 counts only within the range', () => {
    const bytes = Uint8Array.from([0, 0x41, 0]);
    assert.equal(hasNul(bytes, 1, 2), false);
    assert.equal(hasNul(bytes, 1, 3), true);
  });
});

function isStrict(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
