/** The time over SNTP, against a server in virtual time that is written from the standard. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatagramHandler, JoinFailure, WiFiHandler } from '../../../firmware/ports.ts';
import { TimeService } from '../../../firmware/time/time-service.ts';
import { TimedWiFi } from '../../../firmware/wifi/timed-wifi.ts';
import { VirtualAlarm } from '../../../host-sim/virtual/alarm.ts';
import { VirtualClock } from '../../../host-sim/virtual/clock.ts';
import { Air, VirtualDatagrams } from '../../../host-sim/virtual/datagrams.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import { Internet, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import {
  FAIR,
  type Treatment,
  VirtualTimeServer,
  WRONG_SAYINGS,
} from '../../../host-sim/virtual/time-server.ts';

const BOARD = '10.0.1.1';
const SERVER = '10.0.0.123';
const NTP = { host: 'ntp.test', port: 123 };

class Bench {
  readonly queue = new EventQueue();
  readonly random = new SeededRandom(5);
  readonly clock = new VirtualClock(this.queue);
  readonly air = new Air(this.queue, this.random.fork('air'));
  readonly internet = new Internet(this.queue);
  readonly network = new VirtualNetwork(this.internet, this.random.fork('link'));
  readonly server = new VirtualTimeServer(this.queue, this.air, SERVER, () => {
    return this.clock.trueWall();
  });
  readonly datagrams = new VirtualDatagrams(this.air, BOARD);
  readonly offences: string[] = [];
  open = 0;
  /** No socket is free. */
  isFull = false;
  readonly service: TimeService;

  constructor() {
    this.internet.name(NTP.host, SERVER);
    this.server.onOffence = (_client, text) => this.offences.push(text);
    const alarm = new VirtualAlarm(this.queue, this.clock, () => {
      this.service.wake(this.clock.now());
      alarm.set(this.service.deadline());
    });
    this.service = new TimeService({
      clock: this.clock,
      random: this.random.fork('tokens'),
      datagrams: { bind: (port, received) => this.#bind(port, received) },
      resolve: (host, done) => this.network.resolve(host, done),
      changed: () => alarm.set(this.service.deadline()),
    });
  }

  treat(treatment: Partial<Treatment>): this {
    this.server.treat(BOARD, { ...FAIR, ...treatment });
    return this;
  }

  run(ms: number): this {
    this.queue.runFor(ms);
    return this;
  }

  get errorMs(): number {
    return Math.abs(this.clock.wall() - this.clock.trueWall());
  }

  #bind(port: number, received: DatagramHandler) {
    if (this.isFull) throw new Error('no socket');
    const socket = this.datagrams.bind(port, received);
    this.open += 1;
    let isOpen = true;
    return {
      port: socket.port,
      send: socket.send.bind(socket),
      close: () => {
        if (isOpen) this.open -= 1;
        isOpen = false;
        socket.close();
      },
    };
  }
}

test('a board that joins asks at once, and knows the time a moment later', () => {
  const bench = new Bench();
  assert.equal(bench.clock.quality(), 'none');
  bench.run(60_000);
  assert.equal(bench.server.asked, 0, 'nobody is asked without a network');
  bench.service.joined(NTP);
  bench.run(100);
  assert.equal(bench.clock.quality(), 'sync');
  assert.ok(bench.errorMs <= 2, `${bench.errorMs} ms`);
  assert.equal(bench.open, 0, 'no socket stays open');
});

test('an answer that is wrong in any field leaves the clock unknown; the first right one sets it', () => {
  for (const says of WRONG_SAYINGS) {
    const bench = new Bench().treat({ says });
    bench.service.joined(NTP);
    bench.run(600_000);
    assert.equal(bench.clock.quality(), 'none', says);
    bench.treat({}).run(960_000);
    assert.equal(bench.clock.quality(), 'sync', says);
    assert.ok(bench.errorMs <= 2, says);
    assert.deepEqual(bench.offences, [], says);
  }
});

test('a server that is silent, or slower than its answer is worth, is asked within reason', () => {
  for (const treatment of [{ isMute: true }, { delayMs: 4_500 }, { delayMs: 30_000 }] as const) {
    const bench = new Bench().treat(treatment);
    bench.service.joined(NTP);
    bench.run(3_600_000);
    assert.equal(bench.clock.quality(), 'none');
    assert.ok(bench.server.asked <= 63, `${bench.server.asked}`);
    bench.treat({}).run(61_000);
    assert.equal(bench.clock.quality(), 'sync');
    assert.deepEqual(bench.offences, []);
  }
});

