/** The check of settings against a real Mosquitto, over real TLS: each verdict by its word. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Deadlines } from '../../firmware/base/deadlines.ts';
import { type DeviceConfig, defaultConfig } from '../../firmware/device/config.ts';
import { SettingsCheck } from '../../firmware/device/settings-check.ts';
import type { Scheme } from '../../firmware/ports.ts';
import { LiveAlarm } from '../../host-sim/live/alarm.ts';
import { LiveClock } from '../../host-sim/live/clock.ts';
import { liveNetworks, type TlsIdentity } from '../../host-sim/live/network.ts';
import { LiveRadio } from '../../host-sim/live/radio.ts';
import { LiveRandom } from '../../host-sim/live/random.ts';
import { missing } from '../support/available.ts';
import { certificates } from '../support/certificates.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

const skip = missing('mosquitto', 'mosquitto_sub', 'mosquitto_passwd', 'openssl');
const CREDENTIALS = Object.freeze({ user: 'mote', password: 'secret' });

interface Tried {
  readonly port: number;
  readonly scheme?: Scheme;
  readonly host?: string;
  readonly identity?: TlsIdentity;
  readonly config?: Partial<DeviceConfig>;
}

/** Checks, and gives `stage: verdict`. */
function verdict({ port, scheme = 'mqtt', host, identity, config }: Tried): Promise<string> {
  const clock = new LiveClock();
  const radio = new LiveRadio({ mac: Uint8Array.of(2, 0, 0, 0, 0, 1), delayMs: 1 });
  const ssid = new Uint8Array(Buffer.from('Home'));
  return new Promise((resolve) => {
    const alarm = new LiveAlarm(clock, () => check.wake());
    const check = new SettingsCheck({
      deadlines: Deadlines.ofDevice(),
      clock,
      random: new LiveRandom(),
      scram: undefined,
      network: liveNetworks(identity)[scheme],
      wifi: radio.station({ ssid, password: 'mote-demo' }),
      config: {
        ...defaultConfig(`check-${port}-${scheme}`),
        user: CREDENTIALS.user,
        password: new Uint8Array(Buffer.from(CREDENTIALS.password)),
        broker: { scheme, host: host ?? 'localhost', port, path: '/' },
        ...config,
      },
      observer: {
        stage() {},
        changed: () => alarm.set(check.deadline()),
        ended: (failure, stage) => {
          alarm.clear();
          resolve(`${stage}: ${failure ?? 'ok'}`);
        },
      },
    });
    check.start();
  });
}

/** A web server, and one that waits for a line that MQTT never sends. */
async function webServer() {
  const web = createServer((_request, response) => response.end('hello'));
  const mute = createTcpServer((socket) => socket.on('error', () => {}).resume());
  for (const server of [web, mute]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const portOf = (server: typeof mute) => (server.address() as AddressInfo).port;
  const close = () => {
    web.close();
    mute.close();
  };
  return { port: portOf(web), mutePort: portOf(mute), close };
}

describe('the check of settings and Mosquitto', { skip, concurrency: true }, () => {
  let mosquitto: Mosquitto;
  before(async () => {
    const listeners = ['tls', 'mutual tls', 'websocket'] as const;
    mosquitto = await startMosquitto({ listeners, credentials: CREDENTIALS });
  });
  after(() => mosquitto?.remove());

  test('what works is signed in to, over TCP, TLS and WebSocket, and said goodbye to', async () => {
    const ca = { ca: certificates().caText };
    assert.equal(await verdict({ port: mosquitto.port() }), 'sign in: ok');
    const tls = mosquitto.port('tls');
    assert.equal(await verdict({ port: tls, scheme: 'mqtts', identity: ca }), 'sign in: ok');
    const socket = mosquitto.port('websocket');
    assert.equal(await verdict({ port: socket, scheme: 'ws' }), 'sign in: ok');
    const lines = mosquitto.log().split('\n');
    assert.ok(lines.some((line) => /Received DISCONNECT from check-/.test(line)));
    assert.ok(!lines.some((line) => /closed its connection/.test(line) && /check-/.test(line)));
  });

  test('a wrong password is refused, in both versions', async () => {
    const password = new Uint8Array(Buffer.from('wrong'));
    for (const version of [4, 5] as const) {
      const config = { password, version, id: `wrong-${version}` };
      assert.equal(await verdict({ port: mosquitto.port(), config }), 'sign in: sign-in refused');
    }
  });

  test('an authority that is not trusted, and a name that is not on the certificate', async () => {
    const port = mosquitto.port('tls');
    assert.equal(await verdict({ port, scheme: 'mqtts' }), 'connect: certificate');
    const identity = { ca: certificates().caText };
    const host = '127.0.0.2';
    const answer = await verdict({ port, scheme: 'mqtts', identity, host });
    assert.match(answer, /connect: (certificate|nothing answers)/);
  });

  test('a broker that asks for a certificate gets none, or one that it does not know', async () => {
    const port = mosquitto.port('mutual tls');
    const { caText: ca, stranger, client } = certificates();
    const read = ({ certificate, key }: typeof client) => {
      return { ca, cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
    };
    const tried = { port, scheme: 'mqtts' } as const;
    assert.equal(await verdict({ ...tried, identity: { ca } }), 'connect: tls');
    assert.equal(await verdict({ ...tried, identity: read(stranger) }), 'connect: tls');
    assert.equal(await verdict({ ...tried, identity: read(client) }), 'sign in: ok');
  });

  test('a port that is for something else says so: each of four ways on each kind of port', async () => {
    const identity = { ca: certificates().caText };
    const web = await webServer();
    const ports = {
      mqtt: mosquitto.port(),
      tls: mosquitto.port('tls'),
      websocket: mosquitto.port('websocket'),
      web: web.port,
      mute: web.mutePort,
    };
    const wanted: Record<Scheme, Partial<Record<keyof typeof ports, string>>> = {
      mqtt: {
        tls: 'sign in: not mqtt',
        websocket: 'sign in: not mqtt',
        web: 'sign in: not mqtt',
        mute: 'sign in: silent',
      },
      mqtts: { mqtt: 'connect: tls', websocket: 'connect: tls', web: 'connect: tls' },
      ws: {
        mqtt: 'connect: not websocket',
        tls: 'connect: not websocket',
        web: 'connect: not websocket',
      },
      wss: {
        mqtt: 'connect: tls',
        tls: 'connect: not websocket',
        websocket: 'connect: tls',
        web: 'connect: tls',
      },
    };
    const tries = (Object.keys(wanted) as Scheme[]).flatMap((scheme) => {
      return (Object.keys(wanted[scheme]) as (keyof typeof ports)[]).map(async (kind) => {
        const said = await verdict({ port: ports[kind], scheme, identity });
        return [`${scheme} on ${kind}`, said, wanted[scheme][kind]];
      });
    });
    const told = await Promise.all(tries);
    web.close();
    assert.deepEqual(
      told.map(([what, said]) => `${what}, ${said}`),
      told.map(([what, , expected]) => `${what}, ${expected}`),
    );
  });

  test('encryption that was forgotten, or is too much, and a port where nothing is', async () => {
    const tls = mosquitto.port('tls');
    assert.match(await verdict({ port: tls }), /^sign in: not mqtt$/);
    assert.equal(await verdict({ port: mosquitto.port(), scheme: 'mqtts' }), 'connect: tls');
    assert.equal(await verdict({ port: 1 }), 'connect: nothing answers');
    assert.equal(await verdict({ port: 1, host: 'no.such.invalid' }), 'resolve: name not found');
  });
});
