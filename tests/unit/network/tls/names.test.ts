/** Whose certificate it is, judged on names alone, beside a plain comparison of strings. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Certificate } from '../../../../firmware/network/tls/certificate.ts';
import { judgeName } from '../../../../firmware/network/tls/names.ts';
import {
  element,
  join,
  oid,
  sequence,
  set,
  text,
} from '../../../../host-sim/virtual/signatures/der-writer.ts';

const DNS = 0x82;
const ADDRESS = 0x87;
const latin = (name: string) => Uint8Array.from(name, (letter) => letter.charCodeAt(0));
const dns = (name: string) => element(DNS, latin(name));
const attribute = (id: string, value: string) => sequence(oid(id), text(value));
const NOBODY = sequence();

/** All that is looked at of a certificate. */
function verdict(name: string, names: readonly Uint8Array[] | undefined, subject = NOBODY) {
  const certificate = { names: names && join(names), subject };
  return judgeName(certificate as unknown as Certificate, name);
}

/** The rule of RFC 9525 6.3 for one entry, with strings. */
function isNamed(entry: string, host: string): boolean {
  const own = entry.toLowerCase();
  const name = host.toLowerCase();
  if (!own.startsWith('*.')) return own === name;
  const [first, ...above] = name.split('.');
  return first !== '' && above.length >= 2 && own.slice(2) === above.join('.');
}

test('a name is found whatever the case of its letters, and only letters have a case', () => {
  assert.equal(verdict('azby.example', [dns('AZBY.EXAMPLE')]), 'good');
  assert.equal(verdict('AZBY.EXAMPLE', [dns('azby.example')]), 'good');
  for (let code = 0x21; code < 0x7f; code += 1) {
    for (const other of [code ^ 0x20, code + 1, code - 1]) {
      const name = `a${String.fromCharCode(code)}b.example`;
      const entry = `a${String.fromCharCode(other)}b.example`;
      const isSame = entry.toLowerCase() === name.toLowerCase();
      assert.equal(verdict(name, [dns(entry)]), isSame ? 'good' : 'another', `${name} ${entry}`);
    }
  }
});

test('names and stars match as labels of strings do', () => {
  const label = fc.constantFrom('a', 'B', 'ab', '*', 'x-y', '');
  const labels = fc.array(label, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(labels, labels, fc.boolean(), (host, entry, isStar) => {
      const name = host.join('.');
      const shown = isStar ? ['*', ...host.slice(1)].join('.') : entry.join('.');
      const expected = isNamed(shown, name) ? 'good' : 'another';
      assert.equal(verdict(name, [dns(shown)]), expected, `${name} ${shown}`);
    }),
    { seed: 9_525, numRuns: 5_000 },
  );
});

test('each letter of a name counts, in its place', () => {
  const name = 'abcd.example';
  for (let at = 0; at < name.length; at += 1) {
    const other = `${name.slice(0, at)}q${name.slice(at + 1)}`;
    assert.equal(verdict(name, [dns(other)]), 'another', other);
    if (at > 4) assert.equal(verdict(`x.${name}`, [dns(`*.${other}`)]), 'another', other);
  }
});

test('one entry that matches is enough, wherever it stands among others', () => {
  const entries = [dns('a.example'), element(0x81, latin('me@b.example')), dns('c.example')];
  for (const name of ['a.example', 'c.example']) assert.equal(verdict(name, entries), 'good');
  assert.equal(verdict('me@b.example', entries), 'another');
});

test('an address needs an entry of its own with each byte right, and is no DNS name', () => {
  const address = [192, 168, 4, 1];
  const entry = (bytes: readonly number[]) => element(ADDRESS, Uint8Array.from(bytes));
  assert.equal(verdict('192.168.4.1', [entry(address)]), 'good');
  assert.equal(verdict('192.168.4.1', [entry(address), dns('a.example')]), 'good');
  assert.equal(verdict('192.168.4.1', [dns('192.168.4.1')]), 'another');
  assert.equal(verdict('broker.example', [entry(address)]), 'another');
  for (let at = 0; at < 4; at += 1) {
    const other = address.map((byte, i) => (i === at ? byte + 1 : byte));
    assert.equal(verdict('192.168.4.1', [entry(other)]), 'another', other.join('.'));
  }
  for (const other of [address.slice(0, 3), [...address, 0], []]) {
    assert.equal(verdict('192.168.4.1', [entry(other)]), 'another', other.join('.'));
  }
  // Written otherwise, it is neither.
  for (const name of ['192.168.1', '0x7f.1', '3232236545', '10.1.']) {
    assert.equal(verdict(name, [dns(name)]), 'another', name);
  }
  assert.equal(verdict('a1.b2', [dns('a1.b2')]), 'good');
});

test('a common name counts for nothing, and is told only where no name could have been looked at', () => {
  const common = set(attribute('2.5.4.3', 'broker.example'));
  const country = set(attribute('2.5.4.6', 'DE'));
  const both = set(attribute('2.5.4.6', 'DE'), attribute('2.5.4.3', 'broker.example'));
  for (const subject of [sequence(common), sequence(country, common), sequence(both)]) {
    assert.equal(verdict('broker.example', undefined, subject), 'only a common name');
    assert.equal(
      verdict('broker.example', [element(0x81, latin('a@b'))], subject),
      'only a common name',
    );
    assert.equal(verdict('broker.example', [dns('b.example')], subject), 'another');
    assert.equal(verdict('broker.example', [element(ADDRESS, latin('1234'))], subject), 'another');
  }
  for (const subject of [NOBODY, sequence(country)]) {
    assert.equal(verdict('broker.example', undefined, subject), 'another');
  }
});

test('only an identifier names an attribute, and only a set holds one', () => {
  const asText = sequence(set(sequence(element(0x0c, Uint8Array.of(0x55, 4, 3)), text('a'))));
  const noSet = sequence(sequence(attribute('2.5.4.3', 'a')));
  for (const subject of [asText, noSet]) assert.equal(verdict('a', undefined, subject), 'another');
});