test('an answer that took long is off by no more than half of that', () => {
  const bench = new Bench().treat({ delayMs: 3_000 });
  bench.service.joined(NTP);
  bench.run(5_000);
  assert.equal(bench.clock.quality(), 'sync');
  assert.ok(bench.errorMs <= 1_510, `${bench.errorMs} ms`);
});

test('a name that takes long to be looked up costs no accuracy, and one that fails is tried anew', () => {
  const bench = new Bench();
  bench.network.change({ dnsMsMin: 7_000, dnsMsMax: 7_000 });
  bench.service.joined(NTP);
  bench.run(7_100);
  assert.ok(bench.errorMs <= 2, `${bench.errorMs} ms`);
  for (const dns of ['fail', 'dead'] as const) {
    const other = new Bench();
    other.network.change({ dns });
    other.service.joined(NTP);
    other.run(9_500);
    other.network.change({ dns: 'answer' });
    other.run(12_000);
    assert.equal(other.clock.quality(), 'sync', dns);
  }
});

test('a server that goes years ahead moves the clock only when it insists, and back likewise', () => {
  const bench = new Bench();
  bench.service.joined(NTP);
  bench.run(1_000).treat({ offsetMs: 10 * 365 * 86_400_000 });
  bench.queue.runUntil(() => bench.server.asked === 2);
  bench.run(1_000).treat({});
  assert.ok(bench.errorMs <= 2, 'once is not enough');
  bench.run(3_600_000);
  assert.ok(bench.errorMs <= 2);
  bench.treat({ offsetMs: 100 * 86_400_000 });
  bench.run(24 * 3_600_000);
  assert.ok(bench.errorMs > 86_400_000, 'it insists');
  bench.treat({}).run(13 * 3_600_000);
  assert.ok(bench.errorMs <= 2, 'and is right again');
  assert.deepEqual(bench.offences, []);
});

test('answers from elsewhere than the server that was asked are not looked at', () => {
  const bench = new Bench().treat({ isMute: true });
  const stranger = new VirtualDatagrams(bench.air, '10.0.0.66').bind(123, () => {});
  bench.service.joined(NTP);
  bench.queue.runUntil(() => bench.server.asked === 1);
  for (let port = 49_152; port < 49_160; port += 1) {
    stranger.send(new Uint8Array(48).fill(0x24), 48, BOARD, port);
  }
  bench.run(1_000);
  assert.equal(bench.clock.quality(), 'none');
});

test('a board without a free socket asks later', () => {
  const bench = new Bench();
  bench.isFull = true;
  bench.service.joined(NTP);
  bench.run(2_000);
  bench.isFull = false;
  bench.run(2_000);
  assert.equal(bench.clock.quality(), 'sync');
});

/** A station that does as it is told. */
class Station {
  handler: WiFiHandler | undefined;
  readonly calls: string[] = [];

  join(handler: WiFiHandler): void {
    this.calls.push('join');
    this.handler = handler;
  }

  leave(): void {
    this.calls.push('leave');
  }

  link(): undefined {
    return undefined;
  }
}

test('the time is asked for while a station is joined, and no socket is open when it leaves', () => {
  const bench = new Bench().treat({ isMute: true });
  const station = new Station();
  const wifi = new TimedWiFi(station, bench.service, NTP);
  const told: string[] = [];
  const handler = {
    joined: () => told.push('joined'),
    failed: (why: JoinFailure) => told.push(why),
  };
  wifi.join(handler);
  assert.equal(bench.service.deadline(), Number.POSITIVE_INFINITY);
  station.handler!.joined();
  bench.run(100);
  assert.deepEqual([bench.server.asked, bench.open], [1, 1]);
  wifi.leave();
  assert.deepEqual([bench.open, bench.service.deadline()], [0, Number.POSITIVE_INFINITY]);
  wifi.join(handler);
  station.handler!.joined();
  bench.run(60_000);
  station.handler!.failed('lost');
  assert.deepEqual([bench.open, bench.service.deadline()], [0, Number.POSITIVE_INFINITY]);
  assert.deepEqual(told, ['joined', 'joined', 'lost']);
  assert.deepEqual(station.calls, ['join', 'leave', 'join']);
  assert.deepEqual(bench.offences, []);
});

test('a station that is not joined ends nothing when it leaves: another one may be', () => {
  const bench = new Bench().treat({ isMute: true });
  const [saved, tried] = [new Station(), new Station()];
  const wifi = new TimedWiFi(tried, bench.service, NTP);
  wifi.join({ joined() {}, failed() {} });
  tried.handler!.joined();
  bench.run(100);
  new TimedWiFi(saved, bench.service, NTP).leave();
  assert.equal(bench.open, 1);
});
