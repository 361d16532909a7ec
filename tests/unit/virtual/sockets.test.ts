import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SocketGate } from '../../../firmware/network/socket-gate.ts';
import type { CloseReason, Transport, TransportHandler } from '../../../firmware/ports.ts';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { VirtualAlarm } from '../../../host-sim/virtual/alarm.ts';
import { VirtualClock } from '../../../host-sim/virtual/clock.ts';
import { Air, VirtualDatagrams } from '../../../host-sim/virtual/datagrams.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import { VirtualListener } from '../../../host-sim/virtual/listener.ts';
import { Internet, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { VirtualPower } from '../../../host-sim/virtual/power.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { VirtualSockets } from '../../../host-sim/virtual/sockets.ts';
import { VirtualWiFi } from '../../../host-sim/virtual/wifi.ts';
import { HomeNetwork } from '../../../host-sim/virtual/world/home-network.ts';

const TARGET = { host: '', address: '10.0.0.1', port: 1883, path: '' };
const HOME = { ssid: Uint8Array.of(104), password: '' };

/** A board that has joined Wi-Fi, with a connection on it. */
class Bench {
  readonly queue = new EventQueue();
  readonly random = new SeededRandom(3);
  readonly panics: string[] = [];
  readonly ends: string[] = [];
  readonly sockets = new VirtualSockets(this.queue, this.random.fork('sockets'), (words) => {
    this.panics.push(words);
  });
  readonly internet = new Internet(this.queue);
  readonly network = new VirtualNetwork(this.internet, this.random.fork('link'));
  readonly wifi = new VirtualWiFi(
    this.queue,
    this.random.fork('wifi'),
    new HomeNetwork(this.random.fork('home')).look,
  );
  readonly transport: Transport;

  constructor() {
    this.network.sockets = this.sockets;
    this.wifi.sockets = this.sockets;
    this.wifi.network = this.network;
    this.internet.listen(TARGET.address, TARGET.port, () => {});
    this.wifi.told = (message) => {
      if (message === 'connect') this.wifi.address(undefined);
    };
    this.wifi.connect(HOME, undefined);
    this.queue.runUntil(() => this.wifi.isJoined);
    const handler: TransportHandler = {
      opened() {},
      readable() {},
      writable() {},
      closed: (reason: CloseReason) => this.ends.push(reason),
    };
    this.transport = this.network.connect(TARGET, handler);
    this.queue.runFor(100);
  }
}

test('Wi-Fi that is left in one go with a close makes the board panic, and later does not', () => {
  const hasty = new Bench();
  hasty.transport.close();
  hasty.wifi.disconnect();
  assert.deepEqual(hasty.panics, ['leaves Wi-Fi while 1 closed sockets are not released']);
  const patient = new Bench();
  patient.transport.close();
  patient.queue.runFor(50);
  patient.wifi.disconnect();
  assert.deepEqual(patient.panics, []);
});

test('a restart panics over a closed connection, listener or datagram socket', () => {
  const bench = new Bench();
  const listener = new VirtualListener(bench.internet);
  const datagrams = new VirtualDatagrams(new Air(bench.queue, bench.random));
  listener.sockets = bench.sockets;
  datagrams.sockets = bench.sockets;
  const closings = [
    bench.transport,
    listener.listen(80, () => undefined),
    datagrams.bind(53, () => {}),
  ];
  const power = new VirtualPower(RESET.powerOn, () => {}, bench.sockets);
  for (const socket of closings) {
    socket.close();
    socket.close();
    assert.equal(bench.sockets.held, 1);
    power.restart();
    bench.queue.runFor(50);
    power.restart();
  }
  assert.equal(bench.panics.length, 3);
});

test('Wi-Fi that goes away ends what is open on it, and says so', () => {
  const bench = new Bench();
  bench.wifi.lose();
  bench.queue.runFor(1);
  assert.deepEqual(bench.ends, ['network lost']);
  // The network took the socket along: nothing is left to be released.
  assert.equal(bench.sockets.held, 0);
});

test('the firmware hears of a release only after a quiet while, which is longer than it takes', () => {
  const bench = new Bench();
  const clock = new VirtualClock(bench.queue);
  const gate = new SocketGate(clock, (ring) => new VirtualAlarm(bench.queue, clock, ring));
  bench.sockets.powerUp(gate);
  let leftAt = 0;
  bench.transport.close();
  const closedAt = bench.queue.now;
  gate.whenReleased(() => {
    leftAt = bench.queue.now;
    bench.wifi.disconnect();
  });
  bench.queue.runFor(1000);
  assert.equal(leftAt - closedAt, 250);
  assert.deepEqual(bench.panics, []);
});

test('a power cut ends all of it without a word', () => {
  const bench = new Bench();
  bench.transport.close();
  bench.network.vanishAll();
  bench.wifi.powerOff();
  assert.deepEqual([bench.panics, bench.sockets.held], [[], 0]);
});
