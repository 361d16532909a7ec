import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderlyPower, OrderlyRadio, OrderlyWiFi } from '../../../firmware/network/orderly.ts';
import { SocketGate } from '../../../firmware/network/socket-gate.ts';
import type {
  AccessPointHandler,
  Radio,
  ResetReason,
  WiFi,
  WiFiHandler,
} from '../../../firmware/ports.ts';

const QUIET: WiFiHandler = { joined: assert.fail, failed: assert.fail };
const SETTINGS = { ssid: 'Mote-1B2C', password: 'password', channel: 6 };

/** A gate whose alarm a test rings. */
class Bench {
  readonly deeds: string[] = [];
  now = 0;
  at = Number.POSITIVE_INFINITY;
  sets = 0;
  stationHandler: WiFiHandler | undefined;
  accessPointHandler: AccessPointHandler | undefined;
  readonly gate: SocketGate;
  private ring: () => void = () => {};

  constructor() {
    const clock = { now: () => this.now, wall: () => 0, quality: () => 'none' as const };
    this.gate = new SocketGate(clock, (ring) => {
      this.ring = ring;
      return {
        set: (at) => {
          this.sets += 1;
          this.at = at;
        },
        clear: assert.fail,
      };
    });
  }

  /** Time passes; the alarm rings when it is due. */
  pass(ms: number): void {
    this.now += ms;
    if (this.now < this.at) return;
    this.at = Number.POSITIVE_INFINITY;
    this.ring();
  }

  get station(): WiFi {
    return {
      join: (handler) => {
        this.stationHandler = handler;
        this.deeds.push('join');
      },
      leave: () => this.deeds.push('leave'),
      link: () => ({ rssi: -50, channel: 6, bssid: '' }),
    };
  }

  get radio(): Radio {
    return {
      mac: new Uint8Array(6),
      station: () => this.station,
      scan: () => ({ cancel: () => this.deeds.push('scan is cancelled') }),
      openAccessPoint: ({ channel }, handler) => {
        this.accessPointHandler = handler;
        this.deeds.push(`open ${channel}`);
      },
      closeAccessPoint: () => this.deeds.push('close'),
    };
  }
}

test('a network is left once its closed sockets are released, and joined anew behind that', () => {
  const bench = new Bench();
  const wifi = new OrderlyWiFi(bench.station, bench.gate);
  wifi.join(QUIET);
  bench.gate.closing();
  wifi.leave();
  wifi.leave();
  wifi.join(QUIET);
  assert.deepEqual(bench.deeds, ['join']);
  bench.gate.released();
  assert.deepEqual(bench.deeds, ['join'], 'from the event loop only');
  bench.pass(0);
  assert.deepEqual(bench.deeds, ['join', 'leave', 'join']);
});

test('whoever leaves is told nothing any more, and has no link, while the radio still waits', () => {
  const bench = new Bench();
  const wifi = new OrderlyWiFi(bench.station, bench.gate);
  wifi.join(QUIET);
  bench.gate.closing();
  wifi.leave();
  bench.stationHandler?.failed('lost');
  bench.stationHandler?.joined();
  assert.equal(wifi.link(), undefined);
});

test('a join that is taken back while it waits is never made', () => {
  const bench = new Bench();
  const wifi = new OrderlyWiFi(bench.station, bench.gate);
  bench.gate.closing();
  wifi.join(QUIET);
  wifi.leave();
  bench.gate.released();
  bench.pass(0);
  assert.deepEqual(bench.deeds, ['leave']);
});

test('an access point is moved and closed once closed sockets are released', () => {
  const bench = new Bench();
  const radio = new OrderlyRadio(bench.radio, bench.gate);
  const counts: number[] = [];
  const handler = { opened() {}, stations: (count: number) => counts.push(count) };
  radio.openAccessPoint(SETTINGS, handler);
  bench.accessPointHandler?.stations(1);
  bench.gate.closing();
  const other = { ...handler };
  radio.openAccessPoint({ ...SETTINGS, channel: 11 }, other);
  // The one that was there has nothing to say to the new handler.
  bench.accessPointHandler?.stations(0);
  bench.gate.released();
  bench.pass(0);
  bench.gate.closing();
  radio.closeAccessPoint();
  radio.closeAccessPoint();
  bench.accessPointHandler?.stations(2);
  bench.pass(1999);
  assert.deepEqual(bench.deeds, ['open 6', 'open 11']);
  bench.pass(1);
  assert.deepEqual(bench.deeds, ['open 6', 'open 11', 'close']);
  assert.deepEqual(counts, [1]);
});

test('a restart waits like the rest, and comes once', () => {
  const bench = new Bench();
  let restarts = 0;
  const inner = {
    resetReason: 'watchdog' as ResetReason,
    restart: () => {
      restarts += 1;
    },
  };
  const power = new OrderlyPower(inner, bench.gate);
  bench.gate.closing();
  power.restart();
  power.restart();
  assert.equal(restarts, 0);
  bench.gate.released();
  bench.pass(0);
  power.restart();
  assert.deepEqual([restarts, power.resetReason], [1, 'watchdog']);
});

