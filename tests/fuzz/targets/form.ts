/** Forms: what a decoded form holds, written down again, is the same form. */

import assert from 'node:assert/strict';
import { decodeUtf8 } from '../../../firmware/base/utf8.ts';
import { decodeForm, FORM_FIELDS_MAX } from '../../../firmware/provisioning/http/form-decoder.ts';
import { bytesOf } from '../../support/http-stream.ts';
import { HTTP_VECTORS } from '../../vectors/http.ts';
import type { Target } from '../target.ts';

const BODY_BYTES_MAX = 1024;

function escaped(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += `%${(byte + 256).toString(16).slice(1)}`;
  return text;
}

export const target: Target = {
  seeds: [
    bytesOf('ssid=home&wifiPassword=%00%ff+x&flags=a%2Cb&a=1&a=2'),
    ...HTTP_VECTORS.map(({ text }) => bytesOf(text.split('\r\n\r\n')[1] ?? '')).filter(
      (body) => body.length < BODY_BYTES_MAX,
    ),
  ],
  bytesMax: BODY_BYTES_MAX,
  stepsMax: 160 * BODY_BYTES_MAX,
  madeMax: 16 * BODY_BYTES_MAX,
  run(input) {
    const length = input.length;
    const form = decodeForm(input);
    if (form === undefined) return;
    assert.ok(form.size <= FORM_FIELDS_MAX);
    let held = 0;
    let again = '';
    for (const [name, value] of form) {
      held += value.length;
      assert.ok(value.buffer === input.buffer, 'a value is a copy');
      const bytes = bytesOf(name);
      // What is not UTF-8 was replaced, and is longer now.
      if (bytes.length > 32 || decodeUtf8(bytes, 0, bytes.length) !== name) return;
      again += `&${escaped(bytes)}=${escaped(value)}`;
    }
    assert.ok(held <= length);
    const second = decodeForm(bytesOf(again));
    assert.deepEqual(shown(second), shown(form));
  },
};

function shown(form: ReadonlyMap<string, Uint8Array> | undefined): string[] {
  return [...(form ?? [])].map(([name, value]) => `${name}:${escaped(value)}`);
}
