import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../../../firmware/base/ascii.ts';
import { readBase64, writeBase64 } from '../../../firmware/base/base64.ts';
import { toHex, utf8 } from '../../support/mqtt-bytes.ts';

function read(text: string): string | undefined {
  const bytes = utf8(`<${text}>`);
  const found = readBase64(bytes, 1, bytes.length - 1);
  return found && toHex(found);
}

test('the vectors of RFC 4648, section 10, both ways', () => {
  for (const [plain, written] of [
    ...[['', ''] as const, ['f', 'Zg=='] as const, ['fo', 'Zm8='] as const],
    ...[['foo', 'Zm9v'] as const, ['foob', 'Zm9vYg=='] as const, ['fooba', 'Zm9vYmE='] as const],
    ['foobar', 'Zm9vYmFy'] as const,
  ]) {
    const into = new Uint8Array(written.length + 2).fill(0x2e);
    assert.equal(writeBase64(into, 1, asciiBytes(plain)), 1 + written.length);
    assert.equal(toHex(into), toHex(utf8(`.${written}.`)));
    assert.equal(read(written), toHex(utf8(plain)));
  }
});

test('every letter is read and written', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bytes = readBase64(asciiBytes(letters), 0, 64) as Uint8Array;
  const into = new Uint8Array(64);
  writeBase64(into, 0, bytes);
  assert.equal(toHex(into), toHex(asciiBytes(letters)));
});

test('what is not padded, has bits left over, or other letters, is none', () => {
  for (const bad of [
    ...['Z', 'Zg', 'Zg=', 'Zm8', '=', '==', '===', '====', 'Zg==Zg==', 'Z===', 'Zm=v', '=Zm9'],
    ...['Zh==', 'Zm9=', 'Zm-v', 'Zm_v', 'Zm v', 'Zm9\n', ' Zm9v', '<>@[', '`{/:', 'Zg=='.repeat(2)],
  ]) {
    assert.equal(read(bad), undefined, bad);
  }
});