test('a station of the radio joins and tells through the gate as well, and has its link while joined', () => {
  const bench = new Bench();
  const radio = new OrderlyRadio(bench.radio, bench.gate);
  const wifi = radio.station({ ssid: new Uint8Array(4), password: 'password' });
  assert.equal(wifi.link(), undefined);
  const told: string[] = [];
  bench.gate.closing();
  wifi.join({ joined: () => told.push('joined'), failed: (reason) => told.push(reason) });
  assert.deepEqual(bench.deeds, []);
  bench.gate.released();
  bench.pass(0);
  bench.stationHandler?.joined();
  bench.stationHandler?.failed('lost');
  assert.deepEqual([bench.deeds, told], [['join'], ['joined', 'lost']]);
  assert.deepEqual(wifi.link(), { rssi: -50, channel: 6, bssid: '' });
  assert.equal(radio.mac.length, 6);
});

test('a join that follows another hears nothing of what the other one comes to', () => {
  const bench = new Bench();
  const wifi = new OrderlyWiFi(bench.station, bench.gate);
  wifi.join(QUIET);
  const first = bench.stationHandler;
  const told: string[] = [];
  wifi.join({ joined: () => told.push('joined'), failed: (reason) => told.push(reason) });
  first?.joined();
  first?.failed('lost');
  bench.stationHandler?.joined();
  assert.deepEqual(told, ['joined']);
});

test('an access point says that it is open and who is there, to the handler that it is for', () => {
  const bench = new Bench();
  const radio = new OrderlyRadio(bench.radio, bench.gate);
  const told: string[] = [];
  const handlerOf = (name: string) => ({
    opened: () => told.push(`${name} opened`),
    stations: (count: number) => told.push(`${name} ${count}`),
  });
  radio.openAccessPoint(SETTINGS, handlerOf('first'));
  const first = bench.accessPointHandler;
  first?.opened();
  radio.openAccessPoint(SETTINGS, handlerOf('second'));
  first?.opened();
  first?.stations(3);
  bench.accessPointHandler?.opened();
  bench.accessPointHandler?.stations(1);
  assert.deepEqual(told, ['first opened', 'second opened', 'second 1']);
  const { length } = told;
  radio.closeAccessPoint();
  bench.accessPointHandler?.opened();
  assert.equal(told.length, length);
});

test('an access point that is taken back while it waits is never opened', () => {
  const bench = new Bench();
  const radio = new OrderlyRadio(bench.radio, bench.gate);
  bench.gate.closing();
  radio.openAccessPoint(SETTINGS, { opened() {}, stations() {} });
  radio.closeAccessPoint();
  bench.gate.released();
  bench.pass(0);
  assert.deepEqual(bench.deeds, ['close']);
});

test('a network that is not joined is not left, nor an access point closed that is not open', () => {
  const bench = new Bench();
  new OrderlyWiFi(bench.station, bench.gate).leave();
  new OrderlyRadio(bench.radio, bench.gate).closeAccessPoint();
  assert.deepEqual(bench.deeds, []);
});

test('the gate’s alarm is set for the two seconds, and at once where the last socket is released', () => {
  const bench = new Bench();
  bench.now = 500;
  bench.gate.closing();
  bench.gate.whenReleased(() => bench.deeds.push('first'));
  assert.equal(bench.at, 2500);
  bench.gate.closing();
  bench.gate.released(1);
  assert.equal(bench.at, 2500);
  // What is asked for from what was done waits for its own two seconds.
  bench.gate.whenReleased(() => {
    bench.gate.closing();
    bench.gate.whenReleased(() => bench.deeds.push('second'));
  });
  bench.gate.released(1);
  assert.equal(bench.at, 0);
  bench.pass(100);
  assert.deepEqual([bench.deeds, bench.at], [['first'], 2600]);
  bench.pass(1999);
  assert.deepEqual(bench.deeds, ['first']);
  bench.pass(1);
  assert.deepEqual(bench.deeds, ['first', 'second']);
});

test('the gate’s alarm is left alone where nothing waits, and set anew where it rings early', () => {
  const bench = new Bench();
  bench.gate.closing();
  bench.gate.released();
  bench.gate.whenReleased(() => bench.deeds.push('at once'));
  assert.deepEqual([bench.deeds, bench.sets], [['at once'], 0]);
  bench.gate.closing();
  bench.gate.whenReleased(() => bench.deeds.push('later'));
  bench.at = 1000;
  bench.pass(1000);
  assert.deepEqual([bench.deeds, bench.at], [['at once'], 2000]);
  bench.pass(1000);
  assert.deepEqual([bench.deeds, bench.sets], [['at once', 'later'], 2]);
});

test('where one socket of two is released what waits goes on waiting', () => {
  const bench = new Bench();
  bench.gate.closing();
  bench.gate.closing();
  bench.gate.whenReleased(() => bench.deeds.push('done'));
  bench.gate.released();
  bench.pass(10);
  assert.deepEqual(bench.deeds, []);
  bench.gate.released();
  bench.pass(10);
  assert.deepEqual(bench.deeds, ['done']);
});

test('a scan is the radio’s own, and may be cancelled', () => {
  const bench = new Bench();
  const radio = new OrderlyRadio(bench.radio, bench.gate);
  radio.scan(() => {}).cancel();
  assert.deepEqual(bench.deeds, ['scan is cancelled']);
});
