/** The TLS transport: what it accepts, and the reason for each certificate that it does not. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { CredentialProblem, readCredentials } from '../../../host-sim/live/credentials.ts';
import { liveNetworks, type TlsIdentity } from '../../../host-sim/live/network.ts';
import { missing } from '../../support/available.ts';
import { certificates, type KeyPair } from '../../support/certificates.ts';
import { connect, listen, type Recorder, target } from './transport-harness.ts';

const needs = { skip: missing('openssl') };

function trusting(more: TlsIdentity = {}): TlsIdentity {
  return { ca: certificates().caText, ...more };
}

async function dial(
  t: TestContext,
  pair: KeyPair,
  identity: TlsIdentity,
  more: TlsOptions & { host?: string; accept?: (socket: TLSSocket) => void } = {},
): Promise<Recorder> {
  const cert = readFileSync(pair.certificate);
  const key = readFileSync(pair.key);
  const sockets: Socket[] = [];
  const accept = more.accept ?? ((socket: TLSSocket) => socket.pipe(socket));
  const server = createServer({ ...more, cert, key }, accept);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  const port = await listen(server);
  const client = connect(liveNetworks(identity).mqtts, target(port, more.host ?? 'localhost'));
  t.after(() => {
    client.transport?.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await client.until(() => client.has('opened') || client.has('closed'));
  return client;
}

test('a trusted certificate for the name is accepted, and bytes go both ways', needs, async (t) => {
  const client = await dial(t, certificates().server, trusting());
  assert.deepEqual(client.told, ['opened']);
  client.transport?.write(Buffer.from('echo'), 0, 4);
  await client.until(() => client.text === 'echo');
});

test('a certificate for the address is accepted where there is no name', needs, async (t) => {
  const client = await dial(t, certificates().server, trusting(), { host: '127.0.0.1' });
  assert.deepEqual(client.told, ['opened']);
});

test('an authority that is not known is told as certificate not trusted', needs, async (t) => {
  const client = await dial(t, certificates().server, {});
  assert.deepEqual(client.told, ['closed: certificate not trusted']);
});

test('a certificate for another name is told as a name mismatch', needs, async (t) => {
  const client = await dial(t, certificates().wrongName, trusting());
  assert.deepEqual(client.told, ['closed: certificate name mismatch']);
});

test('a certificate that ran out is told as expired', needs, async (t) => {
  const client = await dial(t, certificates().expired, trusting());
  assert.deepEqual(client.told, ['closed: certificate expired']);
});

test('a client certificate is presented, and the protocol of ALPN offered', needs, async (t) => {
  const { client: own, caText, server } = certificates();
  const cert = readFileSync(own.certificate, 'utf8');
  // Keys come as OpenSSL 1 and 3 write them.
  for (const type of ['pkcs1', 'pkcs8'] as const) {
    let seen = '';
    const read = createPrivateKey(readFileSync(own.key, 'utf8'));
    const key = String(read.export({ format: 'pem', type }));
    const recorder = await dial(t, server, trusting({ cert, key, alpn: 'x-test-mqtt' }), {
      ca: caText,
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['x-test-mqtt'],
      accept: (socket) => {
        seen = `${socket.getPeerCertificate().subject.CN} ${socket.alpnProtocol}`;
        socket.write('x');
      },
    });
    await recorder.until(() => recorder.text === 'x');
    assert.equal(seen, 'board x-test-mqtt', type);
  }
});

test('a key that is none is a local error that comes later', needs, async (t) => {
  const { client: own, server } = certificates();
  const cert = readFileSync(own.certificate, 'utf8');
  for (const key of [
    '',
    'no key',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
  ]) {
    const recorder = await dial(t, server, trusting({ cert, key }));
    const expected = key === '' ? 'opened' : 'closed: local error';
    assert.equal(recorder.told[0], expected);
  }
});

test('a server that wants a client certificate and gets none: tls failed', needs, async (t) => {
  const { caText } = certificates();
  const options = { ca: caText, requestCert: true, rejectUnauthorized: true };
  const client = await dial(t, certificates().server, trusting(), options);
  await client.until(() => client.has('closed'));
  assert.equal(client.told.at(-1), 'closed: tls failed');
});

test('a port that does not speak TLS is told as tls failed', async (t) => {
  for (const answer of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    t.after(() => server.close());
    const client = connect(liveNetworks().mqtts, target(await listen(server)));
    await client.until(() => client.has('closed'));
    assert.deepEqual(client.told, ['closed: tls failed']);
  }
});

test('credentials are read and checked before anything is tried', needs, () => {
  const { ca, client, clientOfEc, stranger } = certificates();
  const pair = { cert: client.certificate, key: client.key };
  const pairOfEc = { cert: clientOfEc.certificate, key: clientOfEc.key };
  const identity = readCredentials({ ca, ...pair, alpn: 'mqtt' });
  assert.match(identity.key ?? '', /PRIVATE KEY/);
  assert.equal(identity.alpn, 'mqtt');
  const refused: [Parameters<typeof readCredentials>[0], RegExp][] = [
    [{ ca: '/no/such/file' }, /^--ca '\/no\/such\/file' cannot be read: there is no such file$/],
    [{ ca: '/' }, /^--ca '\/' cannot be read: it is a directory$/],
    [{ ca: client.key }, /^--ca '.*' holds no PEM certificate/],
    [{ ...pair, key: client.certificate }, /^--key '.*' holds no PEM private key$/],
    [{ ...pair, key: stranger.key }, /^--key '.*' is not the key of the certificate --cert '/],
    [pairOfEc, /^--key '.*' cannot be used \(boards sign with RSA alone\) with --cert '.*'$/],
  ];
  for (const [files, message] of refused) {
    const isProblem = (error: unknown): boolean => error instanceof CredentialProblem;
    assert.throws(() => readCredentials(files), isProblem);
    assert.throws(() => readCredentials(files), { message });
  }
});
