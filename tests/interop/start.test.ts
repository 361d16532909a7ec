/** The command that a user types: `npm start`, run as a process against real brokers. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { failureOfCause } from '../../firmware/link/failures.ts';
import { missing } from '../support/available.ts';
import { certificates } from '../support/certificates.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import type { MosquittoOptions } from '../support/mosquitto-config.ts';
import type { ReceivedMessage } from '../support/mosquitto-sub.ts';
import { closedPort, listen } from '../unit/live/transport-harness.ts';
import { Started } from './start-process.ts';

const needs = { skip: missing('mosquitto', 'mosquitto_sub') };
const needsTls = { skip: missing('mosquitto', 'mosquitto_sub', 'openssl') };

function start(t: TestContext, ...args: string[]): Started {
  const started = new Started(...args);
  t.after(() => started.child.kill('SIGKILL'));
  return started;
}

async function broker(t: TestContext, options: MosquittoOptions = {}) {
  const mosquitto = await startMosquitto(options);
  t.after(() => mosquitto.remove());
  return mosquitto;
}

/** The sequence numbers of all readings, whether live or in an array of the backlog. */
function sequences(messages: readonly ReceivedMessage[]): number[] {
  return messages
    .filter(({ topic }) => topic.endsWith('/telemetry') || topic.endsWith('/history'))
    .flatMap(({ text }) => JSON.parse(text) as { seq: number } | { seq: number }[])
    .map(({ seq }) => seq);
}

function statuses(messages: readonly ReceivedMessage[]): string[] {
  return messages.filter(({ topic }) => topic.endsWith('/status')).map(({ text }) => text);
}

test('without a broker it runs one of its own, and every reading is acknowledged [3.1.1 MQTT-7.0.0-2]', async (t) => {
  const run = start(t, '--duration', '3s', '--interval', '200ms', '--id', 'desk', '--json');
  assert.equal(await run.ended, 0, run.err);
  const { events } = run;
  for (const event of events) {
    assert.equal(event.device, 'desk');
    assert.equal(new Date(event.at).toISOString(), event.at);
  }
  const connected = events.find(({ event }) => event === 'connected')!;
  assert.equal(connected.version, '3.1.1');
  assert.equal(connected.sessionPresent, false);
  const acknowledged = run.count('acknowledged', '/telemetry');
  assert.ok(acknowledged >= 5, `${acknowledged} acknowledged`);
  const summary = events.at(-1)!;
  assert.equal(summary.event, 'summary');
  assert.equal(summary.accepted, summary.acknowledged);
  assert.equal(summary.acknowledged, acknowledged);
  assert.equal(summary.dropped, 0);
  assert.equal(summary.reconnects, 0);
});

test(
  'against Mosquitto an independent subscriber sees online, readings, offline',
  needs,
  async (t) => {
    const mosquitto = await broker(t);
    const watcher = await mosquitto.subscribe('mote/#', { retainAsPublished: true });
    const args = ['--broker', mosquitto.url(), '--id', 'desk', '--interval', '200ms', '--json'];
    const run = start(t, ...args);
    await run.until(() => run.count('acknowledged', '/telemetry') >= 5);
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0, run.err);
    await watcher.waitUntil((messages) => statuses(messages).includes('offline'));
    assert.deepEqual(statuses(watcher.messages), ['online', 'offline']);
    const summary = run.events.at(-1)!;
    const expected = Array.from({ length: summary.accepted as number }, (_, index) => index + 1);
    assert.deepEqual(sequences(watcher.messages), expected);
    assert.equal(run.events.find(({ event }) => event === 'connected')?.version, '5.0');
    assert.equal(run.count('disconnected'), 1);
  },
);

test('a board that is told to restart is no failure, and its books go on', needs, async (t) => {
  const mosquitto = await broker(t);
  const run = start(
    t,
    '--broker',
    mosquitto.url(),
    '--id',
    'desk',
    '--interval',
    '100ms',
    '--json',
  );
  await run.until(() => run.count('acknowledged', '/telemetry') >= 3);
  await mosquitto.publish('mote/desk/command/reboot', '');
  await run.until(() => run.count('connected') === 2);
  await run.until(() => run.count('acknowledged', '/telemetry') >= 8);
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 0, run.err);
  assert.deepEqual(run.problems, []);
  const { accepted, published, acknowledged } = run.events.at(-1)!;
  assert.equal(acknowledged, accepted);
  assert.equal(
    published,
    run.count('published', '/telemetry') + run.count('published', '/history'),
  );
});

