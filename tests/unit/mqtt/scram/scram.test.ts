/** SCRAM-SHA-256 against the vector of its standard, and against brokers that get it wrong. */

import assert from 'node:assert/strict';
import { createHmac, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { PeerError } from '../../../../firmware/base/errors.ts';
import { hmac, SlowKey } from '../../../../firmware/mqtt/scram/hmac.ts';
import { ScramSha256 } from '../../../../firmware/mqtt/scram/scram.ts';
import { liveDigest } from '../../../../host-sim/live/digest.ts';
import { plainDigest } from '../../../../host-sim/virtual/digest.ts';
import { toHex, utf8 } from '../../../support/mqtt-bytes.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** RFC 7677, section 3. */
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const BOTH = `${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const CHALLENGE = `r=${BOTH},s=${SALT},i=4096`;
const PROOF = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
const SIGNATURE = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

/** A client whose nonce is the vector's, each time. */
function client(user = 'user', password = utf8('pencil'), digest = liveDigest): ScramSha256 {
  let drawn = 0;
  const below = () => LETTERS.indexOf(NONCE[drawn++ % NONCE.length]);
  return new ScramSha256({ digest, random: { below }, user, password });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** Answers a challenge. @returns the answer, and how many slices it took */
function answer(scram: ScramSha256, challenge = CHALLENGE): [answer: string, slices: number] {
  let said = scram.challenge(utf8(challenge));
  let slices = 1;
  for (; said === undefined; slices++) {
    assert.ok(slices < 700, 'it comes to an end');
    said = scram.challenge(utf8(challenge));
  }
  return [text(said), slices];
}

test('the exchange of RFC 7677 comes out to the letter', () => {
  for (const digest of [liveDigest, plainDigest]) {
    const scram = client('user', utf8('pencil'), digest);
    assert.equal(scram.method, 'SCRAM-SHA-256');
    assert.equal(text(scram.start()), `n,,n=user,r=${NONCE}`);
    assert.equal(answer(scram)[0], `c=biws,r=${BOTH},p=${PROOF}`);
    assert.equal(scram.finish(utf8(`v=${SIGNATURE}`)), true);
  }
});

test('HMAC and the slow key are those of another implementation, for keys of every length', () => {
  for (const length of [0, 1, 31, 63, 64, 65, 512]) {
    const key = new Uint8Array(length).map((_, i) => i * 7);
    const message = key.map((byte) => byte ^ 0x55);
    const expected = createHmac('sha256', key).update(message).digest();
    assert.equal(toHex(hmac(liveDigest, key, message)), toHex(expected));
    for (const rounds of [1, 2, 65]) {
      const slow = new SlowKey(liveDigest, key, message, rounds);
      while (!slow.work(7));
      assert.equal(toHex(slow.bytes), toHex(pbkdf2Sync(key, message, rounds, 32, 'sha256')));
    }
  }
});

test('the key is worked out in slices, once for each salt and count', () => {
  const scram = client();
  const slicesOf = (challenge: string) => {
    scram.start();
    return answer(scram, challenge)[1];
  };
  assert.equal(slicesOf(CHALLENGE), 128);
  assert.equal(slicesOf(CHALLENGE), 1);
  assert.equal(slicesOf(CHALLENGE.replace('i=4096', 'i=8192')), 256);
  assert.equal(slicesOf(CHALLENGE.replace('s=W', 's=X')), 128);
});

test('what a connection has begun of the key, the next one ends', () => {
  const scram = client();
  scram.start();
  assert.equal(scram.challenge(utf8(CHALLENGE)), undefined);
  for (let slices = 1; slices < 120; slices++)
    assert.equal(scram.challenge(utf8(CHALLENGE)), undefined);
  assert.equal(text(scram.start()), `n,,n=user,r=${NONCE}`);
  assert.deepEqual(answer(scram), [`c=biws,r=${BOTH},p=${PROOF}`, 8]);
});

test('a comma and an equals sign in the user name are escaped', () => {
  assert.equal(text(client('a=b,c,,').start()), `n,,n=a=3Db=2Cc=2C=2C,r=${NONCE}`);
  assert.equal(text(client('J\u00f6rg').start()), `n,,n=J\u00f6rg,r=${NONCE}`);
});

test('extensions behind what is needed are passed over, and are signed', () => {
  const scram = client();
  scram.start();
  const challenge = `${CHALLENGE},x=y,z=`;
  const [said] = answer(scram, challenge);
  const salted = pbkdf2Sync('pencil', Buffer.from(SALT, 'base64'), 4096, 32, 'sha256');
  const server = createHmac('sha256', salted).update('Server Key').digest();
  const signed = `n=user,r=${NONCE},${challenge},${said.slice(0, said.indexOf(',p='))}`;
  const signature = createHmac('sha256', server).update(signed).digest('base64');
  assert.equal(scram.finish(utf8(`v=${signature},more=1`)), true);
});

test('a challenge that cannot be used is refused by its own words, before any round', () => {
  const nonce = 'a nonce that does not continue ours';
  const salt = 'a salt that is no base64 of 1 to 128 bytes';
  const low = 'an iteration count below 4096';
  const high = 'an iteration count above 20000';
  const longSalt = Buffer.alloc(129).toString('base64');
  const cases: readonly (readonly [words: string, ...challenges: string[]])[] = [
    [
      nonce,
      CHALLENGE.replace(BOTH, NONCE),
      CHALLENGE.replace('r=rO', 'r=rP'),
      CHALLENGE.replace(BOTH, ''),
      CHALLENGE.replace(BOTH, NONCE.slice(1)),
      CHALLENGE.replace(BOTH, NONCE + 'x'.repeat(129)),
    ],
    [
      salt,
      ...['', 'A', 'AA', 'AAA', 'AA=A', '====', 'A===', 'AB==', 'W22Z=', 'W2-_', longSalt].map(
        (bad) => CHALLENGE.replace(SALT, bad),
      ),
      `r=${BOTH},i=4096,s=${SALT}`,
      `r=${BOTH}`,
      `r=${BOTH},`,
    ],
    [
      low,
      ...['', '1', '4095', '0', '04096', '-4096', '4096.0', '4e3', '0x1000', '+9999', '١٢٣٤٥'].map(
        (bad) => CHALLENGE.replace('4096', bad),
      ),
      `r=${BOTH},s=${SALT}`,
      `r=${BOTH},s=${SALT},`,
      `r=${BOTH},s=${SALT},i`,
    ],
    [high, CHALLENGE.replace('4096', '20001'), CHALLENGE.replace('4096', '10000000')],
    [
      'a SCRAM message without a nonce',
      '',
      `m=x,${CHALLENGE}`,
      'e=other-error',
      'v=',
      CHALLENGE.slice(2),
    ],
    ['no SCRAM message', `${CHALLENGE},x=${'y'.repeat(500)}`, `${CHALLENGE},x= `, '\0'],
  ];
  for (const [words, ...challenges] of cases) {
    for (const challenge of challenges) {
      const scram = client();
      scram.start();
      assert.throws(
        () => scram.challenge(utf8(challenge)),
        (error) => {
          assert.ok(error instanceof PeerError && error.reason === 0x8c, challenge);
          // A character beyond ASCII is none of SCRAM's.
          const expected = /[^ -~]/.test(challenge) ? 'no SCRAM message' : words;
          assert.equal(error.message, expected, challenge);
          return true;
        },
      );
      assert.equal(scram.finish(utf8(`v=${SIGNATURE}`)), false);
    }
  }
});

test('the bounds themselves are taken', () => {
  for (const challenge of [
    CHALLENGE.replace('4096', '20000'),
    CHALLENGE.replace(SALT, Buffer.alloc(128).toString('base64')),
    CHALLENGE.replace(SALT, 'AA=='),
    CHALLENGE.replace(BOTH, NONCE + 'x'.repeat(128)),
    `${CHALLENGE},x=${'y'.repeat(512 - 3 - CHALLENGE.length)}`,
  ]) {
    const scram = client();
    scram.start();
    assert.equal(scram.challenge(utf8(challenge)), undefined, challenge);
  }
});

test('a broker that does not prove that it knows the password is refused', () => {
  const other = SIGNATURE.replace('6', '7');
  for (const said of [
    ...['', 'v=', `v=${other}`, `v=${SIGNATURE.slice(0, -1)}`, `v=${SIGNATURE}=`, SIGNATURE],
    ...['e=invalid-proof', `e=x,v=${SIGNATURE}`, `V=${SIGNATURE}`, `v=${SIGNATURE.slice(4)}`],
    `v=${SIGNATURE},x=${'y'.repeat(512)}`,
  ]) {
    const scram = client();
    scram.start();
    answer(scram);
    assert.equal(scram.finish(utf8(said)), false, said);
    assert.equal(scram.finish(utf8(`v=${SIGNATURE}`)), false, 'there is one try');
  }
});

test('a proof out of turn proves nothing, and a second challenge is refused', () => {
  const scram = client();
  assert.equal(scram.finish(utf8(`v=${SIGNATURE}`)), false);
  assert.throws(() => scram.challenge(utf8(CHALLENGE)), /out of turn/);
  scram.start();
  assert.equal(scram.finish(utf8('v=')), false);
  assert.throws(() => scram.challenge(utf8(CHALLENGE)), /out of turn/);
  scram.start();
  scram.challenge(utf8(CHALLENGE));
  assert.equal(scram.finish(utf8('v=')), false, 'not while the key is worked out');
  assert.throws(() => scram.challenge(utf8(CHALLENGE)), /out of turn/);
  scram.start();
  answer(scram);
  assert.throws(() => scram.challenge(utf8(CHALLENGE)), /out of turn/);
  // What was proven once proves nothing the next time.
  scram.start();
  assert.equal(scram.finish(utf8(`v=${SIGNATURE}`)), false);
});

test('each sign-in has a nonce of its own', () => {
  let drawn = 0;
  const random = { below: (below: number) => drawn++ % below };
  const scram = new ScramSha256({ digest: liveDigest, random, user: 'u', password: utf8('p') });
  assert.notDeepEqual(scram.start(), scram.start());
});
