/** A scripted phone and a board's listener and datagrams, in virtual time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport, TransportHandler } from '../../../firmware/ports.ts';
import { HttpServer } from '../../../firmware/provisioning/http/server.ts';
import { Air, VirtualDatagrams } from '../../../host-sim/virtual/datagrams.ts';
import { EventQueue, type Scheduled } from '../../../host-sim/virtual/event-queue.ts';
import type { LinkConditions } from '../../../host-sim/virtual/link.ts';
import { PORTAL_ADDRESS, VirtualListener } from '../../../host-sim/virtual/listener.ts';
import { Internet, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { GET, LONG_PAGE } from '../../support/http-bench.ts';
import { answerIn } from '../../support/http-stream.ts';
import { utf8 } from '../../support/mqtt-bytes.ts';
import { End } from './two-ends.ts';

const TARGET = Object.freeze({ host: '', address: PORTAL_ADDRESS, port: 80, path: '' });

/** A board that serves the long page, as the portal will: one alarm, wakes at its deadline. */
class Board {
  readonly queue: EventQueue;
  readonly server = new HttpServer(LONG_PAGE);
  readonly listener: VirtualListener;
  #alarm: Scheduled | undefined;

  constructor(queue: EventQueue, air: Internet) {
    this.queue = queue;
    this.listener = new VirtualListener(air);
    this.listener.listen(80, (transport) => this.#take(transport));
  }

  #take(transport: Transport): TransportHandler {
    const { server, queue } = this;
    const connection = server.accept(transport, queue.now);
    const then = (act: () => void) => () => {
      act();
      this.#arm();
    };
    this.#arm();
    const pump = then(() => server.pump(connection, queue.now));
    const closed = then(() => server.closed(connection, queue.now));
    return { opened() {}, readable: pump, writable: pump, closed };
  }

  #arm(): void {
    this.#alarm?.cancel();
    const at = this.server.deadline();
    if (at === Number.POSITIVE_INFINITY) return;
    this.#alarm = this.queue.at(at, () => {
      this.server.wake(this.queue.now);
      this.#arm();
    });
  }
}

class Phone {
  readonly transport: Transport;
  text = '';
  ended = false;
  readonly #into = new Uint8Array(2000);

