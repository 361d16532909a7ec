/** What of a certificate's form is taken and what is refused, field by field, as RFC 5280 has it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CERTIFICATE_BYTES_MAX,
  Certificate,
  certificateOf,
  isCertificate,
  KeyUsage,
} from '../../../../firmware/network/tls/certificate.ts';
import { nameOf } from '../../../../host-sim/virtual/signatures/certificate-maker.ts';
import {
  bitString,
  boolean,
  element,
  integer,
  octetString,
  oid,
  sequence,
  text,
} from '../../../../host-sim/virtual/signatures/der-writer.ts';

const ALGORITHM = sequence(oid('1.2.840.10045.4.3.2'));
const KEY = sequence(sequence(oid('1.2.3')), bitString(Uint8Array.of(1, 2)));
const SIGNATURE = Uint8Array.of(7, 8, 9);
const TIMES = [text('260102030405Z', 0x17), text('20510203040506Z', 0x18)];

interface Parts {
  readonly version?: readonly Uint8Array[];
  readonly inner?: Uint8Array;
  readonly times?: readonly Uint8Array[];
  readonly issuer?: Uint8Array;
  readonly subject?: Uint8Array;
  /** Behind the key. */
  readonly tail?: readonly Uint8Array[];
  readonly signature?: Uint8Array;
  /** Behind the signature, and behind the certificate. */
  readonly more?: readonly Uint8Array[];
}

const VERSION_3 = [element(0xa0, integer(2))];

function certificate(parts: Parts): Uint8Array {
  const { version = VERSION_3, inner = ALGORITHM, times = TIMES, tail = [], more = [] } = parts;
  const { issuer = nameOf('issuer'), subject = nameOf('subject') } = parts;
  const { signature = bitString(SIGNATURE) } = parts;
  const serial = integer(77);
  const names = [issuer, sequence(...times), subject];
  const body = sequence(...version, serial, inner, ...names, KEY, ...tail);
  return sequence(body, ALGORITHM, signature, ...more);
}

const extensions = (...list: readonly Uint8Array[]) => element(0xa3, sequence(...list));
const extension = (id: string, ...parts: readonly Uint8Array[]) => sequence(oid(id), ...parts);
const standard = (n: number, value: Uint8Array, critical: readonly Uint8Array[] = []) =>
  extension(`2.5.29.${n}`, ...critical, octetString(value));
const withExtensions = (...list: readonly Uint8Array[]) =>
  new Certificate(certificate({ tail: [extensions(...list)] }));

function assertRefused(parts: Parts, what: string): void {
  assert.throws(() => new Certificate(certificate(parts)), /malformed DER/, what);
}

