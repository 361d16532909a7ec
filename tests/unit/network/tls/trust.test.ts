/** Whom our trust takes for whom, with certificates that are made here, in every engine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trust } from '../../../../firmware/network/tls/trust.ts';
import { PlainSignatureMath } from '../../../../host-sim/virtual/signature-math.ts';
import {
  altNames,
  authorityKey,
  constraints,
  extension,
  FOR_CLIENTS,
  keyUsage,
  nameOf,
  pemOf,
  purposes,
  subjectKey,
} from '../../../../host-sim/virtual/signatures/certificate-maker.ts';
import { ascii, integer, sequence } from '../../../../host-sim/virtual/signatures/der-writer.ts';
import { openEcKey, openRsaKey } from '../../../../host-sim/virtual/signatures/open-keys.ts';
import {
  authorities,
  authority,
  HOST,
  issuer,
  type Made,
  made,
  NOW,
  rsaKey,
  server,
  serverExtensions,
} from '../../../support/made-certificates.ts';

/** Counts what is calculated. */
class CountingMath extends PlainSignatureMath {
  count = 0;

  override combine(...all: Parameters<PlainSignatureMath['combine']>): bigint {
    this.count += 1;
    return super.combine(...all);
  }
}

function judge(
  chain: readonly Made[],
  name = HOST,
  now: number | 'unknown' = NOW,
  pem = authorities(),
) {
  const trust = new Trust(pem, new PlainSignatureMath());
  const time = now === 'unknown' ? undefined : now;
  return trust.judge({ chain: chain.map(({ der }) => der), name, now: time });
}

const withNames = (...entries: readonly (string | Uint8Array)[]) =>
  server(authority(), { extensions: serverExtensions(altNames(...entries)) });

test('a certificate that the authority has signed is trusted, alone and with the authority', () => {
  assert.equal(judge([server()]), 'trusted');
  assert.equal(judge([server(), authority()]), 'trusted');
  const rsa = server(issuer('rsa', rsaKey(), authority()), {}, openRsaKey(65_539n));
  assert.equal(judge([rsa, issuer('rsa', rsaKey(), authority())]), 'trusted');
});

test('issuers in between are followed, in whatever order they were sent', () => {
  const upper = issuer('upper', openEcKey(5n), authority());
  const lower = issuer('lower', openEcKey(7n), upper);
  const below = server(lower);
  assert.equal(judge([below, lower, upper]), 'trusted');
  assert.equal(judge([below, authority(), upper, lower]), 'trusted');
  assert.equal(judge([below, upper]), 'certificate not trusted');
  assert.equal(judge([below, lower]), 'certificate not trusted');
  assert.equal(judge([lower, below, upper]), 'certificate not for servers');
});

test('an issuer has to be an authority, for signing, and as far up as it says', () => {
  const by = (...extensions: Uint8Array[]) => {
    const middle = issuer('middle', openEcKey(5n), authority(), { extensions });
    return judge([server(middle), middle]);
  };
  assert.equal(by(constraints(true)), 'trusted');
  assert.equal(by(constraints(true, 0)), 'trusted');
  assert.equal(by(constraints(false)), 'certificate not trusted');
  assert.equal(by(keyUsage('keyCertSign')), 'certificate not trusted');
  assert.equal(by(constraints(true), keyUsage('digitalSignature')), 'certificate not trusted');
  assert.equal(by(constraints(true), purposes(FOR_CLIENTS)), 'certificate not for servers');
  const upper = issuer('upper', openEcKey(5n), authority(), { extensions: [constraints(true, 0)] });
  const lower = issuer('lower', openEcKey(7n), upper);
  assert.equal(judge([server(lower), lower, upper]), 'certificate not trusted');
});