test('when the process is killed the broker says lost', needs, async (t) => {
  const mosquitto = await broker(t);
  const watcher = await mosquitto.subscribe('mote/desk/status');
  const run = start(t, '--broker', mosquitto.url(), '--id', 'desk', '--json', '--mqtt', '3.1.1');
  await watcher.waitFor(({ text }) => text === 'online', 20_000);
  run.child.kill('SIGKILL');
  assert.equal(await run.ended, 'SIGKILL');
  await watcher.waitFor(({ text }) => text === 'lost', 20_000);
});

test('a broker that goes away and comes back loses no reading', needs, async (t) => {
  const mosquitto = await broker(t, { persistence: 'on every change' });
  const watcher = await mosquitto.subscribe('mote/#', { persistentId: 'watcher' });
  const args = ['--broker', mosquitto.url(), '--id', 'desk', '--interval', '100ms', '--json'];
  const run = start(t, ...args);
  await run.until(() => run.count('acknowledged', '/telemetry') >= 3);
  await mosquitto.stop();
  await run.until(() => run.count('disconnected') >= 2);
  await mosquitto.start();
  await run.until(() => run.count('connected') === 2);
  const before = run.count('acknowledged');
  await run.until(() => run.count('acknowledged') >= before + 10);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0, run.err);
  const { accepted, acknowledged, dropped, reconnects } = run.events.at(-1)!;
  assert.equal(acknowledged, accepted);
  assert.equal(dropped, 0);
  assert.equal(reconnects, 1);
  const expected = Array.from({ length: accepted as number }, (_, index) => index + 1);
  const complete = (messages: readonly ReceivedMessage[]) =>
    new Set(sequences(messages)).size === expected.length;
  await watcher.waitUntil(complete, 10_000);
  const outage = run.problems.filter((line) => line.includes('; retrying'));
  assert.ok(outage.length >= 1 && outage.length <= 3, run.err);
});

for (const [listener, host] of [
  ['tls', 'mqtts'],
  ['mutual tls', 'mqtts'],
  ['websocket', 'ws'],
  ['websocket tls', 'wss'],
] as const) {
  test(`a broker is reached over ${listener}, with user and password`, needsTls, async (t) => {
    const credentials = { user: 'ann', password: 'p@ss' };
    const mosquitto = await broker(t, { listeners: [listener], credentials });
    const { ca, client } = certificates();
    const url = `${host}://ann:p%40ss@localhost:${mosquitto.port(listener)}`;
    const trust = host === 'ws' ? [] : ['--ca', ca];
    const mutual = listener === 'mutual tls';
    const own = mutual ? ['--cert', client.certificate, '--key', client.key] : [];
    const args = ['--broker', url, ...trust, ...own, '--duration', '2s', '--interval', '100ms'];
    const run = start(t, ...args, '--json', '--quiet');
    assert.equal(await run.ended, 0, run.err);
    assert.equal(run.events.length, 1);
    const [summary] = run.events;
    assert.ok((summary.acknowledged as number) >= 5, run.out);
    assert.equal(summary.acknowledged, summary.accepted);
  });
}

test('twenty devices in one process: every reading of every one is acknowledged', async (t) => {
  const run = start(t, '--devices', '20', '--id', 'f', '--duration', '3s', '--json');
  assert.equal(await run.ended, 0, run.err);
  const devices = run.events.filter(({ event }) => event === 'connected').map((e) => e.device);
  const ids = Array.from({ length: 20 }, (_, n) => `f-${String(n + 1).padStart(3, '0')}`);
  assert.deepEqual([...new Set(devices)].sort(), ids);
  const summary = run.events.at(-1)!;
  assert.ok((summary.accepted as number) >= 40, run.out.slice(-300));
  assert.equal(summary.acknowledged, summary.accepted);
});