test('each field is the one that stands in its place, and the signature has no byte for unused bits', () => {
  const read = new Certificate(certificate({}));
  assert.deepEqual(read.algorithm, ALGORITHM);
  assert.deepEqual(read.signature, SIGNATURE);
  assert.deepEqual(read.publicKey, KEY);
  assert.deepEqual(read.issuer, nameOf('issuer'));
  assert.deepEqual(read.subject, nameOf('subject'));
  assert.equal(read.from, Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(read.to, Date.UTC(2051, 1, 3, 4, 5, 6));
  // Behind it lie the algorithm, and the signature with its head and the count of unused bits.
  const whole = certificate({});
  const end = whole.length - ALGORITHM.length - SIGNATURE.length - 3;
  assert.deepEqual(read.signed, whole.subarray(2, end));
});

test('a certificate without extensions says nothing of what it may be used for', () => {
  const read = new Certificate(certificate({}));
  const { hasExtensions, hasConstraints, isAuthority, isForServers, isUnderstood } = read;
  assert.deepEqual(
    [hasExtensions, hasConstraints, isAuthority, isForServers, isUnderstood],
    [false, false, false, true, true],
  );
  assert.deepEqual([read.issuersMax, read.keyUsage], [Number.POSITIVE_INFINITY, undefined]);
  assert.ok(read.mayBeUsedFor(KeyUsage.certificateSigning));
  assert.deepEqual([read.names, read.subjectKey, read.authorityKey], Array(3).fill(undefined));
});

test('one that is signed in its own name is told from others', () => {
  const name = nameOf('issuer');
  assert.ok(new Certificate(certificate({ subject: name })).isSelfIssued);
  assert.ok(!new Certificate(certificate({})).isSelfIssued);
});

test('it counts from its first second to its last', () => {
  const read = new Certificate(certificate({}));
  for (const [now, isCurrent] of [
    [read.from - 1, false],
    [read.from, true],
    [read.to, true],
    [read.to + 1, false],
  ] as const) {
    assert.equal(read.isCurrent(now), isCurrent, `${now}`);
  }
});

test('only version 3 has extensions, and a version is one number of one byte', () => {
  const tail = [extensions()];
  assert.ok(new Certificate(certificate({ tail })).hasExtensions);
  for (const version of [[], [element(0xa0, integer(1))], [element(0xa0, integer(3))]]) {
    assert.ok(isCertificate(certificate({ version })));
    assertRefused({ version, tail }, `${version}`);
  }
  assertRefused({ version: [element(0xa0, integer(0x102))] }, 'two bytes');
  assertRefused({ version: [element(0xa0, element(2))] }, 'no byte');
  assertRefused({ version: [element(0xa0, integer(2), integer(2))] }, 'two numbers');
  assertRefused({ version: [element(0xa0, element(3, Uint8Array.of(2)))] }, 'no number');
});

test('unique identifiers may stand before the extensions, and nothing else may', () => {
  const ids = [element(0x81, Uint8Array.of(0, 1)), element(0x82, Uint8Array.of(0, 2))];
  for (const tail of [ids, ids.slice(1), ids.slice(0, 1), [...ids, extensions()]]) {
    assert.ok(isCertificate(certificate({ tail })), `${tail}`);
  }
  assertRefused({ tail: [element(0x84)] }, 'another');
  assertRefused({ tail: [ids[1], ids[0]] }, 'in another order');
  assertRefused({ tail: [extensions(), extensions()] }, 'twice');
  assertRefused({ tail: [element(0xa3, sequence(), sequence())] }, 'two lists');
  assertRefused({ tail: [element(0xa3)] }, 'no list');
});

test('the algorithm is said twice alike, and nothing stands behind the signature', () => {
  assertRefused({ inner: sequence(oid('1.2.840.10045.4.3.3')) }, 'another algorithm');
  assertRefused({ more: [integer(1)] }, 'more');
  const der = certificate({});
  assert.ok(!isCertificate(Uint8Array.of(...der, 0)), 'a byte behind it');
});

test('a signature is whole bytes, one at least', () => {
  const bits = (...bytes: number[]) => element(3, Uint8Array.from(bytes));
  assert.ok(isCertificate(certificate({ signature: bits(0, 1) })));
  assertRefused({ signature: bits(0) }, 'none');
  assertRefused({ signature: bits() }, 'not even their count');
  assertRefused({ signature: bits(1, 2) }, 'an unused bit');
});

test('a certificate of 8,192 bytes is read, and one of 8,193 is not', () => {
  const sized = (bytes: number) => {
    const filled = (fill: number) => certificate({ issuer: nameOf('x'.repeat(fill)) });
    const der = filled(bytes - filled(1000).length + 1000);
    assert.equal(der.length, bytes);
    return der;
  };
  assert.equal(CERTIFICATE_BYTES_MAX, 8192);
  assert.ok(isCertificate(sized(8192)));
  assert.equal(certificateOf(sized(8193)), undefined);
});

/** One second of the calendar in both notations; the year 2000 and later in the short one. */
function assertTime(iso: string, isReal: boolean): void {
  const digits = iso.replace(/[-T:]/g, '');
  const year = Number(digits.slice(0, 4));
  const forms = year >= 1950 && year < 2050 ? [text(digits.slice(2), 0x17)] : [];
  for (const form of [...forms, text(digits, 0x18)]) {
    const parts = { times: [form, form] };
    if (!isReal) assertRefused(parts, iso);
    else assert.equal(new Certificate(certificate(parts)).from, Date.parse(iso), iso);
  }
}

test('times are those of the calendar, from the year 0 on, in both notations', () => {
  for (const year of [0, 99, 1600, 1900, 1949, 1950, 1969, 1970, 1999, 2000, 2024, 2025, 2049]) {
    const yyyy = String(year).padStart(4, '0');
    for (const day of ['01-01', '01-31', '02-28', '03-01', '04-30', '05-31', '06-30', '07-31']) {
      assertTime(`${yyyy}-${day}T00:00:00Z`, true);
    }
    for (const day of ['08-31', '09-30', '10-31', '11-30', '12-31']) {
      assertTime(`${yyyy}-${day}T23:59:59Z`, true);
    }
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    assertTime(`${yyyy}-02-29T12:00:00Z`, isLeap);
    assertTime(`${yyyy}-02-30T12:00:00Z`, false);
  }
  for (const year of ['2050', '2100', '2400', '9999']) assertTime(`${year}-12-31T01:02:03Z`, true);
});

test('a day, an hour or a second that the calendar lacks is refused', () => {
  for (const day of ['00-10', '13-10', '01-00', '01-32', '04-31', '06-31', '09-31', '11-31']) {
    assertTime(`2026-${day}T12:00:00Z`, false);
  }
  for (const time of ['24:00:00', '12:60:00', '12:00:60', '99:00:00']) {
    assertTime(`2026-03-04T${time}Z`, false);
  }
});

test('a time is digits and a Z, seconds and all, under one of two tags', () => {
  const refused = (value: string, tag: number) =>
    assertRefused({ times: [text(value, tag), TIMES[1]] }, value);
  for (let at = 0; at < 12; at += 1) {
    for (const odd of '/: ') {
      const digits = '260304050607';
      refused(`${digits.slice(0, at)}${odd}${digits.slice(at + 1)}Z`, 0x17);
    }
  }
  for (const value of ['2603040506Z', '260304050607', '260304050607+0000', '26030405060708Z', '']) {
    refused(value, 0x17);
  }
  for (const value of ['202603040506Z', '20260304050607', '20260304050607.5Z', '2603040506Z']) {
    refused(value, 0x18);
  }
  refused('260304050607Z', 0x19);
  refused('20260304050607Z', 0x19);
  refused('260304050607z', 0x17);
  assertRefused({ times: [TIMES[0]] }, 'one time');
  assertRefused({ times: [...TIMES, TIMES[0]] }, 'three times');
});

test('the uses of a key are the bits of its list, the first the highest of the first byte', () => {
  for (let count = 0; count <= 9; count += 1) {
    for (let bit = 0; bit < count; bit += 1) {
      const bytes = new Uint8Array(Math.ceil(count / 8));
      bytes[bit >> 3] = 0x80 >> (bit & 7);
      const unused = 8 * bytes.length - count;
      const value = element(3, Uint8Array.of(unused), bytes);
      assert.equal(withExtensions(standard(15, value)).keyUsage, 2 ** bit, `${bit} of ${count}`);
    }
  }
  const usage = (...bytes: number[]) => standard(15, element(3, Uint8Array.from(bytes)));
  // What is set among the unused bits does not count.
  assert.equal(withExtensions(usage(5, 0xff)).keyUsage, 7);
  assert.equal(withExtensions(usage(0)).keyUsage, 0);
  for (const bytes of [[], [8, 1], [0, 1, 2, 3]]) {
    assert.throws(() => withExtensions(usage(...bytes)), /malformed/, `${bytes}`);
  }
  assert.throws(() => withExtensions(standard(15, integer(1))), /malformed/);
  // Nothing of what follows an empty list is taken for its own.
  const followed = extension('2.5.29.15', octetString(element(3), Uint8Array.of(0, 0)));
  assert.throws(() => withExtensions(followed), /malformed/);
});

test('a use of the key is allowed by its own bit, and by one of several', () => {
  // RFC 5280 4.2.1.3: digitalSignature 0, keyEncipherment 2, keyAgreement 4, keyCertSign 5.
  const bits = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, certificateSigning: 5 };
  for (const [use, bit] of Object.entries(bits)) {
    const value = element(3, Uint8Array.of(0, 0x80 >> bit));
    const read = withExtensions(standard(15, value));
    for (const [other, wanted] of Object.entries(KeyUsage)) {
      assert.equal(read.mayBeUsedFor(wanted), other === use, `${use} for ${other}`);
    }
    assert.ok(read.mayBeUsedFor(KeyUsage.certificateSigning | KeyUsage[use as 'keyAgreement']));
  }
});

