import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeForm,
  decodePercent,
  FORM_FIELDS_MAX,
} from '../../../../firmware/provisioning/http/form-decoder.ts';
import { hex, toHex, utf8 } from '../../../support/mqtt-bytes.ts';

function decoded(text: string): [string, string][] | undefined {
  const fields = decodeForm(utf8(text));
  return fields && Array.from(fields, ([name, value]) => [name, toHex(value)]);
}

test('every byte comes back from its escape, in either case of its digits', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const digits = byte.toString(16).padStart(2, '0');
    for (const escaped of [`%${digits}`, `%${digits.toUpperCase()}`]) {
      assert.deepEqual(decoded(`a=${escaped}`), [['a', digits]]);
    }
  }
});

test('a byte that needs no escape comes through as it is', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    if ('%&+='.includes(String.fromCharCode(byte))) continue;
    const fields = decodeForm(Uint8Array.of(0x61, 0x3d, byte));
    assert.deepEqual([...(fields?.get('a') ?? [])], [byte]);
  }
});

test('a plus is a space in a form, and a plus in a path', () => {
  assert.deepEqual(decoded('a+b=1'), [['a b', '31']]);
  assert.deepEqual(decoded('a=+%2B+'), [['a', '202b20']]);
  const path = utf8('/a+b%2b');
  assert.equal(toHex(path.subarray(0, decodePercent(path, 0, path.length, false))), '2f612b622b');
});

test('an escape is decoded once', () => {
  assert.deepEqual(decoded('a=%2541%252526'), [['a', toHex(utf8('%41%2526'))]]);
});

test('names are decoded too, and may be any text', () => {
  assert.deepEqual(decoded('%61%3D=1&=2&%C3%A9=3&__proto__=4'), [
    ['a=', '31'],
    ['', '32'],
    ['é', '33'],
    ['__proto__', '34'],
  ]);
});

test('fields without a value, empty pieces and an empty form are no mistake', () => {
  assert.deepEqual(decoded(''), []);
  assert.deepEqual(decoded('&&&'), []);
  assert.deepEqual(decoded('a&b=&&'), [
    ['a', ''],
    ['b', ''],
  ]);
});

test('of fields with one name the last counts, at the place of the first', () => {
  assert.deepEqual(decoded('a=0&b=1&a=2'), [
    ['a', '32'],
    ['b', '31'],
  ]);
});

test('a malformed escape anywhere refuses the whole form', () => {
  for (const text of [
    'a=%',
    'a=%4',
    'a=%4&b=1',
    'a=%g0',
    'a=%0g',
    'a=% 1',
    'a=%%41',
    '%=1',
    '%4',
  ]) {
    assert.equal(decoded(text), undefined, text);
  }
  assert.equal(decodeForm(hex('61 3d 25 10 31')), undefined, 'a control character is no digit');
  assert.equal(decodeForm(hex('61 3d 25 40 31')), undefined);
});

test('nothing but the 22 hex digits is one, in either place', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const isDigit = /[0-9A-Fa-f]/.test(String.fromCharCode(byte));
    const escapes = [
      [0x25, byte, 0x30],
      [0x25, 0x30, byte],
    ];
    for (const bytes of escapes) {
      const end = decodePercent(Uint8Array.from(bytes), 0, 3, true);
      assert.equal(end, isDigit ? 1 : -1, `${bytes}`);
    }
  }
});

test('an escape that a range cuts off is not read beyond it', () => {
  assert.equal(decodePercent(utf8('%41'), 0, 2, true), -1);
  assert.equal(decodePercent(utf8('%41'), 0, 1, true), -1);
  assert.equal(decodePercent(utf8('%41'), 0, 3, true), 1);
  for (const text of ['%g1', '%1g']) assert.equal(decodePercent(utf8(text), 0, 3, true), -1, text);
});

test('there may be 64 fields, and names of 32 bytes', () => {
  assert.equal(FORM_FIELDS_MAX, 64);
  const many = Array.from({ length: 64 }, (_, i) => `f${i}=${i}`).join('&');
  assert.equal(decoded(many)?.length, 64);
  assert.equal(decoded(`${many}&more=1`), undefined);
  assert.equal(decoded(`${'n'.repeat(32)}=1`)?.length, 1);
  assert.equal(decoded(`${'n'.repeat(33)}=1`), undefined);
});

test('twelve kilobytes of empty pieces take no more time than any other form', () => {
  assert.deepEqual(decoded('&'.repeat(12_288)), []);
});