test('bad options end with code 2 and one line', async (t) => {
  for (const [args, expected] of [
    [['--interval', 'banana'], /^mote: --interval 'banana' is not a time; expected/],
    [['--broker', 'http://x'], /^mote: --broker 'http:\/\/x' is not a broker; expected/],
    [['--broker', 'mqtts://h', '--ca', '/no/such'], /^mote: --ca '\/no\/such' cannot be read/],
  ] as const) {
    const run = start(t, ...args);
    assert.equal(await run.ended, 2);
    assert.equal(run.problems.length, 1, run.err);
    assert.match(run.problems[0], expected);
    assert.equal(run.out, '');
  }
});

test('a wrong password ends with code 1 and one line, in both versions', needs, async (t) => {
  const mosquitto = await broker(t, { credentials: { user: 'ann', password: 'right' } });
  for (const version of ['5', '3.1.1']) {
    const args = ['--broker', mosquitto.url(), '--user', 'ann', '--password', 'wrong'];
    const run = start(t, ...args, '--mqtt', version);
    assert.equal(await run.ended, 1);
    assert.equal(run.problems.length, 1, run.err);
    assert.match(run.problems[0], /does not (accept|allow).*; check --user and --password$/);
  }
});

const refused = [
  ['foreign', 'certificate not trusted'],
  ['expired', 'certificate expired'],
  ['wrongName', 'certificate name mismatch'],
  ['commonName', 'certificate has no names'],
  ['notForServers', 'certificate not for servers'],
] as const;
for (const [serverCertificate, cause] of refused) {
  test(`${cause}: ends with code 1 and the words of the firmware`, needsTls, async (t) => {
    const mosquitto = await broker(t, { listeners: ['tls', 'websocket tls'], serverCertificate });
    for (const [scheme, listener] of [
      ['mqtts', 'tls'],
      ['wss', 'websocket tls'],
    ] as const) {
      const url = `${scheme}://localhost:${mosquitto.port(listener)}`;
      const run = start(t, '--broker', url, '--ca', certificates().ca);
      assert.equal(await run.ended, 1);
      const { words } = failureOfCause(cause);
      const path = scheme === 'wss' ? '/mqtt' : '';
      assert.deepEqual(run.problems, [`mote: ${url}${path}: ${words}`]);
    }
  });
}

test('a chain of RSA certificates is trusted as one of ECDSA is', needsTls, async (t) => {
  const mosquitto = await broker(t, { listeners: ['tls'], serverCertificate: 'rsa' });
  const url = `mqtts://localhost:${mosquitto.port('tls')}`;
  const args = ['--broker', url, '--ca', certificates().ca, '--duration', '1s', '--json'];
  const run = start(t, ...args);
  assert.equal(await run.ended, 0, run.err);
  assert.equal(run.count('connected'), 1);
});

test(
  'without --ca the authorities of the system are trusted, and ours is none',
  needsTls,
  async (t) => {
    const mosquitto = await broker(t, { listeners: ['tls'] });
    const run = start(t, '--broker', `mqtts://localhost:${mosquitto.port('tls')}`);
    assert.equal(await run.ended, 1);
    assert.equal(run.problems.length, 1, run.err);
    assert.match(run.problems[0], /not signed by a trusted authority$/);
  },
);

test('a broker that is down is retried with one line, and never connecting is a failure', async (t) => {
  const url = `mqtt://127.0.0.1:${await closedPort(createServer())}`;
  const run = start(t, '--broker', url, '--duration', '4s', '--json');
  assert.equal(await run.ended, 1);
  assert.ok(run.count('disconnected') >= 2, 'it tried again');
  assert.deepEqual(run.problems, [
    `mote: ${url}: nothing listens on the port of the broker; retrying`,
    `mote: ${url}: never connected: nothing listens on the port of the broker`,
  ]);
  assert.equal(run.events.at(-1)?.event, 'summary');
});

test('a broker that answers garbage is named in one line, and retried', async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  t.after(() => server.close());
  const url = `mqtt://127.0.0.1:${await listen(server)}`;
  const run = start(t, '--broker', url, '--duration', '4s', '--quiet');
  assert.equal(await run.ended, 1);
  assert.ok(connections >= 2, `${connections} connections`);
  const [first, last, ...more] = run.problems;
  assert.match(first, /the broker sent something that MQTT forbids.*; retrying$/);
  assert.match(last, /never connected/);
  assert.deepEqual(more, []);
});