test('an issuer of the right name with another key is none, and key identifiers tell them apart', () => {
  const genuine = issuer('twin', openEcKey(5n), authority());
  const impostor = issuer('twin', openEcKey(7n));
  assert.equal(judge([server(impostor), genuine]), 'certificate not trusted');
  assert.equal(judge([server(genuine), impostor, genuine]), 'trusted');
  const math = new CountingMath();
  const named = issuer('twin', openEcKey(5n), authority(), {
    extensions: [constraints(true), subjectKey(ascii('one'))],
  });
  const other = issuer('twin', openEcKey(7n), authority(), {
    extensions: [constraints(true), subjectKey(ascii('two'))],
  });
  const below = server(named, {
    extensions: serverExtensions(altNames(HOST), authorityKey(ascii('one'))),
  });
  const chain = [below.der, other.der, named.der];
  const trust = new Trust(authorities(), math);
  assert.equal(trust.judge({ chain, name: HOST, now: NOW }), 'trusted');
  assert.equal(math.count, 2);
});

test('the genuine certificate of the authority behind a stranger’s proves nothing', () => {
  const stranger = issuer('root', openEcKey(11n));
  assert.equal(judge([server(stranger), authority()]), 'certificate not trusted');
  assert.equal(judge([server(stranger), stranger, authority()]), 'certificate not trusted');
});

test('without an authority, or without a certificate, nothing is trusted', () => {
  assert.equal(judge([server()], HOST, NOW, new Uint8Array(0)), 'certificate not trusted');
  assert.equal(judge([]), 'certificate not trusted');
});

test('a certificate that was given is trusted as it is, be it of a server or of an issuer', () => {
  const own = made('own', openEcKey(5n), undefined, {
    extensions: serverExtensions(altNames(HOST)),
  });
  assert.equal(judge([own], HOST, NOW, pemOf(own.der)), 'trusted');
  assert.equal(judge([own]), 'certificate not trusted');
  assert.equal(judge([own], 'other.example', NOW, pemOf(own.der)), 'certificate name mismatch');
  const middle = issuer('middle', openEcKey(7n), authority());
  assert.equal(judge([server(middle)], HOST, NOW, pemOf(middle.der)), 'trusted');
  // As `openssl x509 -req -signkey` makes them.
  const old = made('old', openEcKey(11n), undefined, { extensions: undefined });
  assert.equal(judge([server(old)], HOST, NOW, pemOf(old.der)), 'trusted');
  const plain = made('plain', openEcKey(11n), undefined, { extensions: [] });
  assert.equal(judge([server(plain)], HOST, NOW, pemOf(plain.der)), 'certificate not trusted');
});

test('among several authorities the right one is found, and broken ones are passed over', () => {
  const other = issuer('other', openEcKey(5n));
  const twin = issuer('root', openEcKey(7n));
  const pem = pemOf(other.der, Uint8Array.of(1, 2, 3), twin.der, authority().der);
  assert.equal(judge([server()], HOST, NOW, pem), 'trusted');
  assert.equal(judge([server(twin)], HOST, NOW, pem), 'trusted');
});

test('each certificate of the path has to be in date, at its first and last second too', () => {
  const from = NOW - 86_400_000;
  const to = NOW + 86_400_000;
  assert.equal(judge([server()], HOST, from), 'trusted');
  assert.equal(judge([server()], HOST, to), 'trusted');
  assert.equal(judge([server()], HOST, from - 1000), 'certificate expired');
  assert.equal(judge([server()], HOST, to + 1000), 'certificate expired');
  const middle = issuer('middle', openEcKey(5n), authority(), { to: NOW - 1000 });
  assert.equal(judge([server(middle), middle]), 'certificate expired');
  const long = { from: Date.UTC(1951, 0, 1), to: Date.UTC(2999, 11, 31) };
  const root = issuer('root', openEcKey(2n), undefined, long);
  assert.equal(judge([server(root, long)], HOST, NOW, pemOf(root.der)), 'trusted');
});

test('without the time everything but dates and signatures is judged, and then it is waited for', () => {
  const middle = issuer('middle', openEcKey(5n), authority());
  assert.equal(judge([server()], HOST, 'unknown'), 'clock not set');
  assert.equal(judge([server(middle), middle], HOST, 'unknown'), 'clock not set');
  assert.equal(judge([server(middle)], HOST, 'unknown'), 'certificate not trusted');
  assert.equal(judge([server()], 'other.example', 'unknown'), 'certificate name mismatch');
  const math = new CountingMath();
  const chain = [server().der];
  new Trust(authorities(), math).judge({ chain, name: HOST, now: undefined });
  assert.equal(math.count, 0);
});

