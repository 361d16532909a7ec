import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '../../../firmware/tls/certificate.ts';
import { judgeChain } from '../../../firmware/tls/chain.ts';

const NOW = 1_000_000;

interface Made extends Certificate {
  readonly signer: string;
  readonly key: string;
}

/** A certificate of `key` that `signer` has signed. */
function made(key: string, signer: string, more: Partial<Made> = {}): Made {
  const der = new Uint8Array(0);
  return { der, names: [], from: 0, to: 2 * NOW, isAuthority: false, key, signer, ...more };
}

const root = made('root', 'root', { isAuthority: true });
const middle = made('middle', 'root', { isAuthority: true });
const server = made('server', 'root', { names: ['broker.example'] });

function judge(chain: readonly Made[], name = 'broker.example', trusted: readonly Made[] = [root]) {
  const isSigned = (certificate: Certificate, issuer: Certificate) =>
    (certificate as Made).signer === (issuer as Made).key;
  return judgeChain(chain, trusted, name, NOW, isSigned);
}

test('a certificate that the authority has signed is trusted, alone and with the authority', () => {
  assert.equal(judge([server]), 'trusted');
  assert.equal(judge([server, root]), 'trusted');
});

test('issuers in between are followed, but an issuer must be an authority', () => {
  const below = made('server', 'middle', { names: ['broker.example'] });
  assert.equal(judge([below, middle]), 'trusted');
  assert.equal(judge([below, middle, root]), 'trusted');
  assert.equal(judge([below]), 'certificate not trusted');
  const notAuthority = made('middle', 'root');
  assert.equal(judge([below, notAuthority]), 'certificate not trusted');
});

test('the genuine certificate of the authority behind a stranger’s proves nothing', () => {
  const stranger = made('stranger', 'stranger', { names: ['broker.example'] });
  assert.equal(judge([stranger, root]), 'certificate not trusted');
  assert.equal(judge([stranger, middle, root]), 'certificate not trusted');
  assert.equal(judge([stranger, server]), 'certificate not trusted');
});

test('without an authority, or without a certificate, nothing is trusted', () => {
  assert.equal(judge([server], 'broker.example', []), 'certificate not trusted');
  assert.equal(judge([]), 'certificate not trusted');
});

test('a certificate that is out of date is refused, wherever it is', () => {
  const old = { to: NOW - 1 };
  const future = { from: NOW + 1 };
  assert.equal(judge([{ ...server, ...old }, root]), 'certificate expired');
  assert.equal(judge([{ ...server, ...future }, root]), 'certificate expired');
  assert.equal(judge([server], 'broker.example', [{ ...root, ...old }]), 'certificate expired');
  const below = made('server', 'middle', { names: ['broker.example'] });
  assert.equal(judge([below, { ...middle, ...old }, root]), 'certificate expired');
});

test('the name must be there; case does not matter, and a star is one label', () => {
  const named = (...names: string[]) => ({ ...server, names });
  assert.equal(judge([server], 'BROKER.example'), 'trusted');
  assert.equal(judge([server], 'example'), 'certificate name mismatch');
  assert.equal(judge([named()], 'broker.example'), 'certificate name mismatch');
  assert.equal(judge([named('*.example.org')], 'a.example.org'), 'trusted');
  assert.equal(judge([named('*.example.org')], 'a.b.example.org'), 'certificate name mismatch');
  assert.equal(judge([named('*.example.org')], 'example.org'), 'certificate name mismatch');
  assert.equal(judge([named('*.org')], 'example.org'), 'certificate name mismatch');
  assert.equal(judge([named('*')], 'localhost'), 'certificate name mismatch');
  assert.equal(judge([named('192.168.1.5')], '192.168.1.5'), 'trusted');
});

test('a chain that goes on and on is given up', () => {
  const chain = Array.from({ length: 9 }, (_, i) =>
    made(`k${i}`, i === 8 ? 'root' : `k${i + 1}`, { isAuthority: true, names: ['broker.example'] }),
  );
  assert.equal(judge(chain), 'certificate not trusted');
  assert.equal(judge(chain.slice(5)), 'trusted');
});
