/** TLS in the world: the firmware's trust against what servers of the world show. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloseReason } from '../../../firmware/ports.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import type { LinkConditions } from '../../../host-sim/virtual/link.ts';
import { Internet, type ServerEnd, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { TlsNetwork, TlsServer } from '../../../host-sim/virtual/tls.ts';
import { type IdentityKind, identitiesFor } from '../../../host-sim/virtual/tls-identities.ts';
import { End } from './two-ends.ts';

const HOST = 'broker.test';
const ADDRESS = '10.0.0.1';
const NOW = Date.UTC(2026, 5, 1);

const guard = (call: () => void) => call();

function world(shows: IdentityKind, conditions: Partial<LinkConditions> = {}, now?: number) {
  const queue = new EventQueue();
  const internet = new Internet(queue);
  const below = new VirtualNetwork(internet, new SeededRandom(1), conditions);
  const tls = new TlsServer(queue, new SeededRandom(2), identitiesFor(HOST));
  tls.shows = shows;
  const server = new End();
  let accepted: ServerEnd | undefined;
  internet.listen(ADDRESS, 8883, (end) =>
    tls.accept(end, (secured) => {
      accepted = secured;
      server.transport = secured;
      secured.handler = server;
    }),
  );
  const { identities } = tls;
  const random = new SeededRandom(3);
  const options = { queue, random, identities, now: () => now, guard };
  const network = new TlsNetwork(below, options);
  const device = new End();
  const target = { host: HOST, address: ADDRESS, port: 8883, path: '/' };
  device.transport = network.connect(target, device);
  queue.runFor(10_000);
  return { queue, device, server, below, accepted: () => accepted };
}

test('a good server is connected to, and bytes go both ways, whatever the pieces', () => {
  for (const bytes of [1, 3, 1460]) {
    const link = { fragmentBytesMin: bytes, fragmentBytesMax: bytes, sendBufferBytes: 200 };
    const { queue, device, server } = world('good', link, NOW);
    assert.deepEqual(device.calls, ['opened'], `${bytes}`);
    assert.equal(device.write(1, 2, 3), 3);
    queue.runFor(1000);
    assert.deepEqual(server.bytes, [1, 2, 3]);
    const many = Array.from({ length: 3000 }, (_, i) => i & 0xff);
    let sent = 0;
    while (sent < many.length) {
      sent += server.write(...many.slice(sent));
      queue.runFor(1000);
    }
    assert.deepEqual(device.bytes, many);
  }
});

test('each server that is not to be trusted is refused with the words for it, before the broker', () => {
  const cases: [IdentityKind, CloseReason][] = [
    ['expired', 'certificate expired'],
    ['foreign', 'certificate not trusted'],
    ['wrong name', 'certificate name mismatch'],
    ['common name', 'certificate has no names'],
    ['for clients', 'certificate not for servers'],
    ['over-long', 'certificate malformed'],
    ['hostile', 'certificate malformed'],
    ['another key', 'tls failed'],
  ];
  for (const [shows, reason] of cases) {
    const { device, accepted } = world(shows, {}, NOW);
    assert.deepEqual(device.calls, [`closed: ${reason}`]);
    assert.equal(accepted(), undefined);
  }
});

test('a certificate that is large, and else good, is taken', () => {
  assert.deepEqual(world('large', {}, NOW).device.calls, ['opened']);
});

test('without the time the verdict waits for it', () => {
  assert.deepEqual(world('good').device.calls, ['closed: clock not set']);
});

test('what a server wrote before it closed is read first, and a reset is told', () => {
  const { queue, device, server, below } = world('good', {}, NOW);
  device.reads = false;
  server.write(7, 8, 9);
  server.transport.close();
  queue.runFor(1000);
  assert.deepEqual(device.calls, ['opened', 'readable']);
  device.readAll();
  queue.runFor(1000);
  assert.deepEqual(device.bytes, [7, 8, 9]);
  assert.equal(device.calls.at(-1), 'closed: closed by peer');
  const other = world('good', {}, NOW);
  other.below.resetAll();
  other.queue.runFor(1000);
  assert.equal(other.device.calls.at(-1), 'closed: reset');
  assert.equal(below.attempts, 1);
});

test('a server that closes in the middle of the handshake is told as TLS that failed', () => {
  const link = { latencyMsMin: 50, latencyMsMax: 50 };
  const queue = new EventQueue();
  const internet = new Internet(queue);
  const below = new VirtualNetwork(internet, new SeededRandom(1), link);
  internet.listen(ADDRESS, 8883, (end) => queue.after(10, () => end.close()));
  const identities = identitiesFor(HOST);
  const random = new SeededRandom(3);
  const options = { queue, random, identities, now: () => NOW, guard };
  const device = new End();
  const target = { host: HOST, address: ADDRESS, port: 8883, path: '/' };
  device.transport = new TlsNetwork(below, options).connect(target, device);
  queue.runFor(5000);
  assert.deepEqual(device.calls, ['closed: tls failed']);
});