test('names are compared without regard to case; a star is one whole label', () => {
  assert.equal(judge([withNames('other.example', 'BROKER.Example')]), 'trusted');
  assert.equal(judge([withNames('*.home.example')], 'a.Home.example'), 'trusted');
  const not: [string, string][] = [
    ['*.home.example', 'home.example'],
    ['*.home.example', 'a.b.home.example'],
    ['*.home.example', '.home.example'],
    ['*.example', 'home.example'],
    ['*', 'home'],
    ['br*.home.example', 'broker.home.example'],
    ['a.*.example', 'a.home.example'],
    ['broker.example', 'broker.example.'],
    ['broker.example.evil', 'broker.example'],
    ['broker.example\0.evil', 'broker.example'],
  ];
  for (const [entry, name] of not) {
    assert.equal(judge([withNames(entry)], name), 'certificate name mismatch', `${entry} ${name}`);
  }
});

test('an address matches an address entry alone, IPv4 and IPv6', () => {
  const four = Uint8Array.of(192, 168, 1, 20);
  const six = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  assert.equal(judge([withNames(four)], '192.168.1.20'), 'trusted');
  assert.equal(judge([withNames(six)], 'fd00::1'), 'trusted');
  assert.equal(judge([withNames(six)], 'FD00:0:0:0:0:0:0.0.0.1'), 'trusted');
  const not: [string | Uint8Array, string][] = [
    ['192.168.1.20', '192.168.1.20'],
    ['*.168.1.20', '192.168.1.20'],
    ['*.1.20', 'a.1.20'],
    ['fd00::1', 'fd00::1'],
    [four, '192.168.1.21'],
    [four, '192.168.1.020'],
    [four, '3232235796'],
    [ascii('abcd'), 'abcd'],
    [six, 'fd00::2'],
    [six.subarray(0, 4), 'fd00::1'],
  ];
  for (const [entry, name] of not) {
    assert.equal(judge([withNames(entry)], name), 'certificate name mismatch', name);
  }
});

test('a certificate with a common name alone has words of its own', () => {
  const plain = server(authority(), { subject: nameOf(HOST), extensions: serverExtensions() });
  assert.equal(judge([plain]), 'certificate has no names');
  const old = server(authority(), { subject: nameOf(HOST), extensions: undefined });
  assert.equal(judge([old]), 'certificate has no names');
  const empty = server(authority(), { subject: nameOf(''), extensions: serverExtensions() });
  assert.equal(judge([empty]), 'certificate name mismatch');
  const both = server(authority(), {
    subject: nameOf(HOST),
    extensions: serverExtensions(altNames('other.example')),
  });
  assert.equal(judge([both]), 'certificate name mismatch');
});

test('a certificate that is not for servers is refused', () => {
  const with_ = (...extensions: Uint8Array[]) =>
    judge([server(authority(), { extensions: [altNames(HOST), ...extensions] })]);
  assert.equal(with_(), 'trusted');
  assert.equal(with_(purposes(FOR_CLIENTS)), 'certificate not for servers');
  assert.equal(with_(purposes('2.5.29.37.0')), 'certificate not for servers');
  assert.equal(with_(purposes(FOR_CLIENTS, '1.3.6.1.5.5.7.3.1')), 'trusted');
  assert.equal(with_(keyUsage('keyCertSign')), 'certificate not for servers');
  assert.equal(with_(keyUsage('keyEncipherment')), 'trusted');
});

test('what is critical and not understood is refused, of every certificate of the path', () => {
  const odd = (isCritical: boolean) => extension('1.2.3.4', sequence(), isCritical);
  const with_ = (...extensions: Uint8Array[]) =>
    judge([server(authority(), { extensions: serverExtensions(altNames(HOST), ...extensions) })]);
  assert.equal(with_(odd(false)), 'trusted');
  assert.equal(with_(odd(true)), 'certificate not understood');
  assert.equal(with_(extension('2.5.29.32', sequence(), true)), 'trusted');
  assert.equal(with_(extension('2.5.29.36', sequence(), true)), 'certificate not understood');
  for (const more of [odd(true), extension('2.5.29.30', sequence(), false)]) {
    const extensions = [constraints(true), more];
    const middle = issuer('middle', openEcKey(5n), authority(), { extensions });
    assert.equal(judge([server(middle), middle]), 'certificate not understood');
    const root = issuer('root', openEcKey(2n), undefined, { extensions });
    const verdict = judge([server()], HOST, NOW, pemOf(root.der));
    assert.equal(verdict, 'certificate not understood');
  }
});