test('a reader that goes away ends the run without noise', async (t) => {
  const run = start(t, '--interval', '50ms', '--json');
  await run.until(() => run.count('acknowledged') > 0);
  run.child.stdout.destroy();
  assert.equal(await run.ended, 0);
  assert.deepEqual(run.problems, []);
});

test('a second Ctrl-C does not wait for a broker that has gone silent', needs, async (t) => {
  const mosquitto = await broker(t);
  const run = start(t, '--broker', mosquitto.url(), '--interval', '100ms', '--json');
  await run.until(() => run.count('acknowledged', '/telemetry') >= 1);
  mosquitto.pause();
  run.child.kill('SIGINT');
  // Two signals close together are one key press that a parent process has handed on.
  await sleep(100);
  run.child.kill('SIGINT');
  await sleep(800);
  assert.equal(run.child.exitCode, null, 'the goodbye is still under way');
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 130);
});

/** An SNTP server whose clock is wrong by this, or that never answers. */
async function timeServer(t: TestContext, offsetS: number | undefined): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    if (offsetS === undefined) return;
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 1;
    question.copy(answer, 24, 40, 48);
    answer.writeUInt32BE(Math.floor(Date.now() / 1000) + offsetS + 2_208_988_800, 40);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

interface Stamped {
  readonly tq: string;
  readonly ts?: number;
}

test('boards that are told a time server know no other time than its own', needs, async (t) => {
  const mosquitto = await broker(t);
  const year = 365 * 86_400;
  for (const offsetS of [year, undefined]) {
    const watcher = await mosquitto.subscribe(`mote/ntp-${offsetS ?? 'mute'}/telemetry`);
    const args = ['--broker', mosquitto.url(), '--interval', '200ms', '--duration', '2s'];
    const server = await timeServer(t, offsetS);
    const run = start(t, ...args, '--id', `ntp-${offsetS ?? 'mute'}`, '--time-server', server);
    assert.equal(await run.ended, 0, run.err);
    await watcher.waitUntil((messages) => messages.length >= 5);
    const readings = watcher.messages.map(({ text }) => JSON.parse(text) as Stamped);
    // On a busy machine readings may be ahead of the first answer: those have no time.
    const isAsked = offsetS !== undefined;
    assert.equal(readings.at(-1)?.tq, isAsked ? 'sync' : 'none');
    for (const { tq, ts } of readings) {
      assert.equal(ts === undefined, tq === 'none', `${tq} ${ts}`);
      if (ts !== undefined) assert.ok(Math.abs(ts - Date.now() / 1000 - year) < 20, `${ts}`);
    }
  }
});

test(
  'over TLS nothing is tried before the time is known, and that is said',
  needsTls,
  async (t) => {
    const mosquitto = await broker(t, { listeners: ['tls'] });
    const server = await timeServer(t, undefined);
    const url = `mqtts://localhost:${mosquitto.port('tls')}`;
    const args = ['--broker', url, '--ca', certificates().ca, '--time-server', server];
    const run = start(t, ...args, '--duration', '23s');
    assert.equal(await run.ended, 1);
    assert.match(run.err, /waiting for the time: certificates cannot be checked without it/);
    assert.doesNotMatch(mosquitto.log(), /New connection from/);
  },
);

test(
  'over TLS with a time server the board is online as soon as it has the time',
  needsTls,
  async (t) => {
    const mosquitto = await broker(t, { listeners: ['tls'] });
    const server = await timeServer(t, 0);
    const url = `mqtts://localhost:${mosquitto.port('tls')}`;
    const args = ['--broker', url, '--ca', certificates().ca, '--time-server', server];
    const run = start(t, ...args, '--duration', '3s', '--json');
    assert.equal(await run.ended, 0, run.err);
    assert.ok(run.count('acknowledged', '/telemetry') >= 2, run.out);
    assert.deepEqual(run.problems, []);
  },
);
