/** What a server has to show in its handshake, message by message. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerProof } from '../../../../firmware/network/tls/server-proof.ts';
import { PlainSignatureMath } from '../../../../host-sim/virtual/signature-math.ts';
import { integer, join, sequence } from '../../../../host-sim/virtual/signatures/der-writer.ts';
import { openRsaKey } from '../../../../host-sim/virtual/signatures/open-keys.ts';
import {
  authorities,
  authority,
  HOST,
  type Made,
  NOW,
  server,
} from '../../../support/made-certificates.ts';

const OURS = new Uint8Array(32).fill(1);
const THEIRS = new Uint8Array(32).fill(2);
/** P-256, and a point that nobody looks at here. */
const PARAMETERS = Uint8Array.of(3, 0, 23, 2, 7, 7);

const size = (bytes: number) => Uint8Array.of(bytes >> 16, (bytes >> 8) & 0xff, bytes & 0xff);

function chainMessage(...chain: readonly Made[]): Uint8Array {
  const list = join(chain.flatMap(({ der }) => [size(der.length), der]));
  return join([size(list.length), list]);
}

function exchange(
  signature: Uint8Array,
  [hash, algorithm]: readonly number[],
  parameters = PARAMETERS,
): Uint8Array {
  const length = Uint8Array.of(signature.length >> 8, signature.length & 0xff);
  return join([parameters, Uint8Array.of(hash, algorithm), length, signature]);
}

class Handshake {
  readonly proof: ServerProof;
  /** What follows in the record. */
  behind = Uint8Array.of(4, 3, 0, 0, 0, 0, 0, 0);

  constructor(now: number | undefined = NOW) {
    const subject = {
      name: HOST,
      authorities: authorities(),
      now: () => now,
      clientRandom: () => OURS,
    };
    this.proof = new ServerProof(subject, new PlainSignatureMath());
  }

  takes(type: number, body: Uint8Array): boolean {
    // Between other bytes, as in a record.
    const record = join([Uint8Array.of(9, 9), body, this.behind]);
    return this.proof.accepts(type, record, 2, 2 + body.length);
  }

  shows(of: Made): this {
    assert.ok(this.takes(2, join([Uint8Array.of(3, 3), THEIRS, Uint8Array.of(0)])));
    assert.ok(this.takes(11, chainMessage(of)));
    return this;
  }
}

const signed = join([OURS, THEIRS, PARAMETERS]);

test('a server that holds the key of its certificate is believed, with ECDSA and with RSA', () => {
  for (const own of [server(), server(authority(), {}, openRsaKey())]) {
    const handshake = new Handshake().shows(own);
    assert.equal(handshake.proof.verdict, 'trusted');
    assert.ok(handshake.takes(12, exchange(own.key.sign(signed), own.key.tlsScheme)));
    assert.ok(handshake.takes(14, new Uint8Array(0)));
  }
});

test('a key exchange that another key has signed, or that is of another handshake, is refused', () => {
  const own = server();
  const foreign = authority().key.sign(signed);
  assert.ok(!new Handshake().shows(own).takes(12, exchange(foreign, [4, 3])));
  const stale = own.key.sign(join([THEIRS, OURS, PARAMETERS]));
  assert.ok(!new Handshake().shows(own).takes(12, exchange(stale, [4, 3])));
});

test('a key exchange without a signature, with a weak hash or of another algorithm is refused', () => {
  const own = server();
  const good = own.key.sign(signed);
  const takes = (body: Uint8Array) => new Handshake().shows(own).takes(12, body);
  for (const scheme of [
    [0, 0],
    [1, 3],
    [2, 3],
    [3, 3],
    [4, 1],
    [4, 2],
    [4, 0],
    [8, 7],
  ]) {
    assert.ok(!takes(exchange(good, scheme)), `${scheme}`);
  }
  assert.ok(!takes(exchange(new Uint8Array(0), [4, 3])));
  assert.ok(!takes(exchange(sequence(integer(0), integer(0)), [4, 3])));
  const whole = exchange(good, [4, 3]);
  for (let length = 0; length < whole.length; length++) {
    assert.ok(!takes(whole.subarray(0, length)), `${length} bytes`);
  }
  assert.ok(!takes(join([whole, Uint8Array.of(0)])));
  const noCurve = join([Uint8Array.of(1), whole.subarray(1)]);
  assert.ok(!takes(noCurve));
});