test('weak keys and unknown algorithms are refused as such', () => {
  const weak = (exponent: bigint) => openRsaKey(exponent);
  const by = (key: ReturnType<typeof openRsaKey>) => {
    const middle = issuer('middle', key, authority());
    return judge([server(middle), middle]);
  };
  assert.equal(by(weak(65_539n)), 'trusted');
  assert.equal(by(weak(3n)), 'certificate algorithm');
  assert.equal(judge([server(authority(), {}, weak(3n))]), 'certificate algorithm');
  const sha1 = { ...openEcKey(5n), algorithm: sequence(Uint8Array.of(6, 3, 42, 3, 4)) };
  assert.equal(by(sha1), 'certificate algorithm');
});

test('a chain of more than eight certificates, and a certificate of more than 8 KB, are refused', () => {
  const extra = Array.from({ length: 7 }, () => authority());
  assert.equal(judge([server(), ...extra]), 'trusted');
  assert.equal(judge([server(), ...extra, authority()]), 'certificate malformed');
  const large = server(authority(), {
    extensions: serverExtensions(altNames(HOST), extension('1.2.3', new Uint8Array(8000))),
  });
  assert.equal(judge([large]), 'certificate malformed');
});

test('hundreds of names are read, and a long chain of twins costs eight signatures at most', () => {
  const many = Array.from({ length: 200 }, (_, i) => `host-${i}.example`);
  assert.equal(judge([withNames(...many, HOST)]), 'trusted');
  const twins = Array.from({ length: 7 }, (_, i) => issuer('twin', openEcKey(BigInt(20 + i))));
  const chain = [server(issuer('twin', openEcKey(50n))), ...twins].map(({ der }) => der);
  const pem = pemOf(...Array.from({ length: 8 }, () => twins[0].der));
  const math = new CountingMath();
  const verdict = new Trust(pem, math).judge({ chain, name: HOST, now: NOW });
  assert.equal(verdict, 'certificate not trusted');
  assert.ok(math.count <= 8, `${math.count}`);
});

test('issuers that sign one another in a circle lead nowhere, with the time and without', () => {
  const left = made('left', openEcKey(5n), undefined, {
    issuer: nameOf('right'),
    extensions: [constraints(true)],
  });
  const all = [openEcKey(5n), openEcKey(7n)];
  const a = made(
    'a',
    all[0],
    { ...left, name: nameOf('b'), key: all[1] },
    {
      extensions: [constraints(true)],
    },
  );
  const b = made(
    'b',
    all[1],
    { ...left, name: nameOf('a'), key: all[0] },
    {
      extensions: [constraints(true)],
    },
  );
  assert.equal(judge([server(a), a, b]), 'certificate not trusted');
  assert.equal(judge([server(a), a, b, a, b], HOST, 'unknown'), 'certificate not trusted');
});

test('a signature of ECDSA has to be two numbers of the right range, and nothing else', () => {
  const signing = (signature: Uint8Array) => {
    const key = { ...authority().key, sign: () => signature };
    return judge([server({ ...authority(), key })]);
  };
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  for (const [r, s] of [
    [0n, 1n],
    [1n, 0n],
    [order, 1n],
    [1n, order],
    [order + 1n, 1n],
    [1n, 1n],
  ]) {
    assert.equal(signing(sequence(integer(r), integer(s))), 'certificate not trusted', `${r} ${s}`);
  }
  const broken = [
    sequence(integer(1)),
    sequence(integer(1), integer(1), integer(1)),
    sequence(Uint8Array.of(2, 1, 0xff), integer(1)),
    Uint8Array.of(1),
  ];
  for (const signature of broken) assert.equal(signing(signature), 'certificate malformed');
});
