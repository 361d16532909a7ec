/** Ways into a real Mosquitto, and what is said when there is none. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Scheme } from '../../firmware/ports.ts';
import { missing } from '../support/available.ts';
import { certificates } from '../support/certificates.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import type { Listener } from '../support/mosquitto-config.ts';
import { type LiveClientOptions, liveClient } from './live-client.ts';

const skip = missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'mosquitto_passwd', 'openssl');

/** Who the client is to the `mutual tls` listener. */
function identity(who: 'client' | 'stranger') {
  const { certificate, key } = certificates()[who];
  const [cert, secret] = [certificate, key].map((file) => readFileSync(file, 'utf8'));
  return { ca: certificates().caText, cert, key: secret };
}

describe('a client and Mosquitto', { skip, concurrency: true }, () => {
  let mosquitto: Mosquitto;
  before(async () => {
    const listeners = ['tls', 'mutual tls', 'websocket', 'websocket tls'] as const;
    mosquitto = await startMosquitto({ listeners });
  });
  after(() => mosquitto?.remove());

  const ways: readonly [string, Listener, Scheme, (() => LiveClientOptions['identity'])?][] = [
    ['TCP', 'tcp', 'mqtt'],
    ['TLS', 'tls', 'mqtts', () => ({ ca: certificates().caText })],
    ['TLS with a client certificate', 'mutual tls', 'mqtts', () => identity('client')],
    ['WebSocket', 'websocket', 'ws'],
    ['WebSocket over TLS', 'websocket tls', 'wss', () => ({ ca: certificates().caText })],
  ];
  for (const [name, listener, scheme, who] of ways) {
    for (const version of [4, 5] as const) {
      const spoken = version === 5 ? '5.0' : '3.1.1';
      test(`connect, publish and subscribe over ${name} in ${spoken}`, async (t) => {
        const clientId = `${listener.replace(' ', '-')}-${version}`;
        const port = mosquitto.port(listener);
        const client = liveClient(t, {
          ...{ clientId, port, scheme, version, identity: who?.(), host: 'localhost' },
        });
        await client.online();
        assert.deepEqual(client.connects, [`${version} false`]);
        const topic = `ways/${clientId}`;
        assert.deepEqual(await client.subscribe({ filter: topic, qos: 1 }), [1]);
        assert.deepEqual(await client.publish({ topic, payload: 'there and back' }), [0]);
        const message = await client.message(() => true);
        assert.deepEqual([message.topic, message.text], [topic, 'there and back']);
        await client.stop();
        assert.equal(client.supervisor.figures.lastErrorKind, 'none');
      });
    }
  }

  test('a client that may choose takes 5.0', async (t) => {
    const client = await liveClient(t, { clientId: 'auto', port: mosquitto.port() }).online();
    assert.deepEqual(client.connects, ['5 false']);
  });

  test('a certificate authority that is not trusted is named', async (t) => {
    const port = mosquitto.port('tls');
    const client = liveClient(t, { clientId: 'no-ca', port, scheme: 'mqtts', host: 'localhost' });
    assert.match(await client.ended(), /not signed by a trusted authority/);
    assert.equal(client.supervisor.figures.lastErrorKind, 'tls');
  });

  test('a server that wants a certificate refuses a client without one, and a stranger', async (t) => {
    const port = mosquitto.port('mutual tls');
    const nobody = { ca: certificates().caText };
    for (const [clientId, who] of [
      ['nobody', nobody],
      ['stranger', identity('stranger')],
    ] as const) {
      const client = liveClient(t, { clientId, port, scheme: 'mqtts', identity: who });
      const words = await client.ended();
      assert.match(words, /secure connection|closed|reset/, clientId);
      assert.deepEqual(client.connects, []);
    }
  });

  test('plain MQTT to a TLS port, and TLS to a plain port, end in words', async (t) => {
    const plain = liveClient(t, { clientId: 'plain', port: mosquitto.port('tls') });
    assert.match(await plain.ended(), /closed without answering|reset|MQTT forbids/);
    const port = mosquitto.port();
    const secure = liveClient(t, { clientId: 'secure', port, scheme: 'mqtts' });
    assert.equal(await secure.ended(), 'no secure connection could be agreed with the broker');
  });

  test('WebSocket to a port that does not speak it is refused in words', async (t) => {
    const client = liveClient(t, { clientId: 'no-ws', port: mosquitto.port(), scheme: 'ws' });
    assert.match(await client.ended(), /does not speak WebSocket|closed the connection|reset/);
  });

  test('a port where nothing listens is named, and tried again', async (t) => {
    const other = await startMosquitto();
    const port = other.port();
    await other.remove();
    const client = liveClient(t, { clientId: 'early', port });
    assert.equal(await client.ended(3), 'nothing listens on the port of the broker');
    assert.equal(client.supervisor.figures.lastErrorKind, 'connect');
  });
});

describe('certificates that do not fit', { skip, concurrency: true }, () => {
  for (const [serverCertificate, words] of [
    ['wrongName', 'the certificate of the broker is for another name'],
    ['expired', 'the certificate of the broker has expired, or the clock is wrong'],
  ] as const) {
    test(`${words}: said so, over TLS and over WebSocket`, async (t) => {
      const listeners = ['tls', 'websocket tls'] as const;
      const mosquitto = await startMosquitto({ listeners, serverCertificate });
      t.after(() => mosquitto.remove());
      for (const [listener, scheme] of [
        ['tls', 'mqtts'],
        ['websocket tls', 'wss'],
      ] as const) {
        const port = mosquitto.port(listener);
        const who = { ca: certificates().caText };
        const client = liveClient(t, { clientId: scheme, port, scheme, identity: who });
        assert.equal(await client.ended(), words);
        await client.stop();
      }
    });
  }
});

describe('a broker with passwords', { skip, concurrency: true }, () => {
  let mosquitto: Mosquitto;
  before(async () => {
    mosquitto = await startMosquitto({ credentials: { user: 'board', password: 'corréct' } });
  });
  after(() => mosquitto?.remove());

  for (const version of [4, 5] as const) {
    const spoken = version === 5 ? '5.0' : '3.1.1';
    test(`lets the right one in, and names a wrong one, in ${spoken}`, async (t) => {
      const as = (clientId: string, password: string) =>
        liveClient(t, {
          ...{ clientId: `${clientId}-${version}`, port: mosquitto.port(), version },
          ...{ username: 'board', password: Buffer.from(password) },
        });
      await as('right', 'corréct').online();
      const wrong = as('wrong', 'incorrect');
      assert.match(await wrong.ended(), /does not (accept this user|allow this device)/);
      assert.equal(wrong.supervisor.figures.lastErrorKind, 'refused');
      const nobody = liveClient(t, {
        ...{ clientId: `nobody-${version}`, port: mosquitto.port(), version },
      });
      assert.match(await nobody.ended(), /does not allow this device to connect/);
    });
  }
});
