/** PEM as people paste it: what is taken is PEM of one form, and reads back as itself. */

import assert from 'node:assert/strict';
import { PemReader, pemBlocks } from '../../../firmware/base/pem-blocks.ts';
import { readPem } from '../../../firmware/config/pem.ts';
import { bytesOf } from '../../support/http-stream.ts';
import type { Target } from '../target.ts';

const BYTES_MAX = 4096;
const BODY = 'MIIB'.repeat(40);
const block = (label: string, body = BODY) =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const FORM = /^(?:-----BEGIN ([A-Z ]+)-----\n(?:[A-Za-z0-9+/=]{1,64}\n)+-----END \1-----\n)+$/;

export const target: Target = {
  seeds: [
    block('CERTIFICATE'),
    `Bag \u00e4\r\n${block('CERTIFICATE').replace(/\n/g, '\r\n')}text\n${block('CERTIFICATE', `${BODY}MA==`)}`,
    block('EC PARAMETERS', 'BggqhkjOPQMBBw==') + block('EC PRIVATE KEY'),
    block('PRIVATE KEY'),
    block('RSA PRIVATE KEY'),
    block('CERTIFICATE', BODY.repeat(20)),
  ].map(bytesOf),
  bytesMax: 3000,
  stepsMax: 1_500_000,
  madeMax: 60_000,
  dictionary: ['-----BEGIN ', '-----END ', '-----\n', 'CERTIFICATE', 'M'.repeat(64)].map(bytesOf),
  run(input) {
    for (const isKey of [false, true]) {
      const pem = readPem(input, isKey, BYTES_MAX);
      if (pem === undefined) continue;
      assert.ok(pem.length <= BYTES_MAX);
      assert.match(String.fromCharCode(...pem), FORM);
      assert.deepEqual(readPem(pem, isKey, BYTES_MAX), pem);
      const blocks = pemBlocks(pem, 20);
      assert.ok(
        blocks.length > 0 && blocks.every((der) => der.length >= 45 && der[0] >> 2 === 0x0c),
      );
    }
    const reader = new PemReader(input);
    let count = 0;
    for (let der = reader.next(); der !== undefined; der = reader.next()) count++;
    assert.ok(count <= input.length / 16);
  },
};