test('an authority says so, and how many issuers may lie below it', () => {
  const read = (...parts: readonly Uint8Array[]) =>
    withExtensions(standard(19, sequence(...parts)));
  const told = (...parts: readonly Uint8Array[]) => {
    const { isAuthority, hasConstraints, issuersMax } = read(...parts);
    return [isAuthority, hasConstraints, issuersMax];
  };
  const any = Number.POSITIVE_INFINITY;
  assert.deepEqual(told(), [false, true, any]);
  assert.deepEqual(told(boolean(false)), [false, true, any]);
  assert.deepEqual(told(boolean(true)), [true, true, any]);
  assert.deepEqual(told(element(1, Uint8Array.of(1))), [true, true, any]);
  for (const most of [0, 1, 127]) {
    assert.deepEqual(told(boolean(true), integer(most)), [true, true, most]);
  }
  for (const parts of [
    [boolean(true), integer(128)],
    [boolean(true), element(2, Uint8Array.of(0x80))],
    [boolean(true), element(2)],
    [element(1)],
    [element(1, Uint8Array.of(0xff, 0xff))],
    [boolean(true), integer(1), integer(1)],
    [integer(1), boolean(true)],
  ]) {
    assert.throws(() => read(...parts), /malformed/, `${parts.map((part) => [...part])}`);
  }
  const twice = Uint8Array.of(...sequence(), ...sequence());
  assert.throws(() => withExtensions(standard(19, twice)), /malformed/);
});