test('a key exchange before the certificates is refused', () => {
  const own = server();
  assert.ok(!new Handshake().takes(12, exchange(own.key.sign(signed), [4, 3])));
});

test('a list of certificates whose lengths do not fit is refused, and one that is not trusted', () => {
  const whole = chainMessage(server());
  for (const length of [0, 1, 2, 3, 5, whole.length - 1]) {
    assert.ok(!new Handshake().takes(11, whole.subarray(0, length)), `${length} bytes`);
  }
  const long = whole.slice();
  long[5] += 1;
  assert.ok(!new Handshake().takes(11, long));
  const early = new Handshake(NOW - 1e10);
  assert.ok(!early.takes(11, whole));
  assert.equal(early.proof.verdict, 'certificate expired');
  const crowd = new Handshake();
  assert.ok(!crowd.takes(11, chainMessage(...Array.from({ length: 9 }, () => server()))));
  assert.equal(crowd.proof.verdict, 'certificate malformed');
});

test('a hello without its random is refused', () => {
  assert.ok(!new Handshake().takes(2, Uint8Array.of(3, 3, 0)));
});

test('a hello has 34 bytes at least, whatever stands behind it', () => {
  assert.ok(new Handshake().takes(2, new Uint8Array(34)));
  assert.ok(!new Handshake().takes(2, new Uint8Array(33)));
  assert.ok(!new Handshake().takes(2, new Uint8Array(0)));
});

test('a length that is too great by 65,536 is too great', () => {
  const whole = chainMessage(server());
  for (const at of [0, 3]) {
    const long = whole.slice();
    long[at] = 1;
    assert.ok(!new Handshake().takes(11, long), `byte ${at}`);
  }
  assert.ok(new Handshake().takes(11, whole));
});

test('what is signed with the right key for another kind of curve is refused', () => {
  const own = server();
  for (const kind of [1, 2, 4]) {
    const parameters = Uint8Array.of(kind, 0, 23, 2, 7, 7);
    const body = exchange(own.key.sign(join([OURS, THEIRS, parameters])), [4, 3], parameters);
    assert.ok(!new Handshake().shows(own).takes(12, body), `${kind}`);
  }
});

test('a point may be of any length, and the signature is what its own length says', () => {
  const own = server();
  for (const length of [0, 1, 65, 97]) {
    const parameters = Uint8Array.of(3, 0, 23, length, ...new Uint8Array(length));
    const signature = own.key.sign(join([OURS, THEIRS, parameters]));
    const body = exchange(signature, [4, 3], parameters);
    assert.ok(new Handshake().shows(own).takes(12, body), `${length} bytes`);
    for (const change of [-1, 1]) {
      const odd = body.slice();
      odd[parameters.length + 3] += change;
      assert.ok(!new Handshake().shows(own).takes(12, odd));
    }
  }
});

test('a signature that is no pair of numbers is refused, and an error of the platform is none of the peer’s', () => {
  const own = server();
  assert.ok(!new Handshake().shows(own).takes(12, exchange(Uint8Array.of(1, 2, 3), [4, 3])));
  assert.ok(!new Handshake().shows(own).takes(12, exchange(new Uint8Array(0), [4, 3])));
  const handshake = new Handshake().shows(own);
  const math = { digest: () => assert.fail('no memory') };
  Object.assign(handshake.proof, { math });
  const body = exchange(own.key.sign(signed), [4, 3]);
  assert.throws(() => handshake.takes(12, body), /no memory/);
});