  constructor(network: VirtualNetwork, request: string, reads = true) {
    const read = () => {
      for (;;) {
        const count = reads ? this.transport.read(this.#into, 0, this.#into.length) : 0;
        if (count === 0) return;
        this.text += String.fromCharCode(...this.#into.subarray(0, count));
      }
    };
    this.transport = network.connect(TARGET, {
      opened: () => this.say(request),
      readable: read,
      writable() {},
      closed: () => {
        this.ended = true;
      },
    });
  }

  say(text: string): void {
    this.transport.write(utf8(text), 0, utf8(text).length);
  }
}

function setUpNetwork(conditions?: Partial<LinkConditions>) {
  const queue = new EventQueue();
  const random = new SeededRandom(7);
  const air = new Internet(queue);
  const board = new Board(queue, air);
  const phoneLink = (label: string) => new VirtualNetwork(air, random.fork(label), conditions);
  return { queue, random, board, phoneLink };
}

test('a phone gets the page, whatever its link does to the bytes', () => {
  for (const conditions of [
    {},
    { fragmentBytesMin: 1, fragmentBytesMax: 1 },
    { latencyMsMax: 80, fragmentBytesMin: 1, fragmentBytesMax: 700 },
    { sendBufferBytes: 100, receiveBufferBytes: 64 },
    { bytesPerSecond: 20_000 },
  ]) {
    const { queue, board, phoneLink } = setUpNetwork(conditions);
    const phone = new Phone(phoneLink('phone'), GET);
    queue.runFor(5000);
    assert.equal(answerIn(phone.text).body.length, 20_000);
    assert.ok(phone.ended);
    assert.equal(board.server.connections, 0);
  }
});

test('fifty slow phones keep a fifty-first from the page for less than five seconds', () => {
  const { queue, board, phoneLink } = setUpNetwork({ latencyMsMin: 2, latencyMsMax: 30 });
  const requests = ['', 'GET / HT', GET.slice(0, -2), GET];
  const slow = Array.from({ length: 50 }, (_, i) => {
    return new Phone(phoneLink(`slow ${i}`), requests[i % requests.length], false);
  });
  const trickle = () => {
    for (const [i, phone] of slow.entries()) if (i % 4 === 1) phone.say('X');
    if (queue.now < 10_000) queue.after(500, trickle);
  };
  trickle();
  queue.runFor(300);
  const phone = new Phone(phoneLink('phone'), GET);
  const asked = queue.now;
  assert.ok(queue.runUntil(() => phone.ended, asked + 5000));
  assert.equal(answerIn(phone.text).body.length, 20_000);
  assert.ok(board.server.connections <= 10);
  queue.runFor(60_000);
  assert.equal(board.server.connections, 0, 'all of them are let go');
});

test('a board whose power is cut is silent to its phones, and can listen again', () => {
  const { queue, board, phoneLink } = setUpNetwork();
  const phone = new Phone(phoneLink('phone'), 'GET /');
  queue.runFor(100);
  board.listener.vanishAll();
  queue.runFor(20_000);
  assert.ok(!phone.ended);
  const refused = new End();
  refused.transport = phoneLink('again').connect(TARGET, refused);
  queue.runFor(100);
  assert.deepEqual(refused.calls, ['closed: refused']);
  board.listener.listen(80, () => undefined);
});

test('what accept does not want is closed, and close ends the listening alone', () => {
  const queue = new EventQueue();
  const air = new Internet(queue);
  const listener = new VirtualListener(air);
  const listening = listener.listen(80, () => undefined);
  assert.equal(listening.port, 80);
  const link = new VirtualNetwork(air, new SeededRandom(1));
  const unwanted = new End();
  unwanted.transport = link.connect(TARGET, unwanted);
  queue.runFor(100);
  assert.deepEqual(unwanted.calls, ['opened', 'closed: closed by peer']);
  listening.close();
  listener.listen(80, () => undefined);
});

test('datagrams arrive later, whole, with their sender, and only where one is bound', () => {
  const queue = new EventQueue();
  const air = new Air(queue, new SeededRandom(1));
  const heard: string[] = [];
  const bytes = Uint8Array.of(1, 2, 3);
  const board = new VirtualDatagrams(air).bind(53, (received, length, address, port) => {
    heard.push(`${[...received.subarray(0, length)]} of ${address} ${port}`);
    board.send(Uint8Array.of(9), 1, address, port);
  });
  const phone = new VirtualDatagrams(air, '192.168.4.2');
  const one = phone.bind(0, (received) => heard.push(`${[...received]} back`));
  const two = phone.bind(0, () => heard.push('nothing'));
  assert.notEqual(one.port, two.port);
  one.send(bytes, 2, PORTAL_ADDRESS, 53);
  one.send(bytes, 2, PORTAL_ADDRESS, 54);
  bytes.fill(0);
  assert.deepEqual(heard, []);
  queue.runFor(10);
  assert.deepEqual(heard, [`1,2 of 192.168.4.2 ${one.port}`, '9 back']);
  assert.throws(() => new VirtualDatagrams(air).bind(53, () => {}), /address in use/);
});

test('lossy air loses some, and a closed or vanished socket sends and hears nothing', () => {
  const queue = new EventQueue();
  const air = new Air(queue, new SeededRandom(1), {
    ...{ latencyMsMin: 1, latencyMsMax: 50, lossPercent: 30 },
  });
  let heard = 0;
  const board = new VirtualDatagrams(air);
  board.bind(53, () => {
    heard += 1;
  });
  const phone = new VirtualDatagrams(air, '192.168.4.2').bind(0, () => {});
  const send = () => {
    for (let i = 0; i < 1000; i += 1) phone.send(Uint8Array.of(1), 1, PORTAL_ADDRESS, 53);
  };
  send();
  queue.runFor(100);
  assert.ok(heard > 600 && heard < 800, `${heard} of 1000`);
  heard = 0;
  send();
  board.vanishAll();
  queue.runFor(100);
  phone.close();
  board.bind(53, () => {
    heard += 1;
  });
  send();
  queue.runFor(100);
  assert.equal(heard, 0);
});