test('a list of purposes has to name servers, anywhere in it', () => {
  const servers = oid('1.3.6.1.5.5.7.3.1');
  const clients = oid('1.3.6.1.5.5.7.3.2');
  const isForServers = (...list: readonly Uint8Array[]) =>
    withExtensions(standard(37, sequence(...list))).isForServers;
  assert.ok(isForServers(servers));
  assert.ok(isForServers(servers, clients));
  assert.ok(isForServers(clients, servers));
  assert.ok(!isForServers(clients));
  assert.ok(!isForServers());
  assert.ok(!isForServers(oid('1.3.6.1.5.5.7.3.1.1')));
  assert.throws(() => isForServers(servers, integer(1)), /malformed/);
});

test('names and key identifiers are what lies in their extensions', () => {
  const names = Uint8Array.of(0x82, 1, 0x61);
  const read = withExtensions(
    standard(17, sequence(names)),
    standard(14, octetString(Uint8Array.of(1, 2))),
    standard(35, sequence(element(0x80, Uint8Array.of(3, 4)), element(0x82, integer(1)))),
  );
  assert.deepEqual(read.names, names);
  assert.deepEqual(read.subjectKey, Uint8Array.of(1, 2));
  assert.deepEqual(read.authorityKey, Uint8Array.of(3, 4));
  assert.ok(read.isUnderstood);
  const serial = standard(35, sequence(element(0x82, Uint8Array.of(5))));
  assert.equal(withExtensions(serial).authorityKey, undefined);
  const twoLists = Uint8Array.of(...sequence(names), ...sequence(names));
  for (const odd of [standard(17, twoLists), standard(17, integer(1)), standard(14, integer(1))]) {
    assert.throws(() => withExtensions(odd), /malformed/);
  }
  assert.throws(() => withExtensions(standard(35, integer(1))), /malformed/);
});

test('what is critical has to be understood; policies are, and constraints of names never', () => {
  const critical = [boolean(true)];
  const isUnderstood = (...list: readonly Uint8Array[]) => withExtensions(...list).isUnderstood;
  assert.ok(isUnderstood(standard(32, sequence(), critical)));
  assert.ok(!isUnderstood(standard(30, sequence(), [])));
  for (const id of ['2.5.29.13', '2.5.29.38', '2.5.29.18', '2.5.28.15', '2.6.29.15', '2.5.29']) {
    assert.ok(isUnderstood(extension(id, octetString())), id);
    assert.ok(isUnderstood(extension(id, boolean(false), octetString())), id);
    assert.ok(!isUnderstood(extension(id, boolean(true), octetString())), id);
  }
  assert.ok(!isUnderstood(extension('2.5.29.15.1', boolean(true), octetString())), 'longer');
});

test('of a standard extension there is one; of others, and of what is not standard, there may be more', () => {
  const values: Readonly<Record<number, Uint8Array>> = {
    14: octetString(),
    15: element(3, Uint8Array.of(0, 0xff)),
    17: sequence(),
    19: sequence(),
    30: sequence(),
    32: sequence(),
    35: sequence(),
    37: sequence(),
  };
  for (let n = 14; n <= 37; n += 1) {
    const one = standard(n, values[n] ?? sequence());
    const others = [standard(13, sequence()), standard(38, sequence())];
    assert.ok(withExtensions(one, ...others, ...others), `${n}`);
    assert.throws(() => withExtensions(one, one), /malformed/, `${n}`);
    assert.throws(() => withExtensions(one, ...others, one), /malformed/, `${n}`);
  }
  const all = Object.entries(values).map(([n, value]) => standard(Number(n), value));
  assert.ok(withExtensions(...all).hasConstraints);
});

test('an extension is an identifier, a boolean at most, and bytes; there are 32 of them at most', () => {
  const unknown = extension('1.2.3', octetString());
  assert.ok(withExtensions(...Array(32).fill(unknown)));
  assert.throws(() => withExtensions(...Array(33).fill(unknown)), /malformed/);
  for (const odd of [
    extension('1.2.3'),
    extension('1.2.3', octetString(), octetString()),
    extension('1.2.3', boolean(true), boolean(true), octetString()),
    extension('1.2.3', element(1, Uint8Array.of(0, 0)), octetString()),
    extension('1.2.3', integer(1)),
    sequence(integer(1), octetString()),
    element(0x31, oid('1.2.3'), octetString()),
  ]) {
    assert.throws(() => withExtensions(odd), /malformed/, `${[...odd]}`);
  }
});
